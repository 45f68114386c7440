//! What a run cost: for people as totals, for machines as JSON through serde.

use serde::Serialize;

use caucus_core::ids::{NodeId, PartyId, WorkerId};
use caucus_core::stats::{LinkStats, NetStats};
use caucus_vm::Timing;

/// The figures of one run of one node. Times are in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The party.
    pub party: PartyId,
    /// Its node.
    pub node: NodeId,
    /// Number of parties.
    pub parties: usize,
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Length of the ring.
    pub ring_bits: u32,
    /// Name of the program with its arguments.
    pub program: String,
    /// SHA-256 of the program, in hexadecimal.
    pub hash: String,
    /// From the end of the agreement to the end of the program.
    pub seconds: f64,
    /// From the call to the end of the agreement: connecting, mostly.
    pub setup_seconds: f64,
    /// Times that the program had to wait for other parties' answers, by design of the protocol: those of the main
    /// thread, and of each parallel section the largest number of any of its threads.
    pub rounds: u64,
    /// Bytes that this party gave to its links with other parties, TLS aside.
    pub bytes_sent: u64,
    /// The same over all parties.
    pub bytes_global: u64,
    /// The most memory that this process has had so far, in bytes, where the system tells it.
    pub peak_memory_bytes: Option<u64>,
    /// Traffic with other parties, by thread.
    pub threads: Vec<ThreadReport>,
    /// Traffic with clients and other nodes of this party, in the order of connecting.
    pub sockets: Vec<SocketReport>,
    /// What the workers of this node have done, by number.
    pub workers: Vec<WorkerReport>,
    /// What the program measured.
    pub timers: Vec<TimerReport>,
}

/// The traffic of one thread.
#[derive(Clone, Debug, Serialize)]
pub struct ThreadReport {
    /// Its number; 0 is the main thread.
    pub thread: usize,
    /// Its rounds; those of the main thread include the setup of the protocol.
    pub rounds: u64,
    /// Its links.
    pub links: Vec<LinkReport>,
}

/// The traffic of one thread with one party.
#[derive(Clone, Debug, Serialize)]
pub struct LinkReport {
    /// The other party.
    pub peer: PartyId,
    /// Bytes given to the link.
    pub bytes_sent: u64,
    /// Bytes taken from it.
    pub bytes_received: u64,
    /// Messages given to it.
    pub messages_sent: u64,
    /// Messages taken from it.
    pub messages_received: u64,
    /// Seconds spent waiting for messages.
    pub wait_seconds: f64,
}

/// The traffic of one connection that the program made or accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SocketReport {
    /// The number by which the program knows it.
    pub socket: i64,
    /// Who is at the other end.
    pub peer: String,
    /// Bytes sent, lengths of messages included, TLS aside.
    pub bytes_sent: u64,
    /// Bytes received, likewise.
    pub bytes_received: u64,
    /// Messages sent.
    pub messages_sent: u64,
    /// Messages received.
    pub messages_received: u64,
    /// Values received.
    pub values_received: u64,
}

/// What one worker has done in a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkerReport {
    /// Its name.
    pub node: NodeId,
    /// How often it has connected with the main node.
    pub connections: u64,
    /// Chunks that it has computed, also those whose results were not used.
    pub chunks: u64,
    /// Seconds of computing.
    pub compute_seconds: f64,
    /// Seconds of waiting for the other parties' workers, within chunks.
    pub wait_seconds: f64,
    /// Bytes sent to the other parties' workers.
    pub bytes_between_parties: u64,
    /// Bytes of inputs from the main node.
    pub bytes_to_worker: u64,
    /// Bytes of results for the main node.
    pub bytes_from_worker: u64,
    /// Bytes that it sent to the other workers of its party.
    pub bytes_among_workers: u64,
}

impl WorkerReport {
    /// That of a worker that has done nothing yet.
    pub(crate) fn new(party: PartyId, worker: u32) -> Self {
        Self {
            node: NodeId::worker(party, WorkerId::new(worker)),
            connections: 0,
            chunks: 0,
            compute_seconds: 0.0,
            wait_seconds: 0.0,
            bytes_between_parties: 0,
            bytes_to_worker: 0,
            bytes_from_worker: 0,
            bytes_among_workers: 0,
        }
    }
}

/// What one timer of the program measured.
#[derive(Clone, Debug, Serialize)]
pub struct TimerReport {
    /// The thread that used it; 0 is the main thread.
    pub thread: usize,
    /// Its number.
    pub timer: i64,
    /// Time between its starts and stops.
    pub seconds: f64,
    /// Bytes sent meanwhile to other parties.
    pub bytes_sent: u64,
    /// Rounds meanwhile.
    pub rounds: u64,
}

impl TimerReport {
    /// The report of what the machine measured.
    pub(crate) fn new(timing: &Timing) -> Self {
        Self {
            thread: timing.thread,
            timer: timing.timer,
            seconds: timing.elapsed.as_secs_f64(),
            bytes_sent: timing.bytes_sent,
            rounds: timing.rounds,
        }
    }
}

impl ThreadReport {
    /// The report of a thread from its counters.
    pub(crate) fn new(thread: usize, stats: &NetStats) -> Self {
        let links = stats.links.iter().map(|(peer, link)| LinkReport::new(*peer, link)).collect();
        Self { thread, rounds: stats.rounds, links }
    }
}

impl LinkReport {
    fn new(peer: PartyId, link: &LinkStats) -> Self {
        Self {
            peer,
            bytes_sent: link.bytes_sent,
            bytes_received: link.bytes_received,
            messages_sent: link.messages_sent,
            messages_received: link.messages_received,
            wait_seconds: link.wait.as_secs_f64(),
        }
    }
}

/// The most memory that this process has had so far, in bytes: what Linux says.
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn hexadecimal_keeps_leading_zeros() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn peak_memory_counts_what_was_touched() {
        let touched = vec![1_u8; 64 << 20];
        let peak = peak_memory_bytes().unwrap();
        assert!(peak >= touched.len() as u64, "{peak}");
    }

    #[test]
    fn the_counters_of_a_thread_are_kept_by_link() {
        let link = LinkStats {
            bytes_sent: 5,
            messages_sent: 2,
            wait: Duration::from_millis(250),
            ..LinkStats::default()
        };
        let stats = NetStats { rounds: 7, links: vec![(PartyId::new(2), link)] };
        let json = serde_json::to_value(ThreadReport::new(1, &stats)).unwrap();
        assert_eq!(json["rounds"], 7);
        assert_eq!(json["links"][0]["peer"], 2);
        assert_eq!(json["links"][0]["wait_seconds"], 0.25);
    }
}
