//! Small programs, written by hand, in the clear and among three parties.

mod binary;
mod bits;
mod check;
mod checkpoint;
mod client;
mod code;
mod control;
mod files;
mod interactive;
mod joint;
mod memory;
mod nodes;
mod order;
mod output;
mod public;
mod socket;
mod spans;
mod values;

use caucus_bytecode::Program;
use caucus_core::algebra::{Z64, Z128};
use caucus_core::ids::PartyId;
use caucus_protocols::{Emulate, Replicated};

use crate::testing::{MemoryHost, Switchboard, run};
use crate::{Outcome, RuntimeError};
use code::Code;

/// Surroundings of one process that plays three parties.
fn alone() -> Vec<MemoryHost> {
    vec![MemoryHost::new(None, 3, Switchboard::default())]
}

/// Surroundings of three parties.
fn three() -> Vec<MemoryHost> {
    MemoryHost::for_parties(3, &Switchboard::default())
}

/// Gives each party its private inputs in the main thread.
fn give(hosts: &[MemoryHost], inputs: &[&[i64]]) {
    for host in hosts {
        for (player, values) in inputs.iter().enumerate() {
            host.add_inputs(PartyId::new(player as u8), 0, values);
        }
    }
}

/// What P0 prints, in the clear and among three parties, is `expected`.
#[track_caller]
fn prints(expected: &str, write: impl FnOnce(&mut Code)) {
    prints_with(&[], expected, write);
}

/// The same with private inputs of the parties.
#[track_caller]
fn prints_with(inputs: &[&[i64]], expected: &str, write: impl FnOnce(&mut Code)) {
    let program = Code::program(write);
    let (clear, shared) = (alone(), three());
    give(&clear, inputs);
    give(&shared, inputs);
    all_succeed(run::<Emulate<Z64>>(&program, &clear));
    assert_eq!(clear[0].output(), expected, "in the clear");
    all_succeed(run::<Replicated<Z64>>(&program, &shared));
    assert_eq!(shared[0].output(), expected, "among three parties");
    let wide = Program { ring_bits: 128, ..program };
    let hosts = alone();
    give(&hosts, inputs);
    all_succeed(run::<Emulate<Z128>>(&wide, &hosts));
    assert_eq!(hosts[0].output(), expected, "in the ring of 2^128");
}

#[track_caller]
fn all_succeed(results: Vec<Result<Outcome, RuntimeError>>) -> Vec<Outcome> {
    let outcome = |result: Result<Outcome, RuntimeError>| match result {
        Ok(outcome) => outcome,
        Err(error) => panic!("{error}"),
    };
    results.into_iter().map(outcome).collect()
}

/// How a program fails at all three parties, which is the same as in the clear. Gives what P0 printed, too.
#[track_caller]
fn fails(write: impl FnOnce(&mut Code)) -> (RuntimeError, String) {
    let program = Code::program(write);
    let (clear, shared) = (alone(), three());
    let error = run::<Emulate<Z64>>(&program, &clear).remove(0).expect_err("it fails in the clear");
    for result in run::<Replicated<Z64>>(&program, &shared) {
        let found = result.expect_err("it fails at all parties");
        assert_eq!(found.to_string(), error.to_string());
    }
    assert_eq!(clear[0].output(), shared[0].output());
    (error, clear[0].output())
}
