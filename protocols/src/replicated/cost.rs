//! What the operations cost, as the parts of this folder state it; a test compares it with what is
//! sent.

use caucus_core::net::HEADER_BYTES;

use crate::cost::{Cost, Operation};
use crate::{Rounding, SessionId};

/// Bytes of the seeds of the setup, which is no round of the program.
pub(super) const SETUP: Cost =
    Cost { rounds: 0, bytes: 3 * (HEADER_BYTES + size_of::<SessionId>() as u64) };

/// Adds up messages.
struct Bill {
    cost: Cost,
    lanes: u64,
    element: u64,
}

impl Bill {
    /// A round in which so many parties send a message of this many bytes.
    fn round(&mut self, senders: u64, bytes: u64) {
        if bytes > 0 {
            let bytes = senders.saturating_mul(bytes.saturating_add(HEADER_BYTES));
            self.cost += Cost { rounds: 1, bytes };
        }
    }

    /// Bytes of rows of bits, which fill whole words.
    fn rows(&self, rows: u64) -> u64 {
        rows.saturating_mul(self.lanes.div_ceil(64)).saturating_mul(8)
    }

    /// Bytes of elements.
    fn elements(&self, per_lane: u64) -> u64 {
        per_lane.saturating_mul(self.lanes).saturating_mul(self.element)
    }

    /// The sum of both halves without carries, and the carries that places make.
    fn adder(&mut self, bits: u64, carries: u64) {
        self.round(1, self.rows(bits));
        self.round(2, self.rows(carries));
    }

    /// The carry out of some places.
    fn carry_out(&mut self, mut places: u64) {
        while places > 1 {
            self.round(3, self.rows(places / 2 * 2 - 1));
            places = places.div_ceil(2);
        }
    }

    /// The carries out of each place.
    fn all_carries(&mut self, places: u64) {
        let mut group = 1;
        while group < places {
            let upper = (0..places).filter(|place| place & group != 0);
            let rows = upper.map(|place| 1 + u64::from(place >= 2 * group)).sum();
            self.round(3, self.rows(rows));
            group *= 2;
        }
    }

    /// Bits become elements.
    fn lift(&mut self, rows: u64) {
        self.round(1, self.elements(rows));
        self.round(2, self.elements(rows));
    }
}

/// The cost of an operation on elements of so many bits and bytes.
pub(super) fn of(operation: &Operation, ring_bits: u32, element: u64) -> Cost {
    let lanes = operation.lanes();
    let mut bill = Bill { cost: Cost::default(), lanes, element };
    if lanes == 0 {
        return bill.cost;
    }
    match *operation {
        Operation::Multiply { .. } | Operation::Open { .. } => bill.round(3, bill.elements(1)),
        Operation::OpenTo { .. } | Operation::Input { .. } => bill.round(1, bill.elements(1)),
        Operation::LessThanZero { bits, .. } => {
            let places = u64::from(bits - 1);
            bill.adder(places + 1, places);
            bill.carry_out(places);
            bill.lift(1);
        }
        Operation::EqualZero { bits, .. } => {
            let mut rows = u64::from(bits);
            bill.round(1, bill.rows(rows));
            while rows > 1 {
                bill.round(3, bill.rows(rows / 2));
                rows = rows.div_ceil(2);
            }
            bill.lift(1);
        }
        Operation::Decompose { bits, .. } => {
            let places = u64::from(bits - 1);
            bill.adder(places + 1, places);
            bill.all_carries(places);
            bill.lift(places + 1);
        }
        Operation::Truncate { shift: 0, .. } => {}
        Operation::Truncate { shift, bits, rounding, .. } => {
            let bits = if rounding == Rounding::Nearest { bits + 1 } else { bits };
            let products = match (bits < ring_bits, rounding) {
                (true, Rounding::Probabilistic) => 1,
                (true, _) => {
                    bill.adder(shift.into(), shift.into());
                    bill.carry_out(shift.into());
                    2
                }
                (false, _) => {
                    bill.adder(ring_bits.into(), ring_bits.into());
                    bill.all_carries(ring_bits.into());
                    2
                }
            };
            bill.round(1, bill.elements(1 + products));
            bill.round(2, bill.elements(products));
        }
    }
    bill.cost
}
