//! What a node sent, received and waited for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::comm::CommStats;
use crate::ids::PartyId;

/// Traffic of one link. Bytes are those of the application, headers of messages included, TLS aside.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkStats {
    /// Bytes given to the link, those still queued included.
    pub bytes_sent: u64,
    /// Bytes taken from the link.
    pub bytes_received: u64,
    /// Messages given to the link.
    pub messages_sent: u64,
    /// Messages taken from the link.
    pub messages_received: u64,
    /// Time spent waiting for messages of this peer.
    pub wait: Duration,
}

impl LinkStats {
    /// Adds the traffic of another link.
    pub fn merge(&mut self, other: &Self) {
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.messages_sent += other.messages_sent;
        self.messages_received += other.messages_received;
        self.wait += other.wait;
    }
}

/// Traffic of one thread, or of several threads merged.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NetStats {
    /// Times that a thread had to wait for its peers' answers, by design of the protocol.
    pub rounds: u64,
    /// Traffic with each peer, in the order of parties.
    pub links: Vec<(PartyId, LinkStats)>,
}

impl NetStats {
    /// Adds the traffic of another thread: rounds add up, links to the same party are merged.
    pub fn merge(&mut self, other: &Self) {
        self.rounds += other.rounds;
        for (party, link) in &other.links {
            match self.links.binary_search_by_key(party, |(party, _)| *party) {
                Ok(idx) => self.links[idx].1.merge(link),
                Err(idx) => self.links.insert(idx, (*party, *link)),
            }
        }
    }

    /// Bytes given to all links.
    pub fn bytes_sent(&self) -> u64 {
        self.links.iter().map(|(_, link)| link.bytes_sent).sum()
    }

    /// Bytes taken from all links.
    pub fn bytes_received(&self) -> u64 {
        self.links.iter().map(|(_, link)| link.bytes_received).sum()
    }
}

/// Traffic of a node with other parties, and with the other nodes of its own.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Planes {
    /// What went over the meshes of its threads.
    pub between_parties: LinkStats,
    /// What went over communicators.
    pub inside_party: LinkStats,
}

impl Planes {
    /// Adds the traffic of a thread with other parties.
    pub fn add_net(&mut self, stats: &NetStats) {
        stats.links.iter().for_each(|(_, link)| self.between_parties.merge(link));
    }

    /// Adds the traffic of a communicator. Those that share links give the same statistics: one of them is added.
    pub fn add_comm(&mut self, stats: &CommStats) {
        self.inside_party.merge(&stats.total());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(rounds: u64, links: &[(u8, u64)]) -> NetStats {
        let link = |bytes| LinkStats { bytes_sent: bytes, ..LinkStats::default() };
        let links = links.iter().map(|&(party, bytes)| (PartyId::new(party), link(bytes)));
        NetStats { rounds, links: links.collect() }
    }

    #[test]
    fn links_to_the_same_party_are_merged() {
        let mut sum = stats(3, &[(1, 10), (3, 30)]);
        sum.merge(&stats(4, &[(0, 5), (1, 1), (3, 2)]));
        assert_eq!(sum, stats(7, &[(0, 5), (1, 11), (3, 32)]));
        assert_eq!(sum.bytes_sent(), 48);
    }

    #[test]
    fn traffic_inside_a_party_is_told_from_that_between_parties() {
        let mut planes = Planes::default();
        planes.add_net(&stats(1, &[(1, 10), (2, 20)]));
        let peer = crate::ids::NodeId::main(PartyId::new(0));
        let inside = LinkStats { bytes_sent: 7, messages_received: 1, ..LinkStats::default() };
        let comm =
            CommStats { peers: vec![(peer, inside), (peer, inside)], ..CommStats::default() };
        planes.add_comm(&comm);
        assert_eq!(planes.between_parties.bytes_sent, 30);
        assert_eq!(planes.inside_party.bytes_sent, 14);
        assert_eq!(planes.inside_party.messages_received, 2);
    }
}
