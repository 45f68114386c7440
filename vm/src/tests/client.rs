//! External clients, who connect to each party separately.

use std::time::{Duration, Instant};

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Program};
use caucus_core::algebra::{Ring, Z64};
use caucus_protocols::{Checked, Emulate, Replicated};

use super::all_succeed;
use super::code::Code;
use crate::testing::{CLIENTS, MemoryHost, Switchboard, run};
use crate::{Host, Kind, Payload};

const PORT: i64 = 15000;

/// A proof of a check, which clients need not pass.
fn proof() -> Checked {
    let net = &mut caucus_core::net::Net::alone();
    let session = caucus_protocols::SessionId::new([0; 32]);
    let mut protocol: Emulate<Z64> = caucus_protocols::Protocol::setup(net, &session).unwrap();
    caucus_protocols::Protocol::check(&mut protocol, net).unwrap()
}

/// Three parties and their clients, each of whom has one connection to each of some parties.
struct World {
    parties: Vec<MemoryHost>,
    board: Switchboard,
}

impl World {
    fn new() -> Self {
        let board = Switchboard::default();
        let parties = MemoryHost::for_parties(3, &board);
        for party in &parties {
            party.listen(PORT).unwrap();
        }
        Self { parties, board }
    }

    /// Connects to one party as client `number` and sends one message.
    fn client(&self, party: usize, number: i64, kind: Payload, bytes: &[u8]) {
        let client = MemoryHost::new(None, 3, self.board.clone());
        let port = PORT + party as i64;
        let socket = client.connect("localhost", port, number, false).unwrap();
        client.send(proof(), socket, kind, bytes).unwrap();
    }
}

/// Accepts so many and shows their numbers.
fn accepting(n: usize) -> Program {
    Code::program(|code| {
        let port = code.int(PORT);
        for _ in 0..n {
            let dst = DstI(code.i(1));
            code.op(Op::Accept { dst, port });
            code.show_i(dst.0);
        }
    })
}

/// Accepts one, takes its message with this instruction, and shows the number.
fn taking(op: impl FnOnce(&mut Code, SrcI, u32) -> Op) -> Program {
    Code::program(|code| {
        let (port, dst, c) = (code.int(PORT), DstI(code.i(1)), code.c(2));
        code.op(Op::Accept { dst, port });
        let op = op(code, SrcI(dst.0), c);
        code.op(op);
        let player = Some(code.int(1));
        let parts = vec![Part::Public(SrcC(c))];
        code.op(Op::Print { condition: None, player, parts });
    })
}

fn receive(_: &mut Code, socket: SrcI, c: u32) -> Op {
    Op::RecvC { socket, values: vec![DstC(c)] }
}

fn receive_masked(_: &mut Code, socket: SrcI, c: u32) -> Op {
    Op::RecvMasked { socket, values: vec![DstC(c)] }
}

fn elements(values: [i64; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Z64::encode(&values.map(Z64::from_i64), &mut bytes);
    bytes
}

fn failures(program: &Program, world: &World) -> Vec<Kind> {
    let results = run::<Replicated<Z64>>(program, &world.parties);
    results.into_iter().map(|result| result.unwrap_err().kind).collect()
}

#[test]
fn all_parties_accept_in_the_order_of_p0() {
    let world = World::new();
    for (party, order) in [[8, 7, 9], [9, 7, 8], [7, 9, 8]].iter().enumerate() {
        for number in order {
            world.client(party, CLIENTS + number, Payload::Int, &[]);
        }
    }
    // One that has connected to some parties only keeps nobody out; a worker is not the client of its number.
    world.client(1, CLIENTS + 1, Payload::Int, &[]);
    world.client(2, 8, Payload::Int, &[]);
    all_succeed(run::<Replicated<Z64>>(&accepting(3), &world.parties));
    for party in &world.parties {
        assert_eq!(party.output(), "8\n7\n9\n");
    }
}

#[test]
fn each_party_takes_its_own_where_nobody_connects_to_all() {
    let world = World::new();
    for party in 0..3 {
        world.client(party, CLIENTS + 10 + party as i64, Payload::Public, &elements([5, -6]));
    }
    let own = |code: &mut Code, _, c| {
        let (player, socket) = (code.int(1), code.int(11));
        Op::RecvOwn { player, socket, values: vec![DstC(c)] }
    };
    let started = Instant::now();
    all_succeed(run::<Replicated<Z64>>(&taking(own), &world.parties));
    assert!(started.elapsed() > Duration::from_secs(2), "took {:?}", started.elapsed());
    let audience = crate::Audience::Player(caucus_core::ids::PartyId::new(1));
    let printed = world.parties.iter().map(|party| party.output_for(audience));
    assert_eq!(printed.collect::<Vec<_>>(), ["[0, 0]", "[5, -6]", "[0, 0]"]);
}

#[test]
fn a_client_that_sends_other_values_to_one_party_is_caught_by_all() {
    for op in [receive, receive_masked] {
        let world = World::new();
        for (party, second) in [4, 4, 5].into_iter().enumerate() {
            world.client(party, CLIENTS + 3, Payload::Public, &elements([1, second]));
        }
        let found = failures(&taking(op), &world);
        for (party, kind) in found.iter().enumerate() {
            let Kind::ClientDiffers { client: 3, party: other } = kind else { panic!("{kind}") };
            assert_eq!(other.index(), if party == 2 { 0 } else { 2 });
        }
        let text = found[0].to_string();
        assert!(text.starts_with("external client 3 sent other values to P2"), "{text}");
    }
}

#[test]
fn masked_inputs_must_be_of_one_client() {
    let world = || {
        let world = World::new();
        for party in 0..3 {
            let other = i64::from(party == 2);
            world.client(party, CLIENTS + 3 + other, Payload::Public, &elements([1, other]));
        }
        world
    };
    let found = failures(&taking(receive_masked), &world());
    assert!(matches!(found[2], Kind::OtherClient { mine: 4, theirs: 3, .. }), "{}", found[2]);
    // Public values of different clients may differ: programs tell them apart by such values.
    all_succeed(run::<Replicated<Z64>>(&taking(receive), &world().parties));
}

#[test]
fn equal_messages_pass_and_those_of_nodes_are_not_compared() {
    for (first, message) in [(CLIENTS + 3, [7, 7, 7]), (3, [7, 8, 9])] {
        let world = World::new();
        for (party, value) in message.into_iter().enumerate() {
            world.client(party, first, Payload::Public, &elements([value, 0]));
        }
        all_succeed(run::<Replicated<Z64>>(&taking(receive), &world.parties));
    }
}
