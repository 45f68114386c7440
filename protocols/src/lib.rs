//! Secret sharing protocols of Caucus.
//!
//! A [`Protocol`] computes on vectors of secrets. What one party holds of such a vector is a [`ShareVector`], or of secret bits a [`BitVector`], whose
//! linear operations are local; the interactive ones take a [`Net`](caucus_core::net::Net) as an argument.
//! - [`Emulate`]: the reference, in the clear, one process;
//! - [`Replicated`]: three parties, replicated sharing, semi-honest.
//!
//! This crate knows neither bytecode nor files. Which name means which type is decided elsewhere.

mod bits;
pub mod cost;
mod emulate;
mod error;
mod kernel;
mod opened;
mod permutation;
mod protocol;
mod replicated;
pub mod sharded;
mod shares;
mod stream;
pub mod strided;
pub mod testing;

pub use bits::{BitShares, BitVector};
pub use emulate::Emulate;
pub use error::Error;
pub use opened::{Checked, Opened};
pub use protocol::{Direction, Given, MatMulDims, Places, Protocol, Rounding, SessionId};
pub use replicated::Replicated;
pub use shares::{ShareVector, Shares};
pub use strided::Level;
