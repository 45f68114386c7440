//! What a run tells its caller while it goes on.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caucus_core::config::HostPort;
use caucus_core::ids::NodeId;
pub use caucus_vm::Audience;

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

/// What a node does. Displays as a line for the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It waits for the connections with another party.
    Connecting {
        /// The other party's node.
        peer: NodeId,
        /// Where it should be.
        address: HostPort,
        /// For how long it has been waiting.
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
        waited: Duration,
        /// How many are connected.
        connected: usize,
    },
    /// The program connects to another one, such as a worker to its main node.
    ConnectingToMain {
        /// Where it listens.
        address: HostPort,
        /// For how long this node has been trying.
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
            Self::Distributing { done, all, workers } => {
                write!(f, "{done} of {all} chunks done, {workers} workers")
            }
            Self::WaitingForWork => f.write_str("waiting for a run"),
            Self::Finishing => f.write_str("finishing"),
        }
    }
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
    }
}
