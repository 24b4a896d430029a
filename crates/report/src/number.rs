//! Numbers and times as people read them: thousands separators, three digits that matter, UTC.
//!
//! Powers of ten are written `10^24`, which a terminal shows as it is and the page turns into a raised exponent.
//! Invariant: rounding never makes evidence look stronger than it is.

use stillwatch_detect::campaign::{Cost, Evidence};
use stillwatch_traffic::exchange::Timestamp;

/// A count with thousands separators.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 account`, `300 accounts`.
pub fn count_of(value: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A quantity with about three digits.
pub fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return "not known".to_string();
    }
    let size = value.abs();
    if size == 0.0 {
        "0".to_string()
    } else if !(0.000_95..1e12).contains(&size) {
        scientific(value)
    } else if size >= 99.95 || (value.fract() == 0.0) {
        format!("{}{}", if value < 0.0 { "−" } else { "" }, count(size.round() as u64))
    } else {
        let places = if size >= 9.995 {
            1
        } else if size >= 0.0995 {
            2
        } else {
            4
        };
        let digits = format!("{size:.places$}");
        format!("{}{}", if value < 0.0 { "−" } else { "" }, digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

fn scientific(value: f64) -> String {
    let text = format!("{value:.1e}");
    match text.split_once('e') {
        Some((digits, exponent)) => format!("{digits} × 10^{exponent}"),
        None => text,
    }
}

/// A share in per cent; a share that is not all never prints as 100 %, one that is not none never as 0 %.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "none".to_string();
    }
    let share = 100.0 * part as f64 / whole as f64;
    match share {
        _ if part == 0 => "0 %".to_string(),
        _ if share < 0.1 => "less than 0.1 %".to_string(),
        _ if part < whole && share >= 99.95 => "more than 99.9 %".to_string(),
        _ => format!("{} %", decimal((share * 10.0).round() / 10.0)),
    }
}

/// How rare the evidence would be by chance alone, and the number it comes from.
pub fn rarity(evidence: &Evidence) -> (String, String) {
    match (evidence.p_value, evidence.e_value) {
        (Some(p_value), _) => (one_in(1.0 / p_value), format!("p-value {}", decimal(p_value))),
        // Markov: under the null an e-value of x or more comes with probability 1/x at most.
        (None, Some(e_value)) if e_value > 1.0 => {
            let number = if e_value.is_finite() { decimal(e_value) } else { "above 10^308".to_string() };
            let bound = one_in(e_value);
            let bound = if bound.starts_with("1 in") { format!("at most {bound}") } else { bound };
            (bound, format!("e-value {number}"))
        }
        (None, Some(e_value)) => ("nothing speaks against chance".to_string(), format!("e-value {}", decimal(e_value))),
        (None, None) => ("not tested".to_string(), String::new()),
    }
}

/// `1 in x`, with x rounded down.
fn one_in(times: f64) -> String {
    if times.is_nan() || times < 1.0 {
        return "not known".to_string();
    }
    // A hair above, so that 1e24 computed as 9.999…e23 keeps its exponent on every platform.
    let exponent = (times.log10() + 1e-9).floor();
    match times {
        _ if times > 1e300 => "less than 1 in 10^300".to_string(),
        _ if exponent >= 6.0 => format!("1 in 10^{exponent}"),
        _ if times >= 100.0 => {
            let unit = 10f64.powi(exponent as i32 - 1);
            format!("1 in {}", count(((times / unit + 1e-9).floor() * unit).round() as u64))
        }
        _ if times >= 10.0 => format!("1 in {}", count((times + 1e-9).floor() as u64)),
        _ if times >= 1.5 => format!("1 in {}", decimal((times * 10.0 + 1e-9).floor() / 10.0)),
        _ => "more often than not".to_string(),
    }
}

/// A range of cost: whole units from one hundred on.
pub fn cost(cost: &Cost) -> String {
    let amount = |value: f64| match value {
        _ if !value.is_finite() || value < 0.0 => "not known".to_string(),
        _ if value >= 100.0 => count(value.round() as u64),
        _ => format!("{value:.2}"),
    };
    format!("{} {} to {}", crate::text::name(&cost.currency), amount(cost.low), amount(cost.high))
}

/// Date and minute in UTC: `3 June 2026, 14:05 UTC`.
pub fn moment(time: Timestamp) -> String {
    civil(time, "%-d %B %Y, %H:%M UTC")
}

/// Date in UTC: `3 June 2026`.
pub fn day(time: Timestamp) -> String {
    civil(time, "%-d %B %Y")
}

/// Date without its year: `3 Jun`.
pub fn day_short(time: Timestamp) -> String {
    civil(time, "%-d %b")
}

/// Time of day in UTC: `14:05`.
pub fn clock(time: Timestamp) -> String {
    civil(time, "%H:%M")
}

fn civil(time: Timestamp, format: &str) -> String {
    match jiff::Timestamp::from_microsecond(time.0) {
        Ok(instant) => instant.strftime(format).to_string(),
        Err(_) => time.to_rfc3339(),
    }
}

#[cfg(test)]
mod tests {
    use stillwatch_detect::campaign::Question;

    use super::*;

    fn evidence(p_value: Option<f64>, e_value: Option<f64>) -> Evidence {
        Evidence {
            signal: String::new(),
            question: Question::Purpose,
            null: String::new(),
            p_value,
            e_value,
            effect: 0.0,
            expected: 0.0,
            counted: true,
            sentence: String::new(),
            clears: String::new(),
        }
    }

    #[test]
    fn counts_have_separators() {
        let check = |value, expect: &str| assert_eq!(count(value), expect);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(28_800_000, "28,800,000");
        assert_eq!(count_of(1, "account"), "1 account");
        assert_eq!(count_of(0, "account"), "0 accounts");
    }

    #[test]
    fn quantities_keep_three_digits() {
        let check = |value, expect: &str| assert_eq!(decimal(value), expect);
        check(0.0, "0");
        check(3.0, "3");
        check(0.4, "0.4");
        check(0.031, "0.031");
        check(12.345, "12.3");
        check(1_234.5, "1,235");
        check(-0.25, "−0.25");
        check(0.000_002, "2.0 × 10^-6");
        check(2.4e15, "2.4 × 10^15");
        check(f64::NAN, "not known");
    }

    #[test]
    fn shares_never_round_to_all_or_none() {
        let check = |part, whole, expect: &str| assert_eq!(percent(part, whole), expect);
        check(0, 10, "0 %");
        check(1, 1_000_000, "less than 0.1 %");
        check(165, 1_000, "16.5 %");
        check(999_999, 1_000_000, "more than 99.9 %");
        check(10, 10, "100 %");
        check(0, 0, "none");
    }

    #[test]
    fn rarity_rounds_towards_chance() {
        let check = |p_value, e_value, expect: &str| assert_eq!(rarity(&evidence(p_value, e_value)).0, expect);
        check(Some(1e-24), None, "1 in 10^24");
        check(Some(9.9e-24), None, "1 in 10^23");
        check(Some(0.0), None, "less than 1 in 10^300");
        check(Some(1.0 / 12_990.0), None, "1 in 12,000");
        check(Some(0.05), None, "1 in 20");
        check(Some(0.4), None, "1 in 2.5");
        check(Some(0.9), None, "more often than not");
        check(Some(f64::NAN), None, "not known");
        check(None, Some(3e9), "at most 1 in 10^9");
        check(None, Some(f64::INFINITY), "less than 1 in 10^300");
        check(None, Some(0.5), "nothing speaks against chance");
        check(None, None, "not tested");
    }

    #[test]
    fn times_are_utc_and_never_fail() {
        let time = Timestamp(1_780_495_500_000_000);
        let check = |given: String, expect: &str| assert_eq!(given, expect);
        check(moment(time), "3 June 2026, 14:05 UTC");
        check(day(time), "3 June 2026");
        check(day_short(time), "3 Jun");
        check(clock(time), "14:05");
        check(day(Timestamp(i64::MAX)), "9223372036854775807us");
    }

    #[test]
    fn costs_are_ranges() {
        let check = |low, high, expect: &str| {
            assert_eq!(cost(&Cost { currency: "USD".into(), low, high }), expect);
        };
        check(1_234.5, 3_400.0, "USD 1,235 to 3,400");
        check(0.5, 2.25, "USD 0.50 to 2.25");
    }
}
