//! Rings, randomness, wire format, links and identities of Caucus.
//!
//! This crate knows neither shares nor programs. What everything above it builds on:
//! - [`algebra`]: the rings that values live in;
//! - [`random`]: seeds, labeled derivation and the bulk generator;
//! - [`net`]: a thread's view of its peers, with sending that never blocks and collectives;
//! - [`comm`]: communicators of the nodes of one party, with the collective operations of MPI;
//! - [`mod@wide`]: loops for the vectors that the machine has;
//! - [`wire`]: the encoding of control messages;
//! - [`ids`] and [`stats`]: names of parties and nodes, and counted traffic;
//! - [`clock`] and [`mod@trace`]: how clocks of nodes differ, and what took how long;
//! - [`identity`], [`setup`], [`control`] and [`config`]: certificates, making the mesh, watching it, its addresses.

pub mod algebra;
pub mod clock;
pub mod comm;
pub mod config;
pub mod control;
#[doc(hidden)]
pub mod fuzzing;
pub mod identity;
pub mod ids;
pub mod net;
pub mod random;
pub mod setup;
pub mod stats;
mod tile;
pub mod trace;
pub mod wide;
pub mod wire;
