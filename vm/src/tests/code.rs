//! Writing programs by hand.

use caucus_bytecode::operand::*;
use caucus_bytecode::{ArrayDecl, Op, Position, Program, Tape, verify};

/// A program that is being written. Instruction `n` of a tape, from 0, is line `n + 1` of `test.mpc`.
pub(super) struct Code {
    program: Program,
    tape: usize,
}

impl Code {
    pub(super) fn program(write: impl FnOnce(&mut Self)) -> Program {
        let tape = Tape { name: "main".into(), ..Tape::default() };
        let program = Program {
            name: "test".into(),
            ring_bits: 64,
            tapes: vec![tape],
            files: vec!["test.mpc".into()],
            ..Program::default()
        };
        let mut code = Self { program, tape: 0 };
        write(&mut code);
        verify(&code.program).unwrap();
        code.program
    }

    /// Writes another tape, which has so many parameters: its first integer registers.
    pub(super) fn tape(&mut self, n_params: u32, write: impl FnOnce(&mut Self)) -> TapeRef {
        let lanes = [vec![], vec![], vec![1; n_params as usize], vec![]];
        let params = (0..n_params).collect();
        self.program.tapes.push(Tape { name: "other".into(), params, lanes, ..Tape::default() });
        let before = self.tape;
        self.tape = self.program.tapes.len() - 1;
        let tape = TapeRef(self.tape as u32);
        write(self);
        self.tape = before;
        tape
    }

    fn current(&mut self) -> &mut Tape {
        &mut self.program.tapes[self.tape]
    }

    pub(super) fn op(&mut self, op: Op) -> u32 {
        let tape = self.current();
        tape.ops.push(op);
        let line = tape.ops.len() as u32;
        tape.positions.push(Position { file: 0, line });
        line - 1
    }

    /// The index of the next instruction.
    pub(super) fn here(&mut self) -> Label {
        Label(self.current().ops.len() as u32)
    }

    pub(super) fn replace(&mut self, at: u32, op: Op) {
        self.current().ops[at as usize] = op;
    }

    fn register(&mut self, class: Class, lanes: u64) -> u32 {
        let table = &mut self.current().lanes[class.index()];
        table.push(lanes);
        table.len() as u32 - 1
    }

    pub(super) fn s(&mut self, lanes: u64) -> u32 {
        self.register(Class::Secret, lanes)
    }

    pub(super) fn c(&mut self, lanes: u64) -> u32 {
        self.register(Class::Public, lanes)
    }

    pub(super) fn i(&mut self, lanes: u64) -> u32 {
        self.register(Class::Int, lanes)
    }

    pub(super) fn b(&mut self, lanes: u64) -> u32 {
        self.register(Class::Bits, lanes)
    }

    pub(super) fn text(&mut self, text: &str) -> TextRef {
        self.program.texts.push(text.into());
        TextRef(self.program.texts.len() as u32 - 1)
    }

    pub(super) fn constant(&mut self, value: i128) -> ConstRef {
        self.program.constants.push(value.into());
        ConstRef(self.program.constants.len() as u32 - 1)
    }

    pub(super) fn array(&mut self, class: Class, len: u64) -> ArrayRef {
        self.program.arrays.push(ArrayDecl { class: class.index() as u32, len });
        ArrayRef::Global(self.program.arrays.len() as u32 - 1)
    }

    pub(super) fn local(&mut self, class: Class, len: u64) -> ArrayRef {
        let arrays = &mut self.current().arrays;
        arrays.push(ArrayDecl { class: class.index() as u32, len });
        ArrayRef::Local(arrays.len() as u32 - 1)
    }

    pub(super) fn int(&mut self, value: i64) -> SrcI {
        let dst = self.i(1);
        self.op(Op::LoadInt { dst: DstI(dst), value });
        SrcI(dst)
    }

    pub(super) fn ints(&mut self, values: &[i64]) -> SrcI {
        let dst = self.i(values.len() as u64);
        self.op(Op::LoadInts { dst: DstI(dst), values: values.to_vec() });
        SrcI(dst)
    }

    pub(super) fn publics(&mut self, values: &[i64]) -> SrcC {
        let src = self.ints(values);
        let dst = self.c(values.len() as u64);
        self.op(Op::PublicFromInt { dst: DstC(dst), src });
        SrcC(dst)
    }

    /// Secrets whose shares are random.
    pub(super) fn secrets(&mut self, values: &[i64]) -> SrcS {
        let lanes = values.len() as u64;
        let src = self.publics(values);
        let [plain, random, sum, dst] = [0; 4].map(|_| self.s(lanes));
        self.op(Op::SecretFromPublic { dst: DstS(plain), src });
        self.op(Op::RandomS { dst: DstS(random) });
        self.op(Op::AddS { dst: DstS(sum), a: SrcS(plain), b: SrcS(random) });
        self.op(Op::SubS { dst: DstS(dst), a: SrcS(sum), b: SrcS(random) });
        SrcS(dst)
    }

    pub(super) fn print(&mut self, parts: Vec<Part>) {
        let end = self.text("\n");
        let parts = [parts, vec![Part::Text(end)]].concat();
        self.op(Op::Print { condition: None, player: None, parts });
    }

    pub(super) fn show_i(&mut self, register: u32) {
        self.print(vec![Part::Int(SrcI(register))]);
    }

    pub(super) fn show_c(&mut self, register: u32) {
        self.print(vec![Part::Public(SrcC(register))]);
    }

    /// Opens a secret register and prints it.
    pub(super) fn show_s(&mut self, register: u32) {
        let lanes = self.current().lanes[Class::Secret.index()][register as usize];
        let dst = self.c(lanes);
        self.op(Op::OpenS { openings: vec![(DstC(dst), SrcS(register))] });
        self.show_c(dst);
    }

    /// Opens a register of secret bits and prints it.
    pub(super) fn show_b(&mut self, register: u32) {
        let lanes = self.current().lanes[Class::Bits.index()][register as usize];
        let dst = self.c(lanes);
        self.op(Op::OpenB { openings: vec![(DstC(dst), SrcB(register))] });
        self.show_c(dst);
    }
}

pub(super) fn level(count: u64, stride: i64) -> Level {
    Level { count, stride }
}
