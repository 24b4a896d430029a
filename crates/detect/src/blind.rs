//! What a scan cannot see: what each missing column costs, in words for the analyst.
//!
//! Invariant: every optional column of the exchanges that a decision reads has a sentence here; one that is only kept in
//! profiles costs nothing, and says so by having none.

/// What no scan of this kind can see; said in every answer, whatever else is said.
pub const BLIND_SPOT: &str = "Resold prompts of real users that share no text, no infrastructure and no schedule look \
                              like unrelated customers. A harvester who works only in this way is not found here.";

/// What detection loses where a column of the exchanges is empty; none where it loses nothing.
pub fn cost_of_missing(column: &str) -> Option<&'static str> {
    Some(match column {
        "prompt" => {
            "no shared text and no work list: only campaigns that share payments, devices or signatures can be found"
        }
        "system" => "instructions that stand in the system text link nobody",
        "response" => "answers in training form (reasoning, grades, data) are seen only where the prompt shows them",
        "conversation" => "where the turn is missing too, whether anybody asks back is unknown",
        "turn" => "whether anybody asks back is guessed from conversations; without those it is unknown",
        "reasoning_signature" => "replayed reasoning is not seen",
        "input_tokens" | "output_tokens" => "what a campaign took is told in exchanges only",
        "ip" => "accounts that share a network are not linked by it",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::cost_of_missing;

    #[test]
    fn what_is_not_read_costs_nothing() {
        for column in ["seed", "finish_reason", "ja4", "anything"] {
            assert_eq!(cost_of_missing(column), None, "{column}");
        }
        assert!(cost_of_missing("prompt").is_some_and(|cost| cost.contains("work list")));
    }
}
