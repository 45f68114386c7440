//! One node of a party as a library.
//!
//! [`run()`] takes a program, an identity and the addresses of the other parties, and gives a [`Report`] or an
//! [`Error`] with an exit code. On the way it connects, has all parties agree, picks the types for the protocol's name
//! (see [`registry`]), runs the program and gives it its surroundings: private inputs, printing, clients and workers.
//! Nothing is printed here: what happens goes to the caller's [`Events`].

mod agree;
mod checkpoint;
mod config;
pub mod cost;
mod download;
mod error;
mod events;
#[doc(hidden)]
pub mod fuzzing;
mod host;
mod inputs;
mod mark;
mod nodes;
mod outputs;
mod peers;
mod periodic;
mod pulse;
pub mod registry;
mod report;
mod run;
mod stalls;
mod storage;
mod trace;

#[cfg(test)]
mod tests;

pub use checkpoint::{CheckpointError, Checkpointing};
pub use config::{Config, Folders, WorkersConfig};
pub use download::DownloadFault;
pub use error::Error;
pub use events::{Audience, Events, Phase};
pub use host::Error as HostFailure;
pub use inputs::{
    InputError, Inputs, ManifestError, PART, PARTY, PartError, PartFault, PartSource,
    PublicInputError,
};
pub use nodes::{WorkerConfig, WorkerFailure, serve};
pub use outputs::OutputError;
pub use report::{LinkReport, Report, SocketReport, ThreadReport, TimerReport, WorkerReport};
pub use run::run;
pub use storage::StorageError;
