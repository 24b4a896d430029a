//! Shows what a long command is doing, on stderr, and remembers how long each stage took.
//!
//! On a terminal a bar moves; elsewhere one line is written for each stage that took over two seconds, so that a log
//! stays short. Invariant: nothing here reaches an output but the seconds in `scan.json`.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stillwatch_scan::Stage;

/// A stage shorter than this is not worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Running {
    name: String,
    since: Instant,
    /// Whether its seconds are ours to remember: a library measures its own stages.
    ours: bool,
}

#[derive(Debug, Default)]
struct State {
    running: Option<Running>,
    done: Vec<Stage>,
}

/// Draws progress and measures stages.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    lines: bool,
    state: Mutex<State>,
}

impl Progress {
    /// Draws on stderr unless `quiet`.
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal && !quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, lines: !terminal && !quiet, state: Mutex::default() }
    }

    /// Begins a stage whose seconds are remembered, and ends the one before.
    pub fn begin(&self, name: &str) {
        self.start(name, None, true);
    }

    fn start(&self, name: &str, total_bytes: Option<u64>, ours: bool) {
        self.end();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = Some(Running { name: name.to_owned(), since: Instant::now(), ours });
        match total_bytes {
            Some(total) => {
                self.bar.set_style(style("{spinner} {msg} {wide_bar} {bytes}/{total_bytes} {eta}"));
                self.bar.set_length(total);
            }
            None => {
                self.bar.set_style(style("{spinner} {msg} {elapsed}"));
                self.bar.unset_length();
            }
        }
        self.bar.reset();
        self.bar.set_message(name.to_owned());
    }

    /// Ends the running stage, if any.
    pub fn end(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Running { name, since, ours }) = state.running.take() else { return };
        let took = since.elapsed();
        if self.lines && took >= WORTH_A_LINE {
            eprintln!("{name}: {:.1} s", took.as_secs_f64());
        }
        if ours {
            state.done.push(Stage { name, seconds: took.as_secs_f64() });
        }
    }

    /// Ends the running stage, takes the bar away, and hands out how long the remembered stages took.
    pub fn finish(self) -> Vec<Stage> {
        self.end();
        self.bar.finish_and_clear();
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.done
    }
}

impl stillwatch_scan::Progress for Progress {
    fn stage(&self, name: &str, total_bytes: Option<u64>) {
        self.start(name, total_bytes, false);
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_remembered_in_order() {
        let progress = Progress::new(true);
        progress.begin("read");
        stillwatch_scan::Progress::stage(&progress, "measured elsewhere", Some(10));
        progress.begin("detect");
        let stages = progress.finish();
        assert_eq!(stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>(), ["read", "detect"]);
        assert!(stages.iter().all(|stage| stage.seconds >= 0.0));
    }
}
