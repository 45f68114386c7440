//! The vector machine of Caucus.
//!
//! A [`Machine`] runs verified bytecode over any [`Protocol`](caucus_protocols::Protocol). It knows neither concrete
//! protocols nor sockets nor source text: private inputs, printing and connections of the program are asked of a
//! [`Host`]. Nothing that may depend on secrets reaches the host without the proof that the protocol's check has
//! passed.

mod checkpoint;
pub mod cost;
mod decimal;
mod error;
mod exec;
mod host;
mod joint;
mod kernel;
mod live;
mod machine;
mod memory;
mod nodes;
mod places;
mod registers;
mod release;
mod snapshot;
mod spans;
mod storage;
pub mod testing;
#[cfg(test)]
mod tests;
mod threads;
mod timers;

pub use checkpoint::{Beginning, Checkpoints};
pub use error::{Breach, Kind, Number, RuntimeError};
pub use host::{Arrival, Audience, Host, HostError, InputPiece, Payload};
pub use joint::{Joint, JointWork, Reordering};
pub use machine::{Machine, Outcome, ThreadSetup};
pub use nodes::{
    Assignment, ChunkFigures, ChunkName, ChunkSource, Chunks, Undone, Work, Workers, chunk_bytes,
};
pub use places::Places;
pub use storage::{Storage, Stored};
pub use timers::Timing;
