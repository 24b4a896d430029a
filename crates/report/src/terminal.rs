//! The summary for a terminal: campaigns as a table, one paragraph each, what was left alone, what cannot be seen.
//!
//! The table keeps its shape where it fits and falls into a list where it does not. Invariant: no line is longer than
//! the width, but for single words; colour only repeats what the words say.

use stillwatch_detect::campaign::{Campaign, Verdict};

use crate::number::{count, count_of, decimal, percent};
use crate::story::{self, closed, headline};
use crate::summary::Summary;
use crate::text::{name, sentence, short_name, shorten};

/// Below this width everything but words would break.
const WIDTH_MIN: usize = 40;
/// Widest paragraph: longer lines are hard to read.
const PARAGRAPH_MAX: usize = 100;
/// Cleared groups told; the page lists the rest.
const GROUPS_TOLD: usize = 8;
/// Room between two columns.
const GAP: &str = "  ";
const HEADS: [&str; 9] =
    ["campaign", "accounts", "exchanges", "days", "taken", "technique", "confidence", "advised", "worth"];
/// Columns whose text may continue on a second line, and how narrow they may become.
const ELASTIC: [(usize, usize); 3] = [(8, 16), (5, 14), (4, 12)];

/// The findings as text for a terminal of `width` columns; `color` adds ANSI escapes.
///
/// The same arguments give the same bytes. Text from traffic cannot send escapes of its own.
pub fn terminal(summary: &Summary, campaigns: &[Campaign], width: usize, color: bool) -> String {
    let mut screen = Screen { out: String::new(), width: width.max(WIDTH_MIN), color };
    screen.heading(&sentence(&summary.title));
    screen.paragraph(&headline(summary, campaigns));
    if !campaigns.is_empty() {
        screen.blank();
        screen.table(campaigns);
    }
    for campaign in campaigns {
        screen.blank();
        screen.heading(&name(&campaign.id));
        screen.paragraph(&story::paragraph(campaign).join(" "));
    }
    screen.left_alone(summary);
    screen.blind_spots(summary);
    screen.rows_unused(summary);
    screen.out
}

struct Screen {
    out: String,
    width: usize,
    color: bool,
}

impl Screen {
    fn blank(&mut self) {
        self.out.push('\n');
    }

    fn heading(&mut self, text: &str) {
        let text = shorten(text, self.width);
        let line = self.painted(&text, "1");
        self.line(&line);
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn painted(&self, text: &str, code: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }

    fn paragraph(&mut self, text: &str) {
        self.hanging("", text);
    }

    fn item(&mut self, text: &str) {
        self.hanging("- ", text);
    }

    /// Text broken between words; lines after the first stand below the text, not below the mark.
    fn hanging(&mut self, mark: &str, text: &str) {
        let room = self.width.min(PARAGRAPH_MAX) - mark.chars().count();
        for (index, line) in wrapped(text, room).iter().enumerate() {
            let start = if index == 0 { mark.to_string() } else { " ".repeat(mark.chars().count()) };
            self.line(&format!("{start}{line}"));
        }
    }

    fn table(&mut self, campaigns: &[Campaign]) {
        let rows: Vec<Vec<String>> = campaigns.iter().map(cells).collect();
        let Some(widths) = fitted(&rows, self.width) else { return self.list(&rows) };
        let heads: Vec<String> = HEADS.iter().map(|head| head.to_string()).collect();
        let line = self.painted(&aligned(&heads, &widths), "2");
        self.line(&line);
        for (row, campaign) in rows.iter().zip(campaigns) {
            for text in folded(row, &widths) {
                // The verdict is in the words; the colour only helps the eye.
                let text = if campaign.verdict >= Verdict::Throttle { self.painted(&text, "33") } else { text };
                self.line(&text);
            }
        }
    }

    fn list(&mut self, rows: &[Vec<String>]) {
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.blank();
            }
            for (head, cell) in HEADS.iter().zip(row) {
                self.hanging(&format!("{head:<12}"), cell);
            }
        }
    }

    fn left_alone(&mut self, summary: &Summary) {
        let groups = &summary.groups_examined;
        self.blank();
        self.heading("Looked at and left alone");
        if groups.is_empty() {
            return self.paragraph("No other linked group was large enough to be looked at.");
        }
        for group in groups.iter().take(GROUPS_TOLD) {
            self.item(&format!(
                "{} ({}, {}): {}",
                sentence(&group.what),
                count_of(group.accounts, "account"),
                count_of(group.exchanges, "exchange"),
                closed(&group.reason_cleared)
            ));
        }
        if groups.len() > GROUPS_TOLD {
            let more = count_of((groups.len() - GROUPS_TOLD) as u64, "more group");
            self.paragraph(&format!("… and {more} in report.html."));
        }
    }

    fn blind_spots(&mut self, summary: &Summary) {
        self.blank();
        self.heading("What this scan cannot see");
        for spot in summary.blind_spots_all() {
            self.item(&closed(spot));
        }
        for (column, cost) in &summary.columns_missing {
            self.item(&format!("Column {} is missing: {}", name(column), closed(cost)));
        }
    }

    fn rows_unused(&mut self, summary: &Summary) {
        self.blank();
        let rows = summary.exchanges.saturating_add(summary.rows_rejected).saturating_add(summary.duplicates);
        self.paragraph(&format!(
            "Of {}, {} could not be used ({}) and {} repeated an earlier exchange; {} seconds, Stillwatch {}.",
            count_of(rows, "row"),
            count(summary.rows_rejected),
            percent(summary.rows_rejected, rows),
            count(summary.duplicates),
            decimal((summary.seconds * 10.0).round() / 10.0),
            name(&summary.version)
        ));
        for (reason, rows) in &summary.rejected_reasons {
            self.item(&format!("{}: {}", sentence(reason), count_of(*rows, "row")));
        }
    }
}

fn cells(campaign: &Campaign) -> Vec<String> {
    let held = if campaign.held_back.is_some() { " (held back)" } else { "" };
    vec![
        short_name(&campaign.id, 24),
        count(campaign.accounts.len() as u64),
        count(campaign.exchanges),
        count(story::days_active(campaign)),
        story::targets(campaign).unwrap_or_else(|| "not known".to_string()),
        story::techniques(campaign).unwrap_or_else(|| "no name yet".to_string()),
        campaign.confidence.to_string(),
        format!("{}{held}", story::verdict(campaign.verdict)),
        story::worth(campaign),
    ]
}

/// Widths of the columns within `width`, narrowing the elastic ones; none where that is not enough.
fn fitted(rows: &[Vec<String>], width: usize) -> Option<Vec<usize>> {
    let length = |text: &str| text.chars().count();
    let mut widths: Vec<usize> = HEADS.iter().map(|head| length(head)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(length(cell));
        }
    }
    let mut excess = (widths.iter().sum::<usize>() + GAP.len() * (HEADS.len() - 1)).saturating_sub(width);
    for (column, least) in ELASTIC {
        let cut = excess.min(widths[column].saturating_sub(least));
        widths[column] -= cut;
        excess -= cut;
    }
    (excess == 0).then_some(widths)
}

/// One row of the table as one or more lines: cells that are too long continue below.
fn folded(row: &[String], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrapped(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let part = |line: usize| -> Vec<String> {
        let cell =
            |(cell, width): (&Vec<String>, &usize)| cell.get(line).map_or(String::new(), |text| shorten(text, *width));
        cells.iter().zip(widths).map(cell).collect()
    };
    (0..height).map(|line| aligned(&part(line), widths)).collect()
}

/// Numbers to the right, words to the left.
fn aligned(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, width))| match column {
            1..=3 | 6 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        })
        .collect();
    padded.join(GAP).trim_end().to_string()
}

fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + word_length <= room => {
                line.push(' ');
                line.push_str(word);
                length += 1 + word_length;
            }
            _ => {
                lines.push(word.to_string());
                length = word_length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_wrap() {
        let check = |text: &str, room, expect: &[&str]| assert_eq!(wrapped(text, room), expect);
        check("", 10, &[]);
        check("one two three", 7, &["one two", "three"]);
        check("a verylongword b", 5, &["a", "verylongword", "b"]);
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word(text in any::<String>(), room in 1usize..80) {
            let lines = wrapped(&text, room);
            let words: Vec<&str> = text.split_whitespace().collect();
            prop_assert_eq!(lines.join(" "), words.join(" "));
            prop_assert!(lines.iter().all(|line| line.chars().count() <= room || !line.contains(' ')));
        }
    }
}
