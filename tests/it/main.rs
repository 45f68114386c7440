//! End-to-end tests: real processes, real TLS, real signals. One binary, so that the crates are
//! linked once.

#![allow(clippy::unwrap_used, reason = "a failed test may panic anywhere")]

mod bench;
mod check;
mod checkpoint;
mod chunks;
mod clients;
mod command_line;
mod compiling;
mod conformance;
mod connections;
mod cost;
mod deployment;
mod diagnostics;
mod differential;
mod distributed;
mod documents;
mod editor;
mod faults;
mod files;
mod identities;
mod inputs;
mod language;
mod main_job;
mod nodes;
mod plans;
mod programs;
mod rounds;
mod run_time_errors;
mod stalls;
mod statistics;
mod support;
mod tidy;
mod together;
mod trace;
mod worker_inputs;
