//! The program's timers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Kind;

/// What a timer has measured in all its runs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The thread that used it; 0 is the main one. Timers of different threads are different.
    pub thread: usize,
    /// Its number.
    pub timer: i64,
    /// Time.
    pub elapsed: Duration,
    /// Bytes that this party sent to the others.
    pub bytes_sent: u64,
    /// Rounds.
    pub rounds: u64,
}

/// Traffic of a thread, including that of the threads it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) bytes_sent: u64,
    /// Of threads that ran side by side, the most rounds count.
    pub(crate) rounds: u64,
}

/// Timers as a checkpoint keeps them: thread, number, nanoseconds, bytes, rounds, and whether it runs.
pub(crate) type Kept = Vec<KeptTimer>;
type KeptTimer = (u64, i64, u64, u64, u64, bool);

#[derive(Debug, Default)]
struct Timer {
    elapsed: Duration,
    traffic: Traffic,
    started: Option<(Instant, Traffic)>,
}

/// All timers, by thread and number.
#[derive(Debug, Default)]
pub(crate) struct Timers(Mutex<BTreeMap<(usize, i64), Timer>>);

impl Timers {
    /// Starts a timer and gives the line to print.
    pub(crate) fn start(&self, thread: usize, number: i64, now: Traffic) -> Result<String, Kind> {
        let mut timers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let timer = timers.entry((thread, number)).or_default();
        if timer.started.is_some() {
            return Err(Kind::TimerRuns { timer: number });
        }
        timer.started = Some((Instant::now(), now));
        Ok(format!("Starting timer {number} at {}\n", timer.measured()))
    }

    /// Stops a timer and gives the line to print.
    pub(crate) fn stop(&self, thread: usize, number: i64, now: Traffic) -> Result<String, Kind> {
        let mut timers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let timer = timers.entry((thread, number)).or_default();
        let (instant, before) = timer.started.take().ok_or(Kind::TimerStands { timer: number })?;
        timer.elapsed += instant.elapsed();
        timer.traffic.bytes_sent += now.bytes_sent - before.bytes_sent;
        timer.traffic.rounds += now.rounds - before.rounds;
        Ok(format!("Stopped timer {number} at {}\n", timer.measured()))
    }

    /// What all timers have measured so far, for a run that goes on from here. `now` is the traffic of the main thread.
    pub(crate) fn keep(&self, now: Traffic) -> Kept {
        let timers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = |(&(thread, number), timer): (&(usize, i64), &Timer)| {
            let (mut elapsed, mut traffic) = (timer.elapsed, timer.traffic);
            if let Some((instant, before)) = timer.started {
                elapsed += instant.elapsed();
                if thread == 0 {
                    traffic.bytes_sent += now.bytes_sent - before.bytes_sent;
                    traffic.rounds += now.rounds - before.rounds;
                }
            }
            let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
            let Traffic { bytes_sent, rounds } = traffic;
            (thread as u64, number, nanoseconds, bytes_sent, rounds, timer.started.is_some())
        };
        timers.iter().map(kept).collect()
    }

    /// Goes on with what [`keep`](Self::keep) has given: those that ran, run from now on.
    pub(crate) fn restore(&self, kept: &[KeptTimer], now: Traffic) {
        let timer = |&(thread, number, nanoseconds, bytes_sent, rounds, runs): &KeptTimer| {
            let elapsed = Duration::from_nanos(nanoseconds);
            let traffic = Traffic { bytes_sent, rounds };
            let before = if thread == 0 { now } else { Traffic::default() };
            let started = runs.then(|| (Instant::now(), before));
            ((thread as usize, number), Timer { elapsed, traffic, started })
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kept.iter().map(timer).collect();
    }

    /// What all timers have measured. A timer that still runs counts until now, with the time only.
    pub(crate) fn timings(&self) -> Vec<Timing> {
        let timers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let timing = |(&(thread, number), timer): (&(usize, i64), &Timer)| Timing {
            thread,
            timer: number,
            elapsed: timer.elapsed
                + timer.started.map_or(Duration::ZERO, |(instant, _)| instant.elapsed()),
            bytes_sent: timer.traffic.bytes_sent,
            rounds: timer.traffic.rounds,
        };
        timers.iter().map(timing).collect()
    }
}

impl Timer {
    fn measured(&self) -> String {
        let megabytes = self.traffic.bytes_sent as f64 / 1e6;
        let seconds = self.elapsed.as_secs_f64();
        format!("{seconds:.6} s ({megabytes:.6} MB, {} rounds)", self.traffic.rounds)
    }
}
