//! The evidence of a campaign as a table: each signal with its numbers, its null hypothesis, and what would clear it.

use maud::{Markup, html};
use stillwatch_detect::campaign::{Campaign, Evidence, Question};

use crate::number::{decimal, rarity};
use crate::story::{closed, evidence_ordered, question};
use crate::text::name;

/// The table, purpose first, then coordination.
pub fn table(campaign: &Campaign) -> Markup {
    if campaign.evidence.is_empty() {
        return html! { p.soft { "No evidence is recorded." } };
    }
    html! {
        table.evidence role="table" {
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { "Signal" }
                th scope="col" role="columnheader" { "Seen" }
                th scope="col" role="columnheader" { "Expected" }
                th scope="col" role="columnheader" { "By chance alone" }
                th scope="col" role="columnheader" { "In the decision" }
            } }
            @for evidence in evidence_ordered(campaign) { (rows(evidence)) }
        }
        p.soft {
            "Seen and expected are in the unit that the sentence names; expected is what comparable customers show. "
            "“By chance alone” says how often something as strong would turn up if the assumption "
            "tested were true. It is not the probability of innocence."
        }
    }
}

/// One piece of evidence: a row of numbers, and a row of sentences.
fn rows(evidence: &Evidence) -> Markup {
    let (rarity, number) = rarity(evidence);
    let asks = match evidence.question {
        Question::Purpose => "purpose",
        Question::Coordination => "coordination",
    };
    html! {
        tbody role="rowgroup" class=(if evidence.counted { "counted" } else { "uncounted" }) {
            tr role="row" {
                th scope="row" role="rowheader" {
                    span.signal { (name(&evidence.signal)) }
                    span class={ "ask " (asks) } { (question(evidence.question)) }
                }
                td role="cell" data-label="Seen" { span { (raised(&decimal(evidence.effect))) } }
                td role="cell" data-label="Expected" { span { (raised(&decimal(evidence.expected))) } }
                td role="cell" data-label="By chance alone" {
                    span.rarity { (raised(&rarity)) }
                    @if !number.is_empty() { span.fine { (raised(&number)) } }
                }
                td role="cell" data-label="In the decision" {
                    @if evidence.counted { strong { "✓ counted" } } @else { span.soft { "not counted" } }
                }
            }
            tr.words role="row" {
                td colspan="5" role="cell" {
                    p.sentence { (raised(&closed(&evidence.sentence))) }
                    dl.reasons {
                        div { dt { "Assumption tested" } dd { (raised(&closed(&evidence.null))) } }
                        div { dt { "What would clear it" } dd { (raised(&closed(&evidence.clears))) } }
                    }
                }
            }
        }
    }
}

/// A number text with its powers of ten raised: `10^24`.
pub fn raised(text: &str) -> Markup {
    let mut parts = text.split("10^");
    let first = parts.next().unwrap_or_default();
    html! {
        (first)
        @for part in parts {
            @let end = part.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(part.len());
            "10" sup { (part[..end].replace('-', "−")) } (part[end..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_raised_and_the_rest_is_escaped() {
        let check = |given: &str, expect: &str| assert_eq!(raised(given).into_string(), expect);
        check("1 in 250", "1 in 250");
        check("1 in 10^24", "1 in 10<sup>24</sup>");
        check("2.0 × 10^-6 <", "2.0 × 10<sup>−6</sup> &lt;");
    }
}
