//! Pictures as SVG: days, hours of the day, and seen against expected.
//!
//! A picture is drawn once for each of a few widths and the style sheet shows the one that fits, because text inside a
//! scaled picture would become too small on a telephone. Invariants: no meaning by colour alone (shape, place or words
//! say it too); every picture has a title and a description; coordinates are rounded, so the bytes are the same
//! everywhere.

use maud::{Markup, html};

use crate::number::{count, decimal};

pub mod days;
pub mod hours;
pub mod rows;

/// Height of a line of text inside a picture.
pub const LINE: f64 = 16.0;

/// One drawing of a picture: its width in its own units, and a name that is unique on the page.
pub struct Canvas {
    /// Width.
    pub width: f64,
    /// Unique name, from which the ids of title and description are made.
    pub key: String,
}

/// A picture in several widths, of which the style sheet shows one.
pub fn figure(key: &str, widths: &[u32], caption: &Markup, draw: impl Fn(&Canvas) -> Markup) -> Markup {
    html! {
        figure {
            @for width in widths {
                div class={ "drawing w" (width) } {
                    (draw(&Canvas { width: f64::from(*width), key: format!("{key}-{width}") }))
                }
            }
            figcaption { (caption) }
        }
    }
}

/// The frame of a picture, with its title and description for those who cannot see it.
pub fn svg(canvas: &Canvas, height: f64, title: &str, description: &str, body: &Markup) -> Markup {
    html! {
        svg viewBox={ "0 0 " (at(canvas.width)) " " (at(height)) } role="img"
            aria-labelledby={ (canvas.key) "-title " (canvas.key) "-desc" } {
            title id={ (canvas.key) "-title" } { (title) }
            desc id={ (canvas.key) "-desc" } { (description) }
            (body)
        }
    }
}

/// Text at a place; `anchor` is `start`, `middle` or `end`.
pub fn label(x: f64, y: f64, anchor: &str, class: &str, text: &str) -> Markup {
    html! { text x=(at(x)) y=(at(y)) text-anchor=(anchor) class=(class) { (text) } }
}

/// A straight line.
pub fn line(from: (f64, f64), to: (f64, f64), class: &str) -> Markup {
    html! { path class=(class) d={ "M" (at(from.0)) " " (at(from.1)) "L" (at(to.0)) " " (at(to.1)) } {} }
}

/// A coordinate with one decimal.
pub fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// A round number at or above the largest value, and the step of two to four grid lines.
pub fn ceiling(largest: f64) -> (f64, f64) {
    if !largest.is_finite() || largest <= 0.0 {
        return (1.0, 1.0);
    }
    let unit = 10f64.powf((largest.log10() + 1e-9).floor());
    let step = [0.5, 1.0, 2.5, 5.0].into_iter().map(|part| part * unit).find(|step| largest / step <= 3.0);
    let step = step.unwrap_or(5.0 * unit);
    ((largest / step - 1e-9).ceil() * step, step)
}

/// A number on an axis: short, so that it fits the margin.
pub fn tick(value: f64) -> String {
    match value {
        _ if value >= 1e6 => format!("{} M", decimal(value / 1e6)),
        _ if value >= 100.0 => count(value.round() as u64),
        _ => decimal(value),
    }
}

/// A strip of bars with its own scale from zero.
pub struct Panel<'a> {
    /// Heights of the bars, from left to right.
    pub values: &'a [f64],
    /// Left end of the strip.
    pub left: f64,
    /// Right end of the strip.
    pub right: f64,
    /// Top of the strip.
    pub top: f64,
    /// Height of the strip.
    pub height: f64,
    /// Class of the bars.
    pub class: &'a str,
}

impl Panel<'_> {
    /// Width of one bar with its gap.
    pub fn slot(&self) -> f64 {
        (self.right - self.left) / self.values.len().max(1) as f64
    }

    /// Grid, numbers and bars; `largest` sets the scale, `unit` follows each number.
    pub fn draw(&self, largest: f64, unit: &str) -> Markup {
        let (top_value, step) = ceiling(largest);
        let base = self.top + self.height;
        let lines = (top_value / step).round() as u32;
        let gap = if self.slot() >= 4.0 { (self.slot() * 0.2).min(4.0) } else { 0.0 };
        let mut path = String::new();
        for (position, value) in self.values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            // The least visible height: a day with one exchange must not look like a day with none.
            let height = (self.height * value / top_value).max(1.0);
            let left = self.left + self.slot() * position as f64 + gap / 2.0;
            path.push_str(&format!(
                "M{} {}h{}v{}h-{}z",
                at(left),
                at(base - height),
                at(self.slot() - gap),
                at(height),
                at(self.slot() - gap)
            ));
        }
        html! {
            @for index in 0..=lines {
                @let y = base - self.height * f64::from(index) / f64::from(lines);
                (line((self.left, y), (self.right, y), if index == 0 { "base" } else { "grid" }))
                (label(self.left - 6.0, y + 4.0, "end", "tick", &format!("{}{unit}", tick(step * f64::from(index)))))
            }
            path class=(self.class) d=(path) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_are_round_and_never_below() {
        let check = |largest, expect: (f64, f64)| assert_eq!(ceiling(largest), expect);
        check(0.0, (1.0, 1.0));
        check(f64::NAN, (1.0, 1.0));
        check(3.0, (3.0, 1.0));
        check(10.0, (10.0, 5.0));
        check(8_940.0, (10_000.0, 5_000.0));
        check(110_233.0, (150_000.0, 50_000.0));
        check(240.0, (300.0, 100.0));
    }

    #[test]
    fn coordinates_have_one_decimal() {
        let check = |value, expect: &str| assert_eq!(at(value), expect);
        check(1.0, "1");
        check(1.26, "1.3");
        check(-0.01, "0");
    }

    #[test]
    fn axis_numbers_are_short() {
        let check = |value, expect: &str| assert_eq!(tick(value), expect);
        check(0.0, "0");
        check(2_500.0, "2,500");
        check(1_500_000.0, "1.5 M");
    }
}
