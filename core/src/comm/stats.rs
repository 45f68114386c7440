//! What a node sent to and received from the others of its party, by peer and by tag.

use std::collections::BTreeMap;
use std::fmt;

use super::Collective;
use crate::ids::NodeId;
use crate::stats::LinkStats;

/// What messages are counted under.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Topic {
    /// Messages of the program with this tag.
    Tag(u32),
    /// What this collective operation moved.
    Collective(Collective),
    /// Comparing whether all members do the same, which precedes each collective operation.
    Agreement,
    /// Credit, revoking, shrinking and goodbyes.
    Control,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, "tag {tag}"),
            Self::Collective(collective) => collective.fmt(f),
            Self::Agreement => f.write_str("agreement"),
            Self::Control => f.write_str("control"),
        }
    }
}

/// Traffic of one topic. Bytes are those of the program: neither headers nor TLS.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TopicStats {
    /// Messages that this node began to send.
    pub messages_sent: u64,
    /// Messages whose beginning has come.
    pub messages_received: u64,
    /// Bytes of the whole content of those.
    pub bytes_sent: u64,
    /// Bytes of the whole content of those.
    pub bytes_received: u64,
}

/// Traffic of a node with the others of its party, that of all communicators over the same links together.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CommStats {
    /// By peer: everything, headers included, TLS aside.
    pub peers: Vec<(NodeId, LinkStats)>,
    /// By topic.
    pub topics: BTreeMap<Topic, TopicStats>,
}

impl CommStats {
    /// The traffic with all peers together.
    pub fn total(&self) -> LinkStats {
        let mut total = LinkStats::default();
        self.peers.iter().for_each(|(_, stats)| total.merge(stats));
        total
    }

    /// What moved under this topic.
    pub fn topic(&self, topic: Topic) -> TopicStats {
        self.topics.get(&topic).copied().unwrap_or_default()
    }
}
