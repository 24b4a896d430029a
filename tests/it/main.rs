//! The built program, end to end: exit codes, what it writes, what it refuses, and what must not change the answer.
//!
//! Worlds are small (a few thousand exchanges), made with a fixed seed, and every run has its own folders.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bad_input;
mod bench;
mod invariance;
mod outputs;
mod privacy;
mod truth;
mod worlds;
