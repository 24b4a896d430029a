//! The campaign day by day, above the platform day by day, above the campaign's accounts.
//!
//! Three strips with one time axis and three scales: on one scale a campaign of one per cent would be invisible, and
//! on two scales in one strip it would look as large as the platform.

use maud::{Markup, html};
use stillwatch_detect::campaign::{Campaign, DayCount};
use stillwatch_traffic::exchange::Timestamp;

use super::{Canvas, LINE, Panel, at, figure, label, line, svg};
use crate::number::{count, count_of, day, day_short, decimal, moment};
use crate::story::flag_times;

const TOP: f64 = 24.0;
const HEIGHTS: [f64; 3] = [104.0, 64.0, 64.0];
/// Room between two strips: the title of the lower one stands in it.
const BETWEEN: f64 = 34.0;

/// The picture, its caption, and the same numbers as a table.
pub fn draw(campaign: &Campaign, key: &str) -> Markup {
    let days = &campaign.timeline;
    if days.is_empty() {
        return html! { p.soft { "No numbers by day are known." } };
    }
    let flags = flag_times(campaign);
    let caption = html! {
        "The three strips have three different scales: " (ratio(days))
        @if let Some((first, half, flagged)) = flags {
            " The dashed line marks " (moment(first)) ", when the running system would have flagged the first account; "
            "half of the " (count_of(flagged, "flagged account")) " would have been flagged by " (moment(half)) "."
        } @else { " No account was flagged." }
    };
    html! {
        (figure(key, &[960, 560, 340], &caption, |canvas| picture(days, flags.map(|(first, _, _)| first), canvas)))
        (table(days))
    }
}

fn ratio(days: &[DayCount]) -> String {
    let campaign = days.iter().map(|day| day.campaign).max().unwrap_or(0);
    let platform = days.iter().map(|day| day.platform).max().unwrap_or(0);
    if campaign == 0 {
        return "no exchange of the campaign fell on these days.".to_string();
    }
    let times = platform as f64 / campaign as f64;
    format!(
        "the platform's busiest day is {} times the campaign's busiest day.",
        decimal((times * 10.0).round() / 10.0)
    )
}

fn picture(days: &[DayCount], flag: Option<Timestamp>, canvas: &Canvas) -> Markup {
    let series: [(&str, &str, Vec<f64>); 3] = [
        ("Campaign: exchanges a day", "bar campaign", days.iter().map(|day| day.campaign as f64).collect()),
        ("Whole platform: exchanges a day", "bar platform", days.iter().map(|day| day.platform as f64).collect()),
        (
            "Accounts: active (bars), flagged (line)",
            "bar accounts",
            days.iter().map(|day| day.accounts as f64).collect(),
        ),
    ];
    let flagged: Vec<f64> = days.iter().map(|day| day.flagged as f64).collect();
    let (left, right) = (if canvas.width < 400.0 { 46.0 } else { 56.0 }, canvas.width - 4.0);
    let mut top = TOP + LINE;
    let mut strips = Vec::new();
    let mut bands = Vec::new();
    for ((title, class, values), height) in series.iter().zip(HEIGHTS) {
        let panel = Panel { values, left, right, top, height, class };
        let is_accounts = *class == "bar accounts";
        let others = if is_accounts { &flagged } else { values };
        let largest = values.iter().chain(others).copied().fold(0.0, f64::max);
        bands.push((top, top + height));
        strips.push(html! {
            (label(0.0, top - 9.0, "start", "name", title))
            (panel.draw(largest, ""))
            @if is_accounts { (steps(&panel, &flagged, largest)) }
        });
        top += height + BETWEEN;
    }
    let bottom = top - BETWEEN;
    let total: u64 = days.iter().map(|day| day.campaign).sum();
    let description = format!(
        "{} of the campaign between {} and {}, drawn above the platform's exchanges and the campaign's accounts.",
        count_of(total, "exchange"),
        day(days[0].start),
        day(days[days.len() - 1].start)
    );
    let body = html! {
        @for strip in &strips { (strip) }
        (dates(days, left, right, bottom))
        @if let Some(flag) = flag { (mark(days, flag, (left, right), &bands)) }
    };
    svg(canvas, bottom + 22.0, "Exchanges by day", &description, &body)
}

/// The running count as a stepped line over the bars.
fn steps(panel: &Panel, values: &[f64], largest: f64) -> Markup {
    let scale = panel.height / super::ceiling(largest).0;
    let mut path = String::new();
    for (position, value) in values.iter().enumerate() {
        let y = panel.top + panel.height - value * scale;
        let start = if position == 0 { format!("M{} {}", at(panel.left), at(y)) } else { format!("V{}", at(y)) };
        path.push_str(&format!("{start}H{}", at(panel.left + panel.slot() * (position + 1) as f64)));
    }
    html! { path.steps d=(path) {} }
}

/// Dates below the last strip, as many as have room.
fn dates(days: &[DayCount], left: f64, right: f64, bottom: f64) -> Markup {
    let slot = (right - left) / days.len() as f64;
    let every = [1, 2, 5, 7, 14, 28, 56, 112, 224].into_iter().find(|every| slot * f64::from(*every) >= 52.0);
    let every = every.unwrap_or(448) as usize;
    html! {
        @for (position, day) in days.iter().enumerate().step_by(every) {
            @let x = left + slot * position as f64;
            @if x + 40.0 <= right || position == 0 {
                (line((x, bottom), (x, bottom + 5.0), "base"))
                (label(x + 1.0, bottom + 18.0, "start", "tick", &day_short(day.start)))
            }
        }
    }
}

/// A dashed line through the strips, but not through their titles, at the first flag; above it a pennant and words.
fn mark(days: &[DayCount], flag: Timestamp, (left, right): (f64, f64), bands: &[(f64, f64)]) -> Markup {
    let span = days.len() as f64 * Timestamp::DAY as f64;
    let share = (flag.0.saturating_sub(days[0].start.0) as f64 / span).clamp(0.0, 1.0);
    let x = left + (right - left) * share;
    let (anchor, text_x) = if share > 0.5 { ("end", x - 14.0) } else { ("start", x + 14.0) };
    let direction = if share > 0.5 { -10 } else { 10 };
    html! {
        (line((x, 4.0), (x, TOP - 4.0), "flag"))
        @for (top, bottom) in bands { (line((x, *top), (x, *bottom), "flag")) }
        path.pennant d={ "M" (at(x)) " 3l" (direction) " 5l" (-direction) " 5z" } {}
        (label(text_x, 13.0, anchor, "flagged", &format!("first flag {}", day_short(flag))))
    }
}

fn table(days: &[DayCount]) -> Markup {
    html! {
        details {
            summary { "The same numbers as a table" }
            div.scroll role="region" aria-label="Numbers by day" tabindex="0" {
                table.numbers {
                    thead { tr {
                        th scope="col" { "Day from (UTC)" }
                        th scope="col" { "Campaign’s exchanges" }
                        th scope="col" { "Platform’s exchanges" }
                        th scope="col" { "Accounts active" }
                        th scope="col" { "Accounts flagged by then" }
                    } }
                    tbody { @for day in days { tr {
                        th scope="row" { (moment(day.start)) }
                        td { (count(day.campaign)) }
                        td { (count(day.platform)) }
                        td { (count(day.accounts)) }
                        td { (count(day.flagged)) }
                    } } }
                }
            }
        }
    }
}
