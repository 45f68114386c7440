//! Why a node ended without success, by who can mend it.

use caucus_bytecode::VerifyError;
use caucus_core::ids::{NodeId, PartyId};
use caucus_core::{identity, net, setup};
use caucus_vm::{Kind, RuntimeError};

use crate::host;
use crate::inputs::InputError;
use crate::registry::{Parties, Row};

/// Exit codes, the same for all commands.
pub(crate) mod exit {
    pub(crate) const PROGRAM: i32 = 1;
    pub(crate) const USAGE: i32 = 2;
    pub(crate) const CONFIGURATION: i32 = 3;
    pub(crate) const CONNECT: i32 = 4;
    pub(crate) const PEER_LOST: i32 = 5;
    pub(crate) const SECURITY: i32 = 6;
    pub(crate) const RESOURCE: i32 = 7;
    pub(crate) const DISAGREE: i32 = 8;
    pub(crate) const INPUT: i32 = 9;
    pub(crate) const BUG: i32 = 10;
}

/// Why a node ended without success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytecode breaks a rule.
    #[error("{me}: the program `{program}` cannot run: {source}; compile it again")]
    Program {
        /// This node.
        me: NodeId,
        /// Name of the program.
        program: String,
        /// What the verifier objects to.
        source: VerifyError,
    },
    /// The protocol does not work in the ring that the program was compiled for.
    #[error(
        "{me}: the program `{program}` was compiled for a ring of {found} bits, but the protocol `{protocol}` works \
         with {}; compile it with -R and one of these",
        one_of(expected)
    )]
    Ring {
        /// This node.
        me: NodeId,
        /// Name of the program.
        program: String,
        /// Name of the protocol.
        protocol: &'static str,
        /// The lengths that work.
        expected: &'static [u32],
        /// The length in the program.
        found: u32,
    },
    /// The protocol is for another number of parties.
    #[error("{me}: the protocol `{protocol}` is for {expected}, not for {found}")]
    NumberOfParties {
        /// This node.
        me: NodeId,
        /// Name of the protocol.
        protocol: &'static str,
        /// What it takes.
        expected: Parties,
        /// What was asked for.
        found: usize,
    },
    /// There is no such party.
    #[error("{me}: there are {n_parties} parties, the last one is P{}", .n_parties - 1)]
    NoSuchParty {
        /// This node.
        me: NodeId,
        /// How many there are.
        n_parties: usize,
    },
    /// The own port cannot be listened on.
    #[error(
        "{me}: cannot listen for the other parties on port {port}: {source}; choose another port in the hosts file"
    )]
    Listen {
        /// This node.
        me: NodeId,
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no thread.
    #[error("{me}: cannot start a thread: {source}")]
    Thread {
        /// This node.
        me: NodeId,
        /// What the system said.
        source: std::io::Error,
    },
    /// Private inputs.
    #[error("{me}: {source}")]
    Input {
        /// This node.
        me: NodeId,
        /// What is wrong.
        source: InputError,
    },
    /// The own identity, or what is needed to judge others'.
    #[error("{me}: {source}")]
    Identity {
        /// This node.
        me: NodeId,
        /// What is wrong.
        source: Box<identity::Error>,
    },
    /// The connections with the other parties could not be made.
    #[error("{me}: {source}")]
    Setup {
        /// This node.
        me: NodeId,
        /// What happened.
        source: Box<setup::Error>,
    },
    /// Another party is about to do something else.
    #[error(
        "{me} and {theirs_node} disagree on the {what}: {me} has {ours}, {theirs_node} has {theirs}; start all \
         parties with the same program, arguments and options"
    )]
    Disagree {
        /// This node.
        me: NodeId,
        /// The other one.
        theirs_node: NodeId,
        /// What differs.
        what: &'static str,
        /// How it is here.
        ours: String,
        /// How it is there.
        theirs: String,
    },
    /// The protocol could not begin.
    #[error("{me}: {source}")]
    Protocol {
        /// This node.
        me: NodeId,
        /// What happened.
        source: caucus_protocols::Error,
    },
    /// The program failed, or something failed while it ran.
    #[error("{me}: {source}")]
    Runtime {
        /// This node.
        me: NodeId,
        /// What happened, and where in the program.
        source: Box<RuntimeError>,
    },
    /// The program ended here, but not everywhere.
    #[error("{me}: after the program's end: {source}")]
    Finish {
        /// This node.
        me: NodeId,
        /// What happened.
        source: net::Error,
    },
    /// The run was ended for a cause that lies elsewhere.
    #[error("{cause}")]
    Aborted {
        /// This node.
        me: NodeId,
        /// The first cause, which names its node.
        cause: String,
    },
    /// A fault of Caucus.
    #[error("{me}: a fault in Caucus: {what}; please report it with the program")]
    Bug {
        /// This node.
        me: NodeId,
        /// What happened.
        what: String,
    },
}

impl Error {
    /// The exit code: 1 the program failed, 3 configuration or identity, 4 could not connect, 5 a peer was lost,
    /// 6 security, 7 out of a resource, 8 parties disagree, 9 bad input data, 10 a fault of Caucus.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Program { .. }
            | Self::Ring { .. }
            | Self::NumberOfParties { .. }
            | Self::NoSuchParty { .. }
            | Self::Identity { .. }
            | Self::Listen { .. } => exit::CONFIGURATION,
            Self::Thread { .. } => exit::RESOURCE,
            Self::Input { .. } => exit::INPUT,
            Self::Setup { source, .. } => of_setup(source),
            Self::Disagree { .. } => exit::DISAGREE,
            Self::Protocol { source, .. } => of_protocol(source),
            Self::Runtime { source, .. } => of_kind(&source.kind),
            Self::Finish { source, .. } => of_net(source),
            Self::Aborted { .. } => exit::PEER_LOST,
            Self::Bug { .. } => exit::BUG,
        }
    }

    /// The code by which the documentation explains it, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Input { source, .. } => Some(source.code()),
            Self::Runtime { source, .. } => match host_error(source) {
                Some(host::Error::Input(input)) => Some(input.code()),
                _ => source.kind.code(),
            },
            _ => None,
        }
    }

    /// What to do about it, where the message does not say it already.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Input { source, .. } => Some(source.remedy()),
            Self::Runtime { source, .. } => match host_error(source) {
                Some(host::Error::Input(input)) => Some(input.remedy()),
                _ => source.kind.remedy(),
            },
            _ => None,
        }
    }

    /// `file:line` of the program, if it failed in a certain place.
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::Runtime { source, .. } => source.position.as_deref(),
            _ => None,
        }
    }

    /// What the other parties are told: nothing of what only this party knows.
    pub(crate) fn for_peers(&self) -> String {
        match self {
            Self::Aborted { cause, .. } => cause.clone(),
            Self::Input { me, source } => format!("{me} ended: {}", source.for_peers()),
            Self::Runtime { me, source } => {
                let private = host_error(source).and_then(host::Error::for_peers);
                match private {
                    Some(text) => format!("{me} ended: {text}"),
                    None if matches!(source.kind, Kind::Panic { .. }) => {
                        format!("{me} ended: a fault in Caucus")
                    }
                    None => format!("{me} ended: {source}"),
                }
            }
            Self::Bug { me, .. } => format!("{me} ended: a fault in Caucus"),
            other => format!("{} ended: {}", other.me(), other.without_me()),
        }
    }

    fn without_me(&self) -> String {
        let text = self.to_string();
        match text.strip_prefix(&format!("{}: ", self.me())) {
            Some(rest) => rest.to_owned(),
            None => text,
        }
    }

    /// The node that failed.
    pub fn me(&self) -> NodeId {
        match self {
            Self::Program { me, .. }
            | Self::Ring { me, .. }
            | Self::NumberOfParties { me, .. }
            | Self::NoSuchParty { me, .. }
            | Self::Listen { me, .. }
            | Self::Thread { me, .. }
            | Self::Input { me, .. }
            | Self::Identity { me, .. }
            | Self::Setup { me, .. }
            | Self::Disagree { me, .. }
            | Self::Protocol { me, .. }
            | Self::Runtime { me, .. }
            | Self::Finish { me, .. }
            | Self::Aborted { me, .. }
            | Self::Bug { me, .. } => *me,
        }
    }

    /// Whether this may only follow from another node's failure, whose cause arrives by the control links.
    pub(crate) fn is_consequence(&self) -> bool {
        match self {
            Self::Aborted { .. } => true,
            Self::Setup { source, .. } => matches!(**source, setup::Error::Aborted { .. }),
            Self::Protocol { source, .. } => is_lost(source),
            Self::Finish { source, .. } => is_lost_link(source),
            Self::Runtime { source, .. } => match &source.kind {
                Kind::Protocol(source) => is_lost(source),
                _ => host_error(source).is_some_and(|error| error.aborted().is_some()),
            },
            _ => false,
        }
    }

    /// Whether the program itself failed, which mostly happens at all parties at the same place.
    pub(crate) fn is_of_program(&self) -> bool {
        matches!(self, Self::Runtime { .. }) && self.exit_code() == exit::PROGRAM
    }

    pub(crate) fn ring(me: NodeId, row: &'static Row, program: &caucus_bytecode::Program) -> Self {
        Self::Ring {
            me,
            program: program.name.clone(),
            protocol: row.name,
            expected: row.ring_bits(),
            found: program.ring_bits,
        }
    }

    pub(crate) fn disagree(
        me: NodeId,
        party: PartyId,
        difference: crate::agree::Difference,
    ) -> Self {
        let crate::agree::Difference { what, ours, theirs } = difference;
        let theirs_node = NodeId { party, role: me.role };
        Self::Disagree { me, theirs_node, what, ours, theirs }
    }
}

/// The failure of the surroundings inside a run-time error.
fn host_error(error: &RuntimeError) -> Option<&host::Error> {
    match &error.kind {
        Kind::Host(error) => error.get_ref().downcast_ref(),
        _ => None,
    }
}

fn is_lost(error: &caucus_protocols::Error) -> bool {
    matches!(error, caucus_protocols::Error::Net(error) if is_lost_link(error))
}

fn is_lost_link(error: &net::Error) -> bool {
    match error {
        net::Error::Closed { .. }
        | net::Error::Timeout { .. }
        | net::Error::Aborted { .. }
        | net::Error::Io { .. }
        | net::Error::Tls { .. } => true,
        net::Error::Desync { .. } | net::Error::Malformed { .. } => false,
    }
}

fn of_setup(error: &setup::Error) -> i32 {
    match error {
        setup::Error::Identity(_)
        | setup::Error::Addresses { .. }
        | setup::Error::Refused { .. }
        | setup::Error::Untrusted { .. } => exit::CONFIGURATION,
        setup::Error::System { .. } => exit::RESOURCE,
        setup::Error::CannotConnect { .. }
        | setup::Error::NeverCame { .. }
        | setup::Error::NobodyCame { .. } => exit::CONNECT,
        setup::Error::Declined { .. }
        | setup::Error::Malformed { .. }
        | setup::Error::Nodes { .. } => exit::DISAGREE,
        setup::Error::Link(_) | setup::Error::Aborted { .. } => exit::PEER_LOST,
    }
}

/// The exit code of a connection that a program could not make.
pub(crate) fn of_program_connection(error: &setup::Error) -> i32 {
    of_setup(error)
}

fn of_net(error: &net::Error) -> i32 {
    match error {
        net::Error::Desync { .. } | net::Error::Malformed { .. } => exit::DISAGREE,
        net::Error::Closed { .. }
        | net::Error::Timeout { .. }
        | net::Error::Aborted { .. }
        | net::Error::Io { .. }
        | net::Error::Tls { .. } => exit::PEER_LOST,
    }
}

fn of_protocol(error: &caucus_protocols::Error) -> i32 {
    use caucus_protocols::Error as Protocol;
    match error {
        Protocol::Net(error) => of_net(error),
        Protocol::Comm(_) => exit::PEER_LOST,
        Protocol::Misbehaved { .. } => exit::SECURITY,
        Protocol::Unsupported { .. } | Protocol::WrongParties { .. } => exit::CONFIGURATION,
        Protocol::OutOfRange { .. }
        | Protocol::UnknownPermutation { .. }
        | Protocol::OtherPermutation { .. }
        | Protocol::NoPermutation { .. } => exit::PROGRAM,
        Protocol::NoInput { .. } => exit::BUG,
        Protocol::Malformed { .. } | Protocol::NotCanonical(_) => exit::DISAGREE,
    }
}

fn of_kind(kind: &Kind) -> i32 {
    match kind {
        Kind::Protocol(error) => of_protocol(error),
        Kind::Host(error) => error.class(),
        Kind::OutOfMemory { .. } | Kind::Spawn { .. } => exit::RESOURCE,
        Kind::Panic { .. } => exit::BUG,
        Kind::ClientDiffers { .. } => exit::SECURITY,
        Kind::InputRange { .. } => exit::INPUT,
        // The program's own failures, of which there may come to be more kinds.
        _ => exit::PROGRAM,
    }
}

fn one_of(bits: &[u32]) -> String {
    bits.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
