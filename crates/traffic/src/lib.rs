//! One request to a model and its response, and simulated traffic with known truth.
//!
//! Purpose: the nouns of the input contract (exchange, account, enforcement, release) and [`synth`], which makes
//! worlds of them. It is not a reader of files (that is `stillwatch-scan`) and knows nothing of detection.

pub mod exchange;
pub mod synth;
