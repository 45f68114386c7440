//! Parties of many nodes: chunks of loops go to workers, which come, go and fail.
//!
//! `coordinator` decides, at P0's main node and for all parties; `office` carries its decisions to all main nodes;
//! `manager` does at each of them what was decided, with a thread for each worker in `attend`; `worker` is the other
//! end, whose machine takes its chunks from `source`. `message` is what they say. What all workers of a party do together
//! goes from `together`, at the main node, to `partners`.

mod attend;
mod coordinator;
mod host;
mod manager;
pub(crate) mod message;
mod office;
mod partners;
mod source;
mod together;
mod worker;

pub use manager::WorkerFailure;
pub(crate) use manager::{Ending, ManagerConfig};
pub(crate) use office::{LINKS, Office, OfficeConfig, OfficeMeans};
pub use worker::{WorkerConfig, serve};
