//! Modules written by hand, for tests.

use caucus_bytecode::operand::{ArrayIn, ArrayOut, DstI, DstS, IntOp, Part, SrcI, SrcS};
use caucus_bytecode::{ArrayRef, Level, Op};

use crate::ir::*;

/// Builds a module statement by statement.
pub(crate) struct Builder {
    module: Module,
    line: u32,
    open: Vec<(Stmt, Vec<Block>)>,
    tape: Tape,
}

impl Builder {
    pub(crate) fn new() -> Self {
        let files = vec!["test.mpc".to_owned()];
        let module = Module { name: "test".into(), ring_bits: 64, files, ..Module::default() };
        let tape = Tape { name: "main".into(), ..Tape::default() };
        Self { module, line: 1, open: Vec::new(), tape }
    }

    /// The source line of what follows.
    pub(crate) fn at(&mut self, line: u32) {
        self.line = line;
    }

    pub(crate) fn fresh(&mut self, class: Class, lanes: u64) -> u32 {
        self.module.regs.fresh(class, lanes)
    }

    pub(crate) fn node(&mut self, node: Node) {
        let stmt = Stmt { position: Position { file: 0, line: self.line }, node };
        match self.open.last_mut() {
            Some((_, blocks)) => blocks.last_mut().unwrap().stmts.push(stmt),
            None => self.tape.body.stmts.push(stmt),
        }
    }

    pub(crate) fn op(&mut self, op: Op) {
        self.node(Node::Op(op));
    }

    /// A constant integer.
    pub(crate) fn int(&mut self, value: i64) -> u32 {
        let dst = self.fresh(Class::Int, 1);
        self.op(Op::LoadInt { dst: DstI(dst), value });
        dst
    }

    /// An operation on two integers.
    pub(crate) fn binary(&mut self, op: IntOp, a: u32, b: u32) -> u32 {
        let dst = self.fresh(Class::Int, 1);
        self.op(Op::IntBinary { op, dst: DstI(dst), a: SrcI(a), b: SrcI(b) });
        dst
    }

    pub(crate) fn copy_int(&mut self, dst: u32, src: u32) {
        self.op(Op::MoveI { dst: DstI(dst), src: SrcI(src) });
    }

    pub(crate) fn array(&mut self, class: Class, len: u64) -> u32 {
        let tape = self.module.tapes.len();
        self.module.arrays.push(Array { class, len, tape });
        let index = u32::try_from(self.module.arrays.len() - 1).unwrap();
        self.node(Node::Array(index));
        index
    }

    /// Reads consecutive elements of an array of secrets.
    pub(crate) fn load(&mut self, array: u32, base: u32, lanes: u64) -> u32 {
        let dst = self.fresh(Class::Secret, lanes);
        let (array, base) = (ArrayIn(ArrayRef::Global(array)), SrcI(base));
        self.op(Op::LoadS { dst: DstS(dst), array, base, levels: levels(lanes) });
        dst
    }

    /// Writes consecutive elements of an array of secrets.
    pub(crate) fn store(&mut self, array: u32, base: u32, src: u32) {
        let lanes = self.module.regs.lanes(Reg { class: Class::Secret, index: src });
        let (array, base) = (ArrayOut(ArrayRef::Global(array)), SrcI(base));
        self.op(Op::StoreS { array, base, levels: levels(lanes), src: SrcS(src) });
    }

    pub(crate) fn mul(&mut self, a: u32, b: u32) -> u32 {
        let lanes = self.module.regs.lanes(Reg { class: Class::Secret, index: a });
        let dst = self.fresh(Class::Secret, lanes);
        self.op(Op::MulS { products: vec![(DstS(dst), SrcS(a), SrcS(b))] });
        dst
    }

    pub(crate) fn print_int(&mut self, src: u32) {
        let parts = vec![Part::Int(SrcI(src))];
        self.op(Op::Print { condition: None, player: None, parts });
    }

    fn region(&mut self, node: Node) {
        let stmt = Stmt { position: Position { file: 0, line: self.line }, node };
        self.open.push((stmt, vec![Block::default()]));
    }

    pub(crate) fn region_loop(
        &mut self,
        index: u32,
        start: u32,
        stop: u32,
        step: i64,
        kind: LoopKind,
    ) {
        let body = Block::default();
        self.region(Node::Loop(Box::new(Loop { index, start, stop, step, kind, body })));
    }

    pub(crate) fn region_if(&mut self, condition: u32) {
        self.region(Node::If { condition, then: Block::default(), otherwise: Block::default() });
    }

    pub(crate) fn region_else(&mut self) {
        self.open.last_mut().unwrap().1.push(Block::default());
    }

    pub(crate) fn region_while(&mut self) {
        self.region(Node::While { test: Block::default(), condition: 0, body: Block::default() });
    }

    pub(crate) fn region_test(&mut self, wanted: u32) {
        let (stmt, blocks) = self.open.last_mut().unwrap();
        if let Node::While { condition, .. } = &mut stmt.node {
            *condition = wanted;
        }
        blocks.push(Block::default());
    }

    pub(crate) fn end(&mut self) {
        let (mut stmt, blocks) = self.open.pop().unwrap();
        let mut blocks = blocks.into_iter();
        let first = blocks.next().unwrap();
        match &mut stmt.node {
            Node::Loop(it) => it.body = first,
            Node::If { then, otherwise, .. } => {
                *then = first;
                *otherwise = blocks.next().unwrap_or_default();
            }
            Node::While { test, body, .. } => {
                *test = first;
                *body = blocks.next().unwrap_or_default();
            }
            other => panic!("{other:?} is no region"),
        }
        self.line = stmt.position.line;
        self.node(stmt.node);
    }

    /// Begins another tape, with parameters.
    pub(crate) fn tape(&mut self, params: usize) -> Vec<u32> {
        let params: Vec<_> = (0..params).map(|_| self.fresh(Class::Int, 1)).collect();
        let tape = Tape { name: "thread".into(), params: params.clone(), ..Tape::default() };
        self.module.tapes.push(std::mem::replace(&mut self.tape, tape));
        params
    }

    pub(crate) fn finish(mut self) -> Module {
        assert!(self.open.is_empty(), "a region is open");
        self.module.tapes.push(self.tape);
        self.module
    }
}

fn levels(count: u64) -> Vec<Level> {
    if count == 1 { vec![] } else { vec![Level { count, stride: 1 }] }
}
