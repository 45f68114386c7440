//! What one node needs to know to run a program.

use std::net::{IpAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use caucus_bytecode::Program;
use caucus_core::config::HostPort;
use caucus_core::ids::NodeId;
use caucus_core::net::AbortFlag;

use crate::checkpoint::Checkpointing;
use crate::inputs::Inputs;
use crate::registry::Row;

/// Where files besides private inputs lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Shares that outlive a run.
    pub persistence: PathBuf,
    /// Public inputs.
    pub public_inputs: PathBuf,
}

impl Default for Folders {
    fn default() -> Self {
        Self { persistence: "Persistence".into(), public_inputs: "Programs/Public-Input".into() }
    }
}

/// The workers that a main node takes into service.
pub struct WorkersConfig {
    /// How many are expected; all parties expect as many. More may come, and fewer.
    pub expected: usize,
    /// Where they come in.
    pub listener: TcpListener,
    /// How long the first distributed loop waits for those that are expected.
    pub patience: Duration,
}

/// What one node needs to know to run a program.
pub struct Config {
    /// This node; P0's where one process plays all parties. Its peers are the nodes of the same role.
    pub me: NodeId,
    /// How many parties compute. Where one process plays all, it plays three if this is less, and more if the program
    /// takes inputs of more.
    pub n_parties: usize,
    /// The protocol.
    pub protocol: &'static Row,
    /// The program. It need not be verified: [`crate::run()`] does that.
    pub program: Program,
    /// Directory of identities.
    pub certs: PathBuf,
    /// Where the other parties connect to; if none, the port of `peers` is bound on all addresses.
    pub listener: Option<TcpListener>,
    /// Where the parties listen, P0 first, this one included. Not used where one process plays all.
    pub peers: Vec<HostPort>,
    /// Address on which ports that the program names are opened.
    pub client_bind: IpAddr,
    /// Where this party's main node is, for programs that connect to it: instead of the host that the program names,
    /// which is the same for all parties.
    pub main_host: Option<String>,
    /// Where private inputs lie. Binary outputs go to the same folder.
    pub inputs: Inputs,
    /// Where other files lie.
    pub folders: Folders,
    /// The numbers that the program can ask this party's command line for.
    pub args: Vec<i64>,
    /// How long to wait for parties, workers and main nodes that are not there yet; usually 60 s.
    pub connect_timeout: Duration,
    /// How long a peer that is there may be silent on a data link. Usually an hour: it may be computing, and whether
    /// it lives is known from heartbeats.
    pub io_timeout: Duration,
    /// **Insecure**: all randomness is drawn from this number, which all parties must have, so that runs repeat. Not
    /// with workers, whose randomness depends on who computes what.
    pub insecure_seed: Option<u64>,
    /// Whether checkpoints are kept, beside the shares that outlive a run, and how the run begins.
    pub checkpoints: Checkpointing,
    /// The workers that compute chunks of distributed loops; if none, this node computes them itself. Not used where
    /// one process plays all parties.
    pub workers: Option<WorkersConfig>,
    /// Where to write what took how long at this node, if that is to be recorded: in this name `{party}` stands for the
    /// number of the party, `{node}` for the node, and `{run}` for eight digits that all nodes of the run have in common.
    pub trace: Option<PathBuf>,
    /// Ends the run when it is set; set by the run when another node fails.
    pub abort: AbortFlag,
}
