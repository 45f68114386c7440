//! What a run tells its caller while it goes on.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caucus_core::config::HostPort;
use caucus_core::ids::NodeId;
pub use caucus_vm::Audience;
use serde::{Serialize, Serializer};

/// Receives what happens. Called from several threads; must not block for long.
pub trait Events: Send + Sync {
    /// The program's output, with its line ends, and whom it is meant for. Where it is shown is for the caller to
    /// decide; what is meant for one player is given at that party only.
    fn output(&self, audience: Audience, text: &str);
    /// What the node does now; called again while it lasts.
    fn progress(&self, phase: &Phase);
    /// A line for the user about something that does not end the run.
    fn notice(&self, text: &str);
    /// Shows a text and waits for a line of whoever sits at this node, with private inputs; none if there is nobody.
    ///
    /// # Errors
    /// What the system says.
    fn ask(&self, _prompt: &str) -> io::Result<Option<String>> {
        Ok(None)
    }
}

/// What a node does. Displays as a line for the user, and serializes as fields for programs: `phase` with its name, and
/// what it has; times are seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// It waits for the connections with another party.
    Connecting {
        /// The other party's node.
        #[serde(serialize_with = "in_words")]
        peer: NodeId,
        /// Where it should be.
        #[serde(serialize_with = "in_words")]
        address: HostPort,
        /// For how long it has been waiting.
        #[serde(serialize_with = "in_seconds")]
        waited: Duration,
        /// Why the last attempt failed.
        last_error: String,
    },
    /// It is connected with some of the other parties and waits for the rest.
    Connected {
        /// With how many it is connected.
        n_connected: usize,
        /// How many there are.
        n_peers: usize,
    },
    /// All parties compare what they are about to do.
    Agreeing,
    /// The program runs.
    Running,
    /// The program waits for a worker or client.
    WaitingForWorker {
        /// The port.
        port: u16,
        /// For how long.
        #[serde(serialize_with = "in_seconds")]
        waited: Duration,
        /// How many are connected.
        connected: usize,
    },
    /// The program connects to another one, such as a worker to its main node.
    ConnectingToMain {
        /// Where it listens.
        #[serde(serialize_with = "in_words")]
        address: HostPort,
        /// For how long this node has been trying.
        #[serde(serialize_with = "in_seconds")]
        waited: Duration,
        /// Why the last attempt failed.
        last_error: String,
    },
    /// A loop is distributed among workers.
    Distributing {
        /// How many of its chunks are done.
        done: usize,
        /// How many there are.
        all: usize,
        /// How many workers this party has.
        workers: usize,
        /// Bytes that have passed between this node and its workers in the run.
        bytes: u64,
        /// Chunks of this loop that were done in a second, on average.
        chunks_per_second: f64,
        /// What the rest will take at this rate; none if nothing is known yet.
        #[serde(serialize_with = "perhaps_in_seconds")]
        left: Option<Duration>,
    },
    /// A worker waits for a run.
    WaitingForWork,
    /// The program has ended; all parties add up their figures.
    Finishing,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting { peer, address, waited, last_error } => {
                write!(f, "connecting to {peer} at {address}")?;
                since(f, *waited)?;
                write!(f, " ({last_error})")
            }
            Self::Connected { n_connected, n_peers } => {
                write!(f, "connected with {n_connected} of {n_peers} parties")
            }
            Self::Agreeing => f.write_str("comparing programs with the other parties"),
            Self::Running => f.write_str("running"),
            Self::WaitingForWorker { port, waited, connected } => {
                write!(f, "waiting for a worker on port {port}, {connected} connected")?;
                since(f, *waited)
            }
            Self::ConnectingToMain { address, waited, last_error } => {
                write!(f, "connecting to the main node at {address}")?;
                since(f, *waited)?;
                write!(f, " ({last_error})")
            }
            Self::Distributing { done, all, workers, bytes, chunks_per_second, left } => {
                write!(
                    f,
                    "{done} of {all} chunks done, {workers} workers, {} MB",
                    bytes / 1_000_000
                )?;
                match left {
                    None => Ok(()),
                    Some(left) => {
                        write!(f, ", {chunks_per_second:.1} chunks/s, {} s left", left.as_secs())
                    }
                }
            }
            Self::WaitingForWork => f.write_str("waiting for a run"),
            Self::Finishing => f.write_str("finishing"),
        }
    }
}

impl Phase {
    /// A loop of which so many chunks are done after some time.
    pub(crate) fn distributing(
        done: usize,
        all: usize,
        workers: usize,
        bytes: u64,
        elapsed: Duration,
    ) -> Self {
        let seconds = elapsed.as_secs_f64();
        let chunks_per_second = if seconds > 0.0 { done as f64 / seconds } else { 0.0 };
        let left = (chunks_per_second > 0.0)
            .then(|| Duration::from_secs_f64(all.saturating_sub(done) as f64 / chunks_per_second));
        Self::Distributing { done, all, workers, bytes, chunks_per_second, left }
    }
}

fn in_words<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn in_seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

fn perhaps_in_seconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

fn since(f: &mut fmt::Formatter<'_>, waited: Duration) -> fmt::Result {
    if waited < Duration::from_secs(1) {
        return Ok(());
    }
    write!(f, " for {} s", waited.as_secs())
}

/// Tells the user something as soon as the node has to wait for others.
pub(crate) struct ToldFirst {
    text: Mutex<Option<String>>,
    events: Arc<dyn Events>,
}

impl ToldFirst {
    /// How long a wait goes unnoticed.
    const PATIENCE: Duration = Duration::from_secs(2);

    pub(crate) fn new(text: String, events: Arc<dyn Events>) -> Self {
        Self { text: Mutex::new(Some(text)), events }
    }
}

impl Events for ToldFirst {
    fn output(&self, audience: Audience, text: &str) {
        self.events.output(audience, text);
    }

    fn progress(&self, phase: &Phase) {
        if matches!(phase, Phase::Connecting { waited, .. } if *waited >= Self::PATIENCE) {
            let text = self.text.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(text) = text {
                self.events.notice(&format!("{text}; waiting for the other parties to tell them"));
            }
        }
        self.events.progress(phase);
    }

    fn notice(&self, text: &str) {
        self.events.notice(text);
    }

    fn ask(&self, prompt: &str) -> io::Result<Option<String>> {
        self.events.ask(prompt)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Keeps notices, and nothing else.
    #[derive(Default)]
    pub(crate) struct Notices(pub(crate) Mutex<Vec<String>>);

    impl Events for Notices {
        fn output(&self, _: Audience, _: &str) {}
        fn progress(&self, _: &Phase) {}
        fn notice(&self, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use caucus_core::ids::PartyId;

    use super::*;

    #[test]
    fn a_phase_says_whom_it_waits_for_and_why() {
        let phase = Phase::Connecting {
            peer: NodeId::main(PartyId::new(1)),
            address: HostPort::new("b.example", 5001),
            waited: Duration::from_millis(2500),
            last_error: "connection refused".into(),
        };
        assert_eq!(
            phase.to_string(),
            "connecting to P1 at b.example:5001 for 2 s (connection refused)"
        );
        let fields = serde_json::to_value(&phase).unwrap();
        let expected = serde_json::json!({
            "phase": "connecting",
            "peer": "P1",
            "address": "b.example:5001",
            "waited": 2.5,
            "last_error": "connection refused",
        });
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_is_left_follows_from_what_is_done() {
        let second = Duration::from_secs(1);
        let phase = Phase::distributing(0, 8, 2, 0, second);
        assert_eq!(phase.to_string(), "0 of 8 chunks done, 2 workers, 0 MB");
        let phase = Phase::distributing(2, 8, 2, 5_400_000, second);
        let expected = "2 of 8 chunks done, 2 workers, 5 MB, 2.0 chunks/s, 3 s left";
        assert_eq!(phase.to_string(), expected);
    }
}
