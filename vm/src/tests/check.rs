//! Nothing leaves before the protocol's check has passed.

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Program};
use caucus_core::algebra::Z64;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_protocols::{
    BitShares, Checked, Emulate, Error, MatMulDims, Opened, Protocol, SessionId, Shares,
};

use super::code::Code;
use crate::testing::{MemoryHost, Switchboard, run};
use crate::{Arrival, Host, Kind, Payload};

/// Computes in the clear, but its check finds a peer that misbehaved.
struct Deceived(Emulate<Z64>);

type Vector = Shares<Z64, 1>;

impl Protocol for Deceived {
    type Ring = Z64;
    type Vector = Vector;
    type Bits = BitShares<1>;
    const NAME: &'static str = "deceived";

    fn setup(net: &mut Net, session: &SessionId) -> Result<Self, Error> {
        Emulate::setup(net, session).map(Self)
    }
    fn fork(&self, thread: u32) -> Self {
        Self(self.0.fork(thread))
    }
    fn n_parties(&self) -> usize {
        self.0.n_parties()
    }
    fn me(&self) -> PartyId {
        self.0.me()
    }
    fn public(&self, values: &[Z64], out: &mut Vector) {
        self.0.public(values, out);
    }
    fn add_public(&self, a: &Vector, b: &[Z64], out: &mut Vector) {
        self.0.add_public(a, b, out);
    }
    fn input(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&[Z64]>,
        n: usize,
        out: &mut Vector,
    ) -> Result<(), Error> {
        self.0.input(net, owner, values, n, out)
    }
    fn mul(
        &mut self,
        net: &mut Net,
        a: &Vector,
        b: &Vector,
        out: &mut Vector,
    ) -> Result<(), Error> {
        self.0.mul(net, a, b, out)
    }
    fn dot(
        &mut self,
        net: &mut Net,
        a: &Vector,
        b: &Vector,
        results: usize,
        out: &mut Vector,
    ) -> Result<(), Error> {
        self.0.dot(net, a, b, results, out)
    }
    fn matmul(
        &mut self,
        net: &mut Net,
        a: &Vector,
        b: &Vector,
        dims: impl Into<MatMulDims>,
        out: &mut Vector,
    ) -> Result<(), Error> {
        self.0.matmul(net, a, b, dims, out)
    }
    fn open(&mut self, net: &mut Net, a: &Vector, out: &mut Opened<Z64>) -> Result<(), Error> {
        self.0.open(net, a, out)
    }
    fn open_to(
        &mut self,
        net: &mut Net,
        a: &Vector,
        to: PartyId,
    ) -> Result<Option<Vec<Z64>>, Error> {
        self.0.open_to(net, a, to)
    }
    fn random(&mut self, n: usize, out: &mut Vector) {
        self.0.random(n, out);
    }
    fn write_summand(&self, a: &Vector) -> Vec<Z64> {
        self.0.write_summand(a)
    }
    fn check(&mut self, _net: &mut Net) -> Result<Checked, Error> {
        Err(Error::Misbehaved { check: "the test's check" })
    }
}

/// A host to which one client has been connected, as number 0, and that client with its connection.
fn connected() -> (MemoryHost, MemoryHost, i64) {
    let board = Switchboard::default();
    let [host, client] = [0; 2].map(|_| MemoryHost::new(None, 3, board.clone()));
    host.listen(1).unwrap();
    let socket = client.connect("localhost", 1, 0, false).unwrap();
    assert_eq!(host.accept(1, Arrival { number: 0, is_client: false }).unwrap(), 0);
    (host, client, socket)
}

/// An instruction that touches the outside.
fn outside(write: impl FnOnce(&mut Code, SrcI, SrcC, SrcS) -> Op) -> Program {
    Code::program(|code| {
        let (i, s) = (code.int(0), code.secrets(&[5]));
        let c = SrcC(code.c(1));
        code.op(Op::OpenS { openings: vec![(DstC(c.0), s)] });
        let op = write(code, i, c, s);
        code.op(op);
    })
}

#[test]
fn nothing_leaves_without_the_check() {
    let programs = [
        outside(|_, _, c, _| {
            let parts = vec![Part::Public(c)];
            Op::Print { condition: None, player: None, parts }
        }),
        outside(|_, i, _, _| Op::Print { condition: Some(i), player: Some(i), parts: vec![] }),
        outside(|code, _, _, _| Op::Fail { condition: code.int(1), parts: vec![] }),
        outside(|_, i, _, _| Op::Fail { condition: i, parts: vec![] }),
        outside(|_, _, _, _| Op::TimerStart { timer: 1 }),
        outside(|_, i, _, s| Op::SendS { socket: i, values: vec![s] }),
        outside(|_, i, _, s| Op::SendSummands { socket: i, values: vec![s] }),
        outside(|_, i, c, _| Op::SendC { socket: i, values: vec![c] }),
        outside(|_, i, _, _| Op::SendI { socket: i, values: vec![i] }),
        outside(|_, i, _, _| Op::Close { socket: i }),
        outside(|_, i, _, _| Op::Listen { port: i }),
        outside(|_, _, _, _| Op::Check {}),
    ];
    for program in programs {
        let (host, client, socket) = connected();
        let hosts = [host];
        let error = run::<Deceived>(&program, &hosts).remove(0).unwrap_err();
        let is_verdict =
            matches!(error.kind, Kind::Protocol(Error::Misbehaved { check: "the test's check" }));
        assert!(is_verdict, "{error}");
        assert_eq!(hosts[0].output(), "");
        // The connection is still open, and the first message on it is this one.
        let int = Payload::Int;
        let proof = Emulate::<Z64>::setup(&mut Net::alone(), &SessionId::new([0; 32]))
            .and_then(|mut protocol| protocol.check(&mut Net::alone()))
            .unwrap();
        hosts[0].send(proof, 0, int, &[7]).unwrap();
        assert_eq!(client.receive(socket, int, 1, 1).unwrap(), [7]);
    }
}

#[test]
fn a_program_that_outputs_nothing_is_checked_at_its_end() {
    let program = Code::program(|_| ());
    let (host, _client, _socket) = connected();
    let error = run::<Deceived>(&program, &[host]).remove(0).unwrap_err();
    assert!(matches!(error.kind, Kind::Protocol(Error::Misbehaved { .. })));
}
