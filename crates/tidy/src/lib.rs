//! The few rules of the house that a program can check, as tests.
//!
//! Purpose: what stands here need not stand in anyone's memory. It is not a linter of style: formatting is rustfmt's
//! and idiom is clippy's. Each rule is a function from text to breaches, shown on a made-up breach that it can fail,
//! then held against the repository. A breach says file, line and remedy.
//!
//! | module | rules |
//! |---|---|
//! | `floors` | ARCHITECTURE.md's table and every manifest say the same: who may import whom, who links the heavy crates |
//! | `manifests` | every crate inherits the workspace's lints, edition and versions |
//! | `sources` | first line, size, no leftovers, no machine's paths |
//! | `documents` | every stored format has its page, every link leads somewhere |
//! | `packages` | light crates do not reach the engine by a detour; licences, bans and sources are those of deny.toml |

#[cfg(test)]
mod documents;
#[cfg(test)]
mod floors;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod sources;
