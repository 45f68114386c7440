//! What programs cost under a protocol, stated before anything runs.

use caucus_bytecode::Op;
use caucus_protocols::Protocol;

pub use caucus_protocols::cost::Cost;
pub use caucus_vm::cost::{Facts, Price};

use crate::registry::{self, Row, WithProtocol};

/// The prices of a protocol in one ring.
#[derive(Clone, Copy, Debug)]
pub struct Prices {
    /// What the protocol does before the program, whose round is none of the program's.
    pub setup: Cost,
    price: fn(&Op, &Facts<'_>) -> Price,
}

impl Prices {
    /// The prices of a protocol; `None` if it does not state what it costs, or has no such ring.
    pub fn of(row: &Row, ring_bits: u32) -> Option<Self> {
        registry::dispatch(row, ring_bits, Find).flatten()
    }

    /// The price of an instruction.
    pub fn price(&self, op: &Op, facts: &Facts<'_>) -> Price {
        (self.price)(op, facts)
    }
}

struct Find;

impl WithProtocol for Find {
    type Output = Option<Prices>;

    fn call<P: Protocol + 'static>(self) -> Option<Prices> {
        Some(Prices { setup: P::setup_cost()?, price: caucus_vm::cost::price::<P> })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_among_parties_state_their_costs() {
        for row in registry::ROWS {
            for bits in row.ring_bits() {
                assert_eq!(Prices::of(row, *bits).is_some(), !row.is_simulated(), "{}", row.name);
            }
        }
    }
}
