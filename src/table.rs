//! Tables of short texts: aligned for a terminal, or as Markdown.

/// Rows of equal length under a heading; the first column is left-aligned, numbers are right-aligned.
#[derive(Debug, Clone, Default)]
pub struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts with a heading.
    pub fn new(heading: &[&str]) -> Self {
        Self { heading: heading.iter().map(|text| (*text).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row; it must have as many cells as the heading.
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.heading.len(), "a row has one cell for each heading");
        self.rows.push(cells);
    }

    fn widths(&self) -> Vec<usize> {
        let cells = |column: usize| self.rows.iter().chain([&self.heading]).map(move |row| row[column].chars().count());
        (0..self.heading.len()).map(|column| cells(column).max().unwrap_or(0)).collect()
    }

    /// Whether every cell of a column looks like a number (or is empty).
    fn is_number(&self, column: usize) -> bool {
        let looks =
            |cell: &str| cell.is_empty() || cell.starts_with(|c: char| c.is_ascii_digit() || "−-–<≤".contains(c));
        column > 0 && self.rows.iter().all(|row| looks(&row[column]))
    }

    fn line(&self, row: &[String], between: &str) -> String {
        let pad = |(column, (cell, width)): (usize, (&String, usize))| {
            let space = " ".repeat(width - cell.chars().count());
            if self.is_number(column) { format!("{space}{cell}") } else { format!("{cell}{space}") }
        };
        row.iter().zip(self.widths()).enumerate().map(pad).collect::<Vec<_>>().join(between)
    }

    /// Aligned with spaces; every line ends without any.
    pub fn plain(&self) -> String {
        let lines = [&self.heading].into_iter().chain(&self.rows);
        lines.map(|row| format!("{}\n", self.line(row, "  ").trim_end())).collect()
    }

    /// As a Markdown table.
    pub fn markdown(&self) -> String {
        let rule = |(column, width): (usize, usize)| {
            if self.is_number(column) { format!("{}:", "-".repeat(width.max(2) - 1)) } else { "-".repeat(width.max(2)) }
        };
        let rules: Vec<String> = self.widths().into_iter().enumerate().map(rule).collect();
        let mut text = format!("| {} |\n| {} |\n", self.line(&self.heading, " | "), rules.join(" | "));
        for row in &self.rows {
            text.push_str(&format!("| {} |\n", self.line(row, " | ")));
        }
        text
    }
}

/// A whole number with thin groups of three, e.g. `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as a percentage: `100 %`, `97.3 %`, `0.042 %`.
pub fn percent(ratio: f64) -> String {
    let percent = 100.0 * ratio;
    match percent {
        p if p == 0.0 || p == 100.0 => format!("{p:.0} %"),
        p if p < 0.1 => format!("{p:.4} %"),
        // Rounding must not turn "nearly all" into "all".
        p if p > 99.9 => format!("{:.3} %", (p * 1000.0).floor() / 1000.0),
        p => format!("{p:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_align_words_left_and_numbers_right() {
        let mut table = Table::new(&["class", "accounts", "verdict"]);
        table.row(vec!["office".into(), "7".into(), "none".into()]);
        table.row(vec!["é".into(), "1,200".into(), "".into()]);
        assert_eq!(table.plain(), "class   accounts  verdict\noffice         7  none\né          1,200\n");
        let expect = "| class  | accounts | verdict |\n| ------ | -------: | ------- |\n\
                      | office |        7 | none    |\n| é      |    1,200 |         |\n";
        assert_eq!(table.markdown(), expect);
    }

    #[test]
    fn numbers_are_written_for_people() {
        let shown: Vec<String> = [0, 999, 1_000, 1_234_567].map(count).into();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        let shown: Vec<String> = [0.0, 1.0, 0.9734, 0.99999, 0.00042, 0.999999].map(percent).into();
        assert_eq!(shown, ["0 %", "100 %", "97.3 %", "99.999 %", "0.0420 %", "99.999 %"]);
    }
}
