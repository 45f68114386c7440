//! The commands `caucus` and `compile-run`: arguments, printing, exit codes, starting processes.
//!
//! This is the only place that prints or ends the process; algebra and shares are unknown here.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what the commands are for; no other crate does it"
)]

pub mod cli;
mod commands;
mod cost;
mod failure;
mod identities;
mod inputs;
mod launch;
mod managed;
mod memory;
mod progress;
mod report;
mod source;
mod trace;

pub use commands::main;
