//! Making the first communicator of a process: links with the other nodes of the party over mutual TLS.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use super::Comm;
use crate::config::HostPort;
use crate::identity::{Identity, Trust};
use crate::ids::NodeId;
use crate::net::AbortFlag;
use crate::setup::members::{Addresses, NodesConfig, check_token, connect_nodes};
use crate::setup::{Error, OnRefused};

/// Everything that a node must know to be a member of its party's communicator, besides addresses.
pub struct CommConfig {
    /// Who this node is. Its rank is the place of this node among `members`.
    pub identity: Arc<Identity>,
    /// Whom it believes: of that, only the authority of its own party counts.
    pub trust: Arc<Trust>,
    /// All members, in the order of ranks; the same at all. See [`members_of`](super::members_of).
    pub members: Vec<NodeId>,
    /// What all members must have been started for, such as the number of a job and the hash of a program: at most
    /// 1 KiB. It is no secret.
    pub token: Vec<u8>,
    /// The name of the communicator, for messages.
    pub name: String,
    /// How long to wait for all members, all phases of set-up together.
    pub startup_deadline: Duration,
    /// How long operations may wait afterwards.
    pub deadline: Duration,
    /// Receives a line for each connection that was refused; called on a background thread.
    pub on_refused: OnRefused,
}

/// Connects all members, whose addresses are all known: one for each, in the order of ranks. The own one is not used.
///
/// The listener is this node's; who wants to use it afterwards keeps a clone of it. Returns when all members are linked
/// with each other. Fails at all members, with the same reason, if one is missing or was started for something else.
pub fn connect(
    config: CommConfig,
    listener: TcpListener,
    addresses: &[HostPort],
    abort: AbortFlag,
) -> Result<Comm, Error> {
    establish(config, listener, Addresses::All(addresses.to_vec()), abort)
}

/// Connects all members where only the address of the first one (rank 0: the main node) is known. The others announce
/// where they listen, `own` or what can be seen of it, and the root sends the table round.
///
/// More convenient than [`connect()`], which needs no more connections but more configuration. Fails in the same way.
pub fn rendezvous(
    config: CommConfig,
    listener: TcpListener,
    root: &HostPort,
    own: Option<HostPort>,
    abort: AbortFlag,
) -> Result<Comm, Error> {
    establish(config, listener, Addresses::Root { root: root.clone(), own }, abort)
}

fn establish(
    config: CommConfig,
    listener: TcpListener,
    addresses: Addresses,
    abort: AbortFlag,
) -> Result<Comm, Error> {
    let CommConfig {
        identity,
        trust,
        members,
        token,
        name,
        startup_deadline,
        deadline,
        on_refused,
    } = config;
    let Some(me) = identity.node() else {
        return Err(std::io::Error::other("an external client is no node of a party").into());
    };
    check_token(me, &token)?;
    for (idx, member) in members.iter().enumerate() {
        let reason = match () {
            () if member.party != me.party => {
                format!("{member} is of another party: its nodes never are in one communicator")
            }
            () if members[..idx].contains(member) => format!("{member} is listed twice"),
            () => continue,
        };
        return Err(Error::Nodes { me, reason });
    }
    let nodes = members.clone();
    let config =
        NodesConfig { identity, trust, me, members, token, deadline: startup_deadline, on_refused };
    let links = connect_nodes(config, listener, addresses, abort.clone())?;
    let mut comm = Comm::from_links(&name, me, nodes, links, abort);
    // Nobody begins before all have all their links.
    comm.set_deadline(startup_deadline);
    comm.barrier().map_err(|error| Error::Nodes { me, reason: error.to_string() })?;
    comm.set_deadline(deadline);
    Ok(comm)
}
