//! Connections between programs.

use std::thread;

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Program};
use caucus_core::algebra::Z64;
use caucus_protocols::{Emulate, Replicated};

use super::all_succeed;
use super::code::Code;
use crate::Kind;
use crate::testing::{MemoryHost, Switchboard, run};

const PORT: i64 = 15000;
const WORKER_0: crate::Arrival = crate::Arrival { number: 0, is_client: false };

/// Receives secrets, public elements and integers, and sends back their doubles.
fn main_program() -> Program {
    Code::program(|code| {
        let (port, client) = (code.int(PORT), code.i(1));
        code.op(Op::Listen { port });
        code.op(Op::Accept { dst: DstI(client), port });
        code.show_i(client);
        let socket = SrcI(client);
        let (s, t, c, i) = (code.s(2), code.s(1), code.c(2), code.i(3));
        code.op(Op::RecvS { socket, values: vec![DstS(s), DstS(t)] });
        code.op(Op::RecvC { socket, values: vec![DstC(c)] });
        code.op(Op::RecvI { socket, values: vec![DstI(i)] });
        code.op(Op::AddS { dst: DstS(s), a: SrcS(s), b: SrcS(s) });
        let (op, a) = (PublicOp::Add, SrcC(c));
        code.op(Op::PublicBinary { op, dst: DstC(c), a, b: a });
        let (op, a) = (IntOp::Add, SrcI(i));
        code.op(Op::IntBinary { op, dst: DstI(i), a, b: a });
        code.op(Op::SendS { socket, values: vec![SrcS(s), SrcS(t)] });
        code.op(Op::SendC { socket, values: vec![SrcC(c)] });
        code.op(Op::SendI { socket, values: vec![SrcI(i)] });
        code.op(Op::Close { socket });
    })
}

fn worker_program() -> Program {
    Code::program(|code| {
        let (port, id, socket) = (code.int(PORT), code.int(4), code.i(1));
        let host = code.text("localhost");
        code.op(Op::Connect { dst: DstI(socket), host, port, id, relative: true });
        let socket = SrcI(socket);
        let (s, t) = (code.secrets(&[1, 2]), code.secrets(&[3]));
        let (c, i) = (code.publics(&[-1, 5]), code.ints(&[7, -8, i64::MAX]));
        code.op(Op::SendS { socket, values: vec![s, t] });
        code.op(Op::SendC { socket, values: vec![c] });
        code.op(Op::SendI { socket, values: vec![i] });
        let (s, t, c, i) = (code.s(1), code.s(2), code.c(2), code.i(3));
        code.op(Op::RecvS { socket, values: vec![DstS(s), DstS(t)] });
        code.op(Op::RecvC { socket, values: vec![DstC(c)] });
        code.op(Op::RecvI { socket, values: vec![DstI(i)] });
        code.op(Op::Close { socket });
        code.show_s(s);
        code.show_s(t);
        code.show_c(c);
        code.show_i(i);
    })
}

#[test]
fn two_computations_exchange_values() {
    let board = Switchboard::default();
    let [main, worker] = [0; 2].map(|_| MemoryHost::for_parties(3, &board));
    thread::scope(|scope| {
        scope.spawn(|| all_succeed(run::<Replicated<Z64>>(&main_program(), &main)));
        all_succeed(run::<Replicated<Z64>>(&worker_program(), &worker));
    });
    assert_eq!(main[0].output(), "4\n");
    // Lanes are counted through the message: 2·1 | 2·2, 3 | …
    assert_eq!(worker[0].output(), "2\n[4, 3]\n[-2, 10]\n[14, -16, -2]\n");
}

/// What a program that only receives makes of a program that only sends.
fn received(send: impl FnOnce(&mut Code, SrcI), receive: impl FnOnce(&mut Code, SrcI)) -> Kind {
    let board = Switchboard::default();
    let [main, worker] = [0; 2].map(|_| [MemoryHost::new(None, 3, board.clone())]);
    let receiver = Code::program(|code| {
        let (port, client) = (code.int(PORT), code.i(1));
        code.op(Op::Listen { port });
        code.op(Op::Accept { dst: DstI(client), port });
        receive(code, SrcI(client));
    });
    let sender = Code::program(|code| {
        let (port, id, socket) = (code.int(PORT), code.int(0), code.i(1));
        let host = code.text("localhost");
        code.op(Op::Connect { dst: DstI(socket), host, port, id, relative: false });
        send(code, SrcI(socket));
    });
    thread::scope(|scope| {
        scope.spawn(|| all_succeed(run::<Emulate<Z64>>(&sender, &worker)));
        run::<Emulate<Z64>>(&receiver, &main).remove(0).unwrap_err().kind
    })
}

#[test]
fn a_message_of_another_length_is_an_error_that_names_both() {
    let kind = received(
        |code, socket| {
            let values = vec![code.secrets(&[1, 2, 3])];
            code.op(Op::SendS { socket, values });
        },
        |code, socket| {
            let values = vec![DstS(code.s(4))];
            code.op(Op::RecvS { socket, values });
        },
    );
    let Kind::Host(error) = kind else { panic!("{kind}") };
    assert_eq!(error.class(), 8);
    assert_eq!(error.to_string(), "expected 4 values of Shares, the message has 3 of Shares");
}

#[test]
fn summands_are_what_clients_add_up() {
    let program = Code::program(|code| {
        let (port, id, socket) = (code.int(PORT), code.int(0), code.i(1));
        let host = code.text("localhost");
        code.op(Op::Connect { dst: DstI(socket), host, port, id, relative: true });
        let socket = SrcI(socket);
        let values = vec![code.secrets(&[20, -30]), code.secrets(&[7])];
        code.op(Op::SendSummands { socket, values });
    });
    let board = Switchboard::default();
    let clients = MemoryHost::for_parties(3, &board);
    let hosts = MemoryHost::for_parties(3, &board);
    for client in &clients {
        crate::Host::listen(client, PORT).unwrap();
    }
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    let mut sums = [0_u64; 3];
    for client in &clients {
        let socket = crate::Host::accept(client, PORT, WORKER_0).unwrap();
        let kind = crate::Payload::Summands;
        let message = crate::Host::receive(client, socket, kind, 24, 8).unwrap();
        for (sum, word) in sums.iter_mut().zip(message.chunks(8)) {
            *sum = sum.wrapping_add(u64::from_le_bytes(word.try_into().unwrap()));
        }
    }
    assert_eq!(sums.map(|sum| sum as i64), [20, -30, 7]);
}
