//! Seen against expected, one row each: a diamond where it was expected, a disc where it was seen, a bar between.
//!
//! A bar from zero would lie on a logarithmic scale, where zero has no place; a bar between two marks is right on both.

use maud::{Markup, html};

use super::{Canvas, at, ceiling, figure, label, line, svg, tick};
use crate::number::decimal;
use crate::text::short_name;

/// One row of the picture.
pub struct Row {
    /// What is counted.
    pub name: String,
    /// Seen.
    pub seen: f64,
    /// Expected.
    pub expected: f64,
}

/// From this ratio on between the largest and the smallest number the scale is logarithmic.
const RATIO_LINEAR_MAX: f64 = 30.0;
/// Least number on a logarithmic scale: below it stands "less than".
const LOG_FLOOR: f64 = 0.01;
const ROW: f64 = 44.0;

/// The picture with its caption; `noun` names the unit of the axis.
pub fn draw(title: &str, noun: &str, rows: &[Row], key: &str) -> Markup {
    let scale = Scale::for_rows(rows);
    let caption = html! {
        "Disc: seen. Diamond: expected. The axis counts " (noun)
        @if scale.is_log { "; each step to the right is ten times more." } @else { ", from zero." }
    };
    figure(key, &[480, 340], &caption, |canvas| picture(title, rows, &scale, canvas))
}

struct Scale {
    is_log: bool,
    low: f64,
    high: f64,
}

impl Scale {
    fn for_rows(rows: &[Row]) -> Self {
        let values = || rows.iter().flat_map(|row| [row.seen, row.expected]).filter(|value| value.is_finite());
        let largest = values().fold(1.0, f64::max);
        let smallest = values().fold(largest, f64::min).max(LOG_FLOOR);
        if largest / smallest <= RATIO_LINEAR_MAX {
            return Scale { is_log: false, low: 0.0, high: ceiling(largest).0 };
        }
        let power = |value: f64, nudge: f64| 10f64.powf((value.log10() + nudge).floor());
        Scale { is_log: true, low: power(smallest, 1e-9), high: 10.0 * power(largest, -1e-9) }
    }

    /// Place of a value, 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let value = if value.is_finite() { value.clamp(self.low, self.high) } else { self.low };
        if self.is_log { (value / self.low).log10() / (self.high / self.low).log10() } else { value / self.high }
    }

    fn ticks(&self) -> Vec<f64> {
        if self.is_log {
            let powers = (self.high / self.low).log10().round() as i32;
            return (0..=powers).map(|power| self.low * 10f64.powi(power)).collect();
        }
        let step = ceiling(self.high).1;
        (0..=(self.high / step).round() as u32).map(|index| step * f64::from(index)).collect()
    }
}

fn picture(title: &str, rows: &[Row], scale: &Scale, canvas: &Canvas) -> Markup {
    let (left, right) = (14.0, canvas.width - 14.0);
    let x = |value: f64| left + (right - left) * scale.place(value);
    let bottom = 4.0 + ROW * rows.len() as f64;
    let body = html! {
        @for value in scale.ticks() {
            @let anchor = if value <= scale.low { "start" } else if value >= scale.high { "end" } else { "middle" };
            @let nudge = match anchor { "start" => -8.0, "end" => 8.0, _ => 0.0 };
            (line((x(value), 22.0), (x(value), bottom), "grid"))
            (label(x(value) + nudge, bottom + 16.0, anchor, "tick", &tick(value)))
        }
        @for (index, row) in rows.iter().enumerate() {
            @let y = 4.0 + ROW * index as f64 + 30.0;
            rect.clear x="0" y=(at(y - 28.0)) width=(at(canvas.width)) height="20" {}
            (label(0.0, y - 14.0, "start", "name", &short_name(&row.name, if canvas.width < 400.0 { 21 } else { 34 })))
            (label(canvas.width, y - 14.0, "end", "value",
                &format!("{} seen, {} expected", decimal(row.seen), rounded(row.expected))))
            (line((left, y), (right, y), "grid"))
            (line((x(row.expected), y), (x(row.seen), y), "between"))
            @let diamond = x(row.expected);
            path.expected d={ "M" (at(diamond)) " " (at(y - 6.5)) "l6.5 6.5l-6.5 6.5l-6.5 -6.5z" } {}
            circle.seen cx=(at(x(row.seen))) cy=(at(y)) r="5.5" {}
        }
    };
    let description: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{}: {} seen, {} expected", short_name(&row.name, 34), decimal(row.seen), rounded(row.expected))
        })
        .collect();
    svg(canvas, bottom + 22.0, title, &format!("{}.", description.join("; ")), &body)
}

/// An expectation with as many digits as it deserves.
fn rounded(value: f64) -> String {
    match value {
        _ if value > 0.0 && value < LOG_FLOOR => "under 0.01".to_string(),
        _ if value >= 10.0 => decimal(value.round()),
        _ => decimal((value * 100.0).round() / 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(pairs: &[(f64, f64)]) -> Scale {
        let rows: Vec<Row> = pairs
            .iter()
            .map(|(seen, expected)| Row { name: String::new(), seen: *seen, expected: *expected })
            .collect();
        Scale::for_rows(&rows)
    }

    #[test]
    fn the_scale_is_logarithmic_only_where_it_must_be() {
        let check = |pairs: &[(f64, f64)], is_log, low, high| {
            let scale = scale(pairs);
            assert_eq!((scale.is_log, scale.low, scale.high), (is_log, low, high));
        };
        check(&[(12.0, 298.0)], false, 0.0, 300.0);
        check(&[(300.0, 0.4)], true, 0.1, 1_000.0);
        check(&[(100.0, 0.0)], true, 0.01, 100.0);
        check(&[(f64::NAN, f64::INFINITY)], false, 0.0, 1.0);
        check(&[], false, 0.0, 1.0);
    }

    #[test]
    fn every_value_has_a_place_inside() {
        for value in [f64::NAN, -1.0, 0.0, 0.4, 300.0, 1e300, f64::INFINITY] {
            for scale in [scale(&[(300.0, 0.4)]), scale(&[(12.0, 298.0)])] {
                assert!((0.0..=1.0).contains(&scale.place(value)));
            }
        }
    }
}
