//! Prices that the user gives, and what a campaign's tokens would have cost at them.
//!
//! No price is built in: list prices change, and contracts differ. A range is asked for, since the truth lies
//! between discounts and list price.
//! Invariant: a cost counts only tokens of models that the file names; the rest is told, not guessed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use stillwatch_detect::campaign::{Cost, Impact};

/// Why a price file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("read prices from {0}")]
    Read(PathBuf, #[source] std::io::Error),
    /// It is not the expected TOML.
    #[error("understand prices in {0}")]
    Parse(PathBuf, #[source] toml::de::Error),
    /// A range is upside down, negative or not a number.
    #[error("use prices in {path}: {field} of model {model:?} must be 0 <= low <= high, found {low} and {high}")]
    Range {
        /// The file.
        path: PathBuf,
        /// The model.
        model: String,
        /// Which of the two prices.
        field: &'static str,
        /// As written.
        low: f64,
        /// As written.
        high: f64,
    },
    /// No currency, or no model.
    #[error("use prices in {0}: it needs a currency and at least one model")]
    Empty(PathBuf),
}

/// Prices of models.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Any text, e.g. `USD`; shown as it is.
    pub currency: String,
    /// By model name as it stands in the logs.
    pub models: BTreeMap<String, Price>,
}

/// Prices of one model, per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For input tokens.
    pub input_per_million: Range,
    /// For output tokens.
    pub output_per_million: Range,
}

/// Least and most, in the file's currency.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Least, 0 or more.
    pub low: f64,
    /// Most, at least `low`.
    pub high: f64,
}

impl Prices {
    /// Reads and checks a price file.
    ///
    /// # Errors
    /// When it cannot be read, holds unknown fields, or a range is impossible.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read(path.into(), source))?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let prices: Self = toml::from_str(text).map_err(|source| Error::Parse(path.into(), source))?;
        if prices.currency.trim().is_empty() || prices.models.is_empty() {
            return Err(Error::Empty(path.into()));
        }
        for (model, price) in &prices.models {
            for (field, range) in
                [("input_per_million", price.input_per_million), ("output_per_million", price.output_per_million)]
            {
                let Range { low, high } = range;
                if !(low >= 0.0 && high >= low && high.is_finite()) {
                    return Err(Error::Range { path: path.into(), model: model.clone(), field, low, high });
                }
            }
        }
        Ok(prices)
    }

    /// What the tokens would have cost; none where the file names none of the models.
    ///
    /// Tokens are known for the campaign as a whole and exchanges by model: tokens are shared out in proportion.
    pub fn cost(&self, impact: &Impact) -> Option<Cost> {
        let all: u64 = impact.models.iter().map(|(_, exchanges)| exchanges).sum();
        let mut cost: Option<Cost> = None;
        for (model, exchanges) in &impact.models {
            let Some(price) = self.models.get(model) else { continue };
            let share = *exchanges as f64 / all.max(1) as f64 / 1e6;
            let input = impact.input_tokens as f64 * share;
            let output = impact.output_tokens as f64 * share;
            let total = cost.get_or_insert_with(|| Cost { currency: self.currency.clone(), low: 0.0, high: 0.0 });
            total.low += input * price.input_per_million.low + output * price.output_per_million.low;
            total.high += input * price.input_per_million.high + output * price.output_per_million.high;
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<usize, &str>) {
        match (Prices::parse(text, Path::new("prices.toml")), expect) {
            (Ok(prices), Ok(models)) => assert_eq!(prices.models.len(), models),
            (Err(error), Err(part)) => {
                let chain = format!("{:#}", anyhow::Error::from(error));
                assert!(chain.contains(part), "{chain}");
            }
            (outcome, _) => panic!("{text}: {outcome:?}"),
        }
    }

    const ONE: &str = "currency = \"EUR\"\n[models.\"m\"]\ninput_per_million = { low = 1, high = 2 }\n";

    #[test]
    fn a_price_file_is_checked_whole() {
        check(include_str!("../docs/samples/prices.toml"), Ok(6));
        check(&format!("{ONE}output_per_million = {{ low = 3, high = 4.5 }}"), Ok(1));
        check(&format!("{ONE}output_per_million = {{ low = 3, high = 2 }}"), Err("0 <= low <= high"));
        check(&format!("{ONE}output_per_million = {{ low = -1, high = 2 }}"), Err("0 <= low <= high"));
        check(&format!("{ONE}output_per_million = {{ low = 1, high = inf }}"), Err("0 <= low <= high"));
        check(&format!("{ONE}output_per_million = {{ low = 1, high = 2 }}\ndiscount = 1"), Err("discount"));
        check(ONE, Err("output_per_million"));
        check("currency = \"EUR\"\n[models]\n", Err("at least one model"));
        check("currency = ", Err("understand prices"));
    }

    #[test]
    fn cost_counts_only_models_with_a_price() {
        let prices = Prices::parse(&format!("{ONE}output_per_million = {{ low = 10, high = 20 }}"), Path::new("p"));
        let mut impact = Impact {
            input_tokens: 4_000_000,
            output_tokens: 2_000_000,
            models: vec![("m".into(), 75), ("other".into(), 25)],
            ..Impact::default()
        };
        let cost = prices.as_ref().unwrap().cost(&impact).unwrap();
        assert_eq!((cost.low, cost.high), (3.0 + 15.0, 6.0 + 30.0));
        impact.models.remove(0);
        assert_eq!(prices.unwrap().cost(&impact), None);
    }
}
