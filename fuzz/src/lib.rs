//! Everything that reads bytes from outside, as targets of a fuzzer.
//!
//! Each crate keeps its targets next to what they call, in its `fuzzing` module: a name, a function that may not panic,
//! hang or take much memory whatever bytes it is given, and valid examples to begin with. `scripts/fuzz` has libFuzzer
//! look for bytes that break one; the tests of this crate give each target the examples and many changes of them.

use std::path::Path;
use std::sync::LazyLock;

use caucus_bytecode::{Program, text, verify};
use caucus_compiler::{Options, Source};
use caucus_core::algebra::{Ring, Z64};
use caucus_core::fuzzing::{facing, of_two_peers};
use caucus_core::ids::PartyId;
use caucus_core::net::{Step, header};
use caucus_core::random::Seed;
use caucus_protocols::testing::Conform;
use caucus_protocols::{Error, Opened, Protocol, Replicated, Rounding, SessionId, ShareVector};

pub use caucus_core::fuzzing::Target;

/// All targets.
pub static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(|| {
    let here: &[Target] =
        &[("bytecode", bytecode, bytecode_examples), ("protocol", protocol, protocol_examples)];
    let all = [
        here,
        caucus_core::fuzzing::TARGETS,
        caucus_compiler::fuzzing::TARGETS,
        caucus_party::fuzzing::TARGETS,
        caucus_client::fuzzing::TARGETS,
    ];
    all.concat()
});

/// The target of this name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.0 == name).copied()
}

/// A container of bytecode: what is taken is the same when it is written and read again, and has a text.
fn bytecode(bytes: &[u8]) {
    let Ok(program) = Program::from_bytes(bytes) else { return };
    let again = Program::from_bytes(&program.to_bytes()).expect("an own encoding is read");
    assert_eq!(again.hash(), program.hash(), "the program changes");
    if verify(&program).is_ok() {
        let _ = (text::disassemble(&program), program.max_threads(), program.chunk_tapes());
    }
}

/// Programs of the test suite. Needs Python, as the compiler does.
fn bytecode_examples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/language");
    let compiled = ["reductions", "multinode_control", "bit_memory"].map(|name| {
        let path = folder.join(format!("{name}.mpc"));
        let source = Source { path, display: format!("{name}.mpc"), args: Vec::new() };
        let compiled = caucus_compiler::compile(&source, &Options::default());
        compiled.expect("programs of the test suite are compiled").program.to_bytes()
    });
    compiled.into()
}

type Ours = Replicated<Z64>;

/// What both peers tell a party in one operation of the protocol, which the first byte chooses.
fn protocol(bytes: &[u8]) {
    let Some((operation, rest)) = bytes.split_first() else { return };
    let (mut net, _sockets) = facing(of_two_peers(rest));
    let mut party = Ours::dealt(&Seed::from_bytes([1; 32]), PartyId::new(0));
    let [mut a, mut b, mut out] = [(); 3].map(|()| <Ours as Protocol>::Vector::default());
    let values: Vec<_> = (0..LANES as i64).map(Z64::from_i64).collect();
    party.public(&values, &mut a);
    party.public(&values, &mut b);
    let net = &mut net;
    let lanes = match operation % 10 {
        0 => party.mul(net, &a, &b, &mut out).map(|()| LANES),
        1 => party.dot(net, &a, &b, 2, &mut out).map(|()| 2),
        2 => party.less_than_zero(net, &a, 32, &mut out).map(|()| LANES),
        3 => party.equal_zero(net, &a, 64, &mut out).map(|()| LANES),
        4 => party.decompose(net, &a, 5, &mut out).map(|()| 5 * LANES),
        5 => party.truncate(net, &a, 7, 40, Rounding::Nearest, &mut out).map(|()| LANES),
        6 => party.shuffle(net, 3, &a, &mut out).map(|()| LANES),
        7 => party.input(net, PartyId::new(1), None, LANES, &mut out).map(|()| LANES),
        8 => opened(&mut party, net, &a).map(|()| 0),
        _ => Ours::setup(net, &SessionId::new([2; 32])).map(|_| 0),
    };
    if let Ok(lanes) = lanes {
        assert_eq!(out.len(), lanes, "operation {operation} has another number of results");
    }
}

/// Divisible by what the operations cut it into.
const LANES: usize = 6;

fn opened(
    party: &mut Ours,
    net: &mut caucus_core::net::Net,
    a: &<Ours as Protocol>::Vector,
) -> Result<(), Error> {
    let mut values = Opened::default();
    party.open(net, a, &mut values)?;
    party.check(net).map(|_| ())
}

fn protocol_examples() -> Vec<Vec<u8>> {
    let message = |step: Step, lanes: usize| {
        let body = vec![0xa5; lanes * 8];
        [&header(step, body.len())[..], &body].concat()
    };
    let of = |operation: u8, from_one: Vec<u8>, from_two: Vec<u8>| {
        [&[operation, from_one.len() as u8][..], &from_one, &from_two].concat()
    };
    vec![
        of(0, Vec::new(), message(Step::Mul, LANES)),
        of(0, message(Step::Mul, LANES), Vec::new()),
        of(1, message(Step::Dot, 2), message(Step::Dot, 2)),
        of(7, message(Step::Input, LANES), Vec::new()),
        of(8, message(Step::Open, LANES), message(Step::Open, LANES)),
        of(9, message(Step::Setup, 4), message(Step::Setup, 4)),
    ]
}
