//! How often a body is copied where a loop cannot be widened.

use caucus_bytecode::op::Effect;

use crate::ir::{Block, Node};

/// `main` times all copies in a loop, then `rest` copies on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unrolling {
    /// Iterations of the loop that remains.
    pub(super) main: u64,
    /// Copies behind it.
    pub(super) rest: u64,
}

impl Unrolling {
    /// For `count` iterations, `bodies` at a time; neither is 0.
    pub(super) fn of(count: u64, bodies: u64) -> Self {
        Self { main: count / bodies, rest: count % bodies }
    }
}

/// Whether a body has no control flow, so that copies of it can share rounds.
pub(super) fn is_straight(body: &Block) -> bool {
    body.stmts.iter().all(|stmt| match &stmt.node {
        Node::Op(op) => op.effect() != Effect::Control,
        Node::Array(_) => true,
        Node::Loop(_) | Node::If { .. } | Node::While { .. } | Node::Break => false,
    })
}
