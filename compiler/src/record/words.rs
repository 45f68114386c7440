//! The words of one tape: instructions of the bytecode table and markers, each followed by its
//! position. Markers open and close regions.

use caucus_bytecode::Op;
use caucus_bytecode::words::{DecodeError, Words};

use super::RecordError;
use crate::ir::{Array, Block, Class, Loop, LoopKind, Node, Position, Stmt};

const ARRAY: i64 = 1000;
const LOOP: i64 = 1001;
const IF: i64 = 1002;
const ELSE: i64 = 1003;
const WHILE: i64 = 1004;
const TEST: i64 = 1005;
const BREAK: i64 = 1006;
const END: i64 = 1099;

/// How deep regions may be nested, so that passes can be recursive. Python's own limit on nested
/// calls ends a program long before.
const MAX_DEPTH: usize = 300;

/// A region that is not closed yet.
enum Open {
    Tape,
    Loop(Box<Loop>),
    Then { condition: u32 },
    Otherwise { condition: u32, then: Block },
    Test,
    Body { test: Block, condition: u32 },
}

struct Region {
    open: Open,
    position: Position,
    block: Block,
}

/// Decodes the words of a tape; appends what it declares to `arrays`. The words are used up.
pub(super) fn decode(
    words: Vec<i64>,
    tape: usize,
    arrays: &mut Vec<Array>,
) -> Result<Block, RecordError> {
    Decoder { words, next: 0, at: 0, tape, arrays }.tape()
}

struct Decoder<'a> {
    words: Vec<i64>,
    /// The next word to be read.
    next: usize,
    /// Where the current instruction or marker starts.
    at: usize,
    tape: usize,
    arrays: &'a mut Vec<Array>,
}

impl Decoder<'_> {
    fn fault(&self, what: &'static str) -> RecordError {
        RecordError::Marker { tape: self.tape, at: self.at, what }
    }

    fn take(&mut self) -> Result<i64, RecordError> {
        let truncated = RecordError::Op { tape: self.tape, source: DecodeError::Truncated };
        let word = *self.words.get(self.next).ok_or(truncated)?;
        self.next += 1;
        Ok(word)
    }

    fn take_u32(&mut self) -> Result<u32, RecordError> {
        let word = self.take()?;
        u32::try_from(word).map_err(|_| self.fault("a number is out of range"))
    }

    fn take_u64(&mut self, what: &'static str) -> Result<u64, RecordError> {
        u64::try_from(self.take()?).map_err(|_| self.fault(what))
    }

    fn tape(&mut self) -> Result<Block, RecordError> {
        let mut outer = Vec::new();
        let mut region =
            Region { open: Open::Tape, position: Position::default(), block: Block::default() };
        while self.next < self.words.len() {
            self.at = self.next;
            let code = self.words[self.at];
            if !(ARRAY..=END).contains(&code) {
                let (op, position) = self.op()?;
                region.block.stmts.push(Stmt { position, node: Node::Op(op) });
                continue;
            }
            self.take()?;
            let position = self.position()?;
            let open = match code {
                ARRAY => {
                    let node = self.array()?;
                    region.block.stmts.push(Stmt { position, node });
                    continue;
                }
                BREAK => {
                    region.block.stmts.push(Stmt { position, node: Node::Break });
                    continue;
                }
                ELSE | TEST => {
                    region = self.second_part(code, region)?;
                    continue;
                }
                END => {
                    let Some(parent) = outer.pop() else {
                        return Err(self.fault("no region is open"));
                    };
                    let ended = std::mem::replace(&mut region, parent);
                    region.block.stmts.push(self.close(ended)?);
                    continue;
                }
                LOOP => Open::Loop(Box::new(self.counted_loop()?)),
                IF => Open::Then { condition: self.take_u32()? },
                WHILE => Open::Test,
                _ => return Err(self.fault("no such marker")),
            };
            if outer.len() == MAX_DEPTH {
                return Err(self.fault("loops and branches are nested too deep"));
            }
            let inner = Region { open, position, block: Block::default() };
            outer.push(std::mem::replace(&mut region, inner));
        }
        if !outer.is_empty() {
            return Err(self.fault("a region is not closed"));
        }
        Ok(region.block)
    }

    /// An instruction. Its position stands behind its number, where the bytecode has none, so the
    /// number is written over it once it has been read.
    fn op(&mut self) -> Result<(Op, Position), RecordError> {
        let code = self.take()?;
        let position = self.position()?;
        let start = self.next - 1;
        self.words[start] = code;
        let mut read = Words::new(&self.words[start..]);
        let op = Op::decode(&mut read).map_err(|source| {
            let source = match source {
                DecodeError::Truncated => source,
                DecodeError::OutOfRange { at, word } => {
                    DecodeError::OutOfRange { at: start + at, word }
                }
                DecodeError::UnknownOp { code, .. } => DecodeError::UnknownOp { at: self.at, code },
            };
            RecordError::Op { tape: self.tape, source }
        })?;
        self.next = start + read.position();
        Ok((op, position))
    }

    fn position(&mut self) -> Result<Position, RecordError> {
        let word = self.take_u64("a position is negative")?;
        let file = u32::try_from(word >> 32).expect("32 bits are left");
        let line = u32::try_from(word & u64::from(u32::MAX)).expect("32 bits are left");
        Ok(Position { file, line })
    }

    fn array(&mut self) -> Result<Node, RecordError> {
        let class = Class::from_index(self.take_u32()?);
        let class = class.ok_or_else(|| self.fault("no such element type"))?;
        let len = self.take_u64("a negative length")?;
        self.arrays.push(Array { class, len, tape: self.tape });
        let number = u32::try_from(self.arrays.len() - 1);
        Ok(Node::Array(number.map_err(|_| self.fault("too many arrays"))?))
    }

    fn counted_loop(&mut self) -> Result<Loop, RecordError> {
        let (index, start, stop) = (self.take_u32()?, self.take_u32()?, self.take_u32()?);
        let step = self.take()?;
        if step == 0 {
            return Err(self.fault("a loop with step 0"));
        }
        let kind = self.take()?;
        let threads = self.take_u32()?;
        let unroll = Some(self.take_u64("a negative number of bodies")?).filter(|it| *it > 0);
        let kind = match (kind, threads) {
            (0, 0) => LoopKind::Sequential,
            (1, 0) => LoopKind::Parallel { unroll },
            (2, 1..) => LoopKind::Threads { threads, unroll },
            _ => return Err(self.fault("no such kind of loop")),
        };
        Ok(Loop { index, start, stop, step, kind, body: Block::default() })
    }

    /// `ELSE` or `TEST`: the region goes on with its second block.
    fn second_part(&mut self, code: i64, region: Region) -> Result<Region, RecordError> {
        let Region { open, position, block } = region;
        let open = match (code, open) {
            (ELSE, Open::Then { condition }) => Open::Otherwise { condition, then: block },
            (TEST, Open::Test) => Open::Body { test: block, condition: self.take_u32()? },
            _ => return Err(self.fault("a second part without a first")),
        };
        Ok(Region { open, position, block: Block::default() })
    }

    fn close(&self, region: Region) -> Result<Stmt, RecordError> {
        let Region { open, position, block } = region;
        let node = match open {
            Open::Loop(mut it) => {
                it.body = block;
                Node::Loop(it)
            }
            Open::Then { condition } => {
                Node::If { condition, then: block, otherwise: Block::default() }
            }
            Open::Otherwise { condition, then } => Node::If { condition, then, otherwise: block },
            Open::Body { test, condition } => Node::While { test, condition, body: block },
            Open::Test => return Err(self.fault("a loop without its test")),
            Open::Tape => return Err(self.fault("no region is open")),
        };
        Ok(Stmt { position, node })
    }
}
