//! Hours of the day: the campaign as bars, the platform as a line, both as shares of their own total.

use maud::{Markup, html};
use stillwatch_traffic::exchange::Timestamp;

use super::{Canvas, LINE, Panel, at, ceiling, figure, label, svg};
use crate::number::{clock, decimal};

/// The picture with its caption; `origin` is where hour 0 begins.
pub fn draw(campaign: &[u64], platform: &[u64], origin: Timestamp, key: &str) -> Markup {
    if campaign.iter().sum::<u64>() == 0 || campaign.len() != 24 {
        return html! { p.soft { "No numbers by hour are known." } };
    }
    let first = first_hour(origin);
    let bars = shares(campaign, first);
    let outline = shares(platform, first);
    let caption = html! {
        "Bars: share of the campaign’s exchanges in each hour. Line: the same share for the whole platform. "
        "The campaign’s quietest hour holds " (decimal(round(least(&bars)))) " % of its day, the platform’s "
        (decimal(round(least(&outline)))) " %; an even day would hold 4.2 % in each."
    };
    figure(key, &[480, 340], &caption, |canvas| {
        picture(&bars, &outline, origin.0 + first as i64 * Timestamp::HOUR, canvas)
    })
}

/// Which of the hours, counted from the origin, begins first in the UTC day.
fn first_hour(origin: Timestamp) -> usize {
    let into_day = origin.0.rem_euclid(Timestamp::DAY);
    ((24 - into_day / Timestamp::HOUR) % 24) as usize
}

/// Per cent of the total in each hour, starting with `first`; 24 values.
fn shares(hours: &[u64], first: usize) -> Vec<f64> {
    let total = hours.iter().sum::<u64>().max(1) as f64;
    (0..24).map(|hour| 100.0 * hours.get((hour + first) % 24).copied().unwrap_or(0) as f64 / total).collect()
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn picture(bars: &[f64], outline: &[f64], start: i64, canvas: &Canvas) -> Markup {
    let panel =
        Panel { values: bars, left: 46.0, right: canvas.width - 4.0, top: LINE, height: 130.0, class: "bar campaign" };
    let largest = bars.iter().chain(outline).copied().fold(0.0, f64::max);
    let scale = panel.height / ceiling(largest).0;
    let base = panel.top + panel.height;
    let mut path = String::new();
    for (hour, share) in outline.iter().enumerate() {
        let command = if hour == 0 { format!("M{} ", at(panel.left)) } else { "V".to_string() };
        let right = panel.left + panel.slot() * (hour + 1) as f64;
        path.push_str(&format!("{command}{}H{}", at(base - share * scale), at(right)));
    }
    let body = html! {
        (panel.draw(largest, " %"))
        path.outline-back d=(path) {}
        path.outline d=(path) {}
        @for hour in (0..24usize).step_by(6) {
            (label(panel.left + panel.slot() * hour as f64, base + 17.0, if hour == 0 { "start" } else { "middle" }, "tick",
                &clock(Timestamp(start + hour as i64 * Timestamp::HOUR))))
        }
        (label(panel.right, base + 17.0, "end", "tick", "UTC"))
    };
    let description = format!(
        "The campaign's hours hold between {} % and {} % of its exchanges, the platform's between {} % and {} %.",
        decimal(round(least(bars))),
        decimal(round(bars.iter().copied().fold(0.0, f64::max))),
        decimal(round(least(outline))),
        decimal(round(outline.iter().copied().fold(0.0, f64::max)))
    );
    svg(canvas, base + 24.0, "Hours of the day", &description, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_with_its_first_hour_in_utc() {
        let check = |minutes: i64, expect| assert_eq!(first_hour(Timestamp(minutes * 60 * Timestamp::SECOND)), expect);
        check(0, 0);
        check(60, 23);
        check(17, 0);
        check(23 * 60 + 59, 1);
    }

    #[test]
    fn shares_are_of_the_own_total() {
        let mut hours = vec![0; 24];
        hours[23] = 3;
        hours[0] = 1;
        assert_eq!(shares(&hours, 23)[..2], [75.0, 25.0]);
    }
}
