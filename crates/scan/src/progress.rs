//! How far a read has come, told to whoever draws it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Told what is being done and how many bytes of it are done. Called from several threads.
pub trait Progress: Send + Sync {
    /// A stage begins; `total_bytes` is what [`Progress::advance`] will add up to, where that is known.
    fn stage(&self, name: &str, total_bytes: Option<u64>);

    /// So many further bytes of this stage are done.
    fn advance(&self, bytes: u64);
}

/// Draws nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn stage(&self, _name: &str, _total_bytes: Option<u64>) {}
    fn advance(&self, _bytes: u64) {}
}

/// How often progress is told.
const TICK: Duration = Duration::from_millis(50);

/// Does `work` as a stage, and meanwhile tells how `bytes_done` grows.
///
/// A thread of its own tells, so that drawing never holds up a worker and workers need no borrowed reference.
pub(crate) fn stage<T>(
    progress: &dyn Progress,
    name: &str,
    total_bytes: Option<u64>,
    bytes_done: &AtomicU64,
    work: impl FnOnce() -> T,
) -> T {
    progress.stage(name, total_bytes);
    std::thread::scope(|scope| {
        let (end, ended) = channel::<()>();
        scope.spawn(move || {
            let mut told = 0;
            loop {
                let running = matches!(ended.recv_timeout(TICK), Err(RecvTimeoutError::Timeout));
                let done = bytes_done.load(Ordering::Relaxed);
                if done > told {
                    progress.advance(done - told);
                    told = done;
                }
                if !running {
                    return;
                }
            }
        });
        let result = work();
        drop(end);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Sum(AtomicU64);

    impl Progress for Sum {
        fn stage(&self, _name: &str, _total_bytes: Option<u64>) {}
        fn advance(&self, bytes: u64) {
            self.0.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    #[test]
    fn all_bytes_are_told_before_the_stage_ends() {
        let (sum, done) = (Sum::default(), AtomicU64::new(0));
        let result = stage(&sum, "read", Some(7), &done, || done.fetch_add(7, Ordering::Relaxed));
        assert_eq!((result, sum.0.load(Ordering::Relaxed)), (0, 7));
    }
}
