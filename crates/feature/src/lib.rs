//! Text and request facts become keyed 64-bit features.
//!
//! Purpose: the one place that says which bytes a feature stands for, so that a scan, a gate and a forum's members
//! agree on them (`spec/features.md`, with vectors). It is not aware of accounts, days or detection.
//!
//! The path of one text: [`normalise`] folds case and white space, [`window`] rolls a hash over it and keeps the
//! smallest windows of each part, [`key::Key::feature`] turns what is kept into a keyed pseudo-random value.
//!
//! Invariants: the same text gives the same features in every account, hour, machine and lab that holds the key;
//! without the key a feature says nothing; nothing here allocates per text once its scratch space has grown.
//!
//! ```
//! use stillwatch_feature::{key::Key, kind::Kind, text::Fingerprinter};
//! let key = Key::from_bytes([7; 32]);
//! let mut fingerprinter = Fingerprinter::new(&key);
//! let mut first = Vec::new();
//! let mut second = Vec::new();
//! fingerprinter.prompt("Explain  the Tides", &mut first);
//! fingerprinter.prompt("explain the tides", &mut second);
//! assert_eq!(first, second);
//! assert!(first.iter().any(|feature| feature.kind == Kind::Prompt));
//! ```

pub mod content;
pub mod elicitation;
pub mod key;
pub mod kind;
pub mod normalise;
pub mod request;
pub mod skeleton;
pub mod text;
pub mod window;
