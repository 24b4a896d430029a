//! Texts from outside, sorted by the role that they can play.

/// Where a world's texts come from.
#[derive(Debug, Default)]
pub enum Texts {
    /// Generated.
    #[default]
    Grammar,
}
