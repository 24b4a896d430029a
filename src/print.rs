//! Prints to stdout without minding a pipe that closes early.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

/// Width of a line where nobody tells.
const WIDTH_DEFAULT: usize = 100;

/// Prints a text as it is.
///
/// # Errors
/// When stdout cannot be written for another reason than that its reader has gone.
pub fn text(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("write to stdout"),
    }
}

/// Prints a value as one line of JSON.
///
/// # Errors
/// As [`text`].
pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(value).context("write JSON")?;
    text(&format!("{line}\n"))
}

/// Width of the terminal in columns: `$COLUMNS`, else the terminal's own, else 100.
pub fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    told.or_else(seen).unwrap_or(WIDTH_DEFAULT).clamp(40, 200)
}

/// Whether stdout takes colours: a terminal, and `NO_COLOR` is not set.
pub fn colours() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
