//! The analyst's program: one command line, one match, one exit code.
//!
//! Purpose: parse what was typed, call the libraries, print. It is not a place for detection, reading or drawing.
//!
//! The path of one scan: [`scan`] takes the arguments, [`key`] the secret, [`pipeline`] reads and detects, and [`out`]
//! writes the answer whole or not at all.
//!
//! Invariants: the clock is read once, here; a pipe that closes early is no error; exit codes are 0 for nothing found
//! (or all bars held), 1 for something found (or a bar missed), 2 for could not run, 130 for interrupted.

mod answer;
mod demo;
mod evaluate;
mod inspect;
mod interrupt;
mod key;
mod memory;
mod out;
mod pipeline;
mod prices;
mod print;
mod progress;
mod scan;
mod score;
mod simulate;
mod table;
mod trial;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use stillwatch_traffic::exchange::Timestamp;

const COULD_NOT_RUN: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  See what it does, on a simulated platform (half a minute, no data needed):
      stillwatch demo

  Look at your logs first: which columns are there, and what the missing ones cost:
      stillwatch inspect logs/

  Scan a month of logs:
      stillwatch scan --exchanges logs/ --accounts accounts.parquet --out june/

Exit codes: 0 nothing found, 1 something found, 2 could not run, 130 interrupted.";

/// Finds campaigns that harvest a language model's answers to train another model.
///
/// A campaign is a group of accounts worked by one operator that collects answers in bulk. No single account stands
/// out; the group does. Stillwatch reads a lab's own API logs, links accounts by what they share beyond chance, tests
/// whether the group harvests, and writes the evidence in sentences that a person can check. Nothing leaves the
/// machine.
#[derive(Debug, Parser)]
#[command(name = "stillwatch", version, after_long_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::Arguments),
    Inspect(inspect::Arguments),
    Simulate(simulate::Arguments),
    Evaluate(evaluate::Arguments),
    Demo(demo::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let now = Timestamp(jiff::Timestamp::now().as_microsecond());
    let outcome = interrupt::install().context("listen for Ctrl-C").and_then(|()| match arguments.command {
        Command::Scan(arguments) => scan::run(&arguments, now),
        Command::Inspect(arguments) => inspect::run(&arguments, now),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments, now),
    });
    interrupt::wait_if_interrupted();
    outcome.unwrap_or_else(|error| {
        eprintln!("error: failed to {}", chain(&error));
        ExitCode::from(COULD_NOT_RUN)
    })
}

/// The error and its causes in one line; a cause that the text before already tells is not told twice.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("no such file").context("read a: no such file").context("scan");
        assert_eq!(chain(&error), "scan: read a: no such file");
    }
}
