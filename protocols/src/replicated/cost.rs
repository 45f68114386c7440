//! What the operations cost, as the parts of this folder state it; tests compare it with what is sent.

use caucus_core::net;

use super::carry::SECTION;
use super::rank::{Labelled, Rank};
use super::sort::DIGIT_BITS;
use super::tree::{Goal, Tree};
use super::weigh::DEALT_AT_ONCE;
use crate::cost::{Cost, Operation};
use crate::{Places, Rounding};

const HEADER_BYTES: u64 = net::HEADER_BYTES as u64;

/// The seeds of the setup, in a round before the program.
pub(super) const SETUP: Cost = Cost { rounds: 1, bytes: 3 * (HEADER_BYTES + 32) };

/// Bytes of a rank while sorting.
const RANK: u64 = size_of::<Rank>() as u64;
/// Bytes of a rank with the next digit.
const LABELLED: u64 = size_of::<Labelled>() as u64;

/// Adds up the messages of one operation on vectors.
struct Bill {
    cost: Cost,
    lanes: u64,
    /// Bytes of an element.
    element: u64,
}

impl Bill {
    /// A round, in which messages of these bytes are sent, each by so many parties. Without bytes there is neither.
    fn round(&mut self, messages: &[(u64, u64)]) {
        let sent = messages.iter().filter(|(_, bytes)| *bytes > 0);
        let bytes = sent.map(|(n, bytes)| n.saturating_mul(bytes.saturating_add(HEADER_BYTES)));
        if let Some(bytes) = bytes.reduce(u64::saturating_add) {
            self.cost += Cost { rounds: 1, bytes };
        }
    }

    /// Bytes of rows of bits, which fill whole words.
    fn rows(&self, rows: u64) -> u64 {
        rows.saturating_mul(self.lanes.div_ceil(64)).saturating_mul(8)
    }

    /// Bytes of so many elements for each lane.
    fn elements(&self, per_lane: u64) -> u64 {
        per_lane.saturating_mul(self.lanes).saturating_mul(self.element)
    }

    /// The sum of both halves without carries in so many places, and the carries that some of them make.
    fn adder(&mut self, places: u64, carries: u64) {
        self.round(&[(1, self.rows(places))]);
        self.round(&[(2, self.rows(carries))]);
    }

    /// This party's half of one bit of a sum, with the bytes that P0 deals in the same round.
    fn carry_half(&mut self, goal: Goal, places: u64, dealt: u64) {
        let tree = Tree::new(goal, places as usize);
        let per_word = (tree.monomials() + tree.products()) as u64 * 8;
        let (words, section) = (self.lanes.div_ceil(64), SECTION as u64);
        let (whole, rest) = (words / section, words % section);
        self.round(&[(whole, section * per_word), (1, rest * per_word), (1, dealt)]);
        tree.opened().for_each(|rows| self.round(&[(2, self.rows(rows as u64))]));
        self.round(&[(2, self.rows(1))]);
    }

    /// The carries out of each place.
    fn all_carries(&mut self, places: u64) {
        let mut group = 1;
        while group < places {
            let upper = (0..places).filter(|place| place & group != 0);
            let rows = upper.map(|place| 1 + u64::from(place >= 2 * group)).sum();
            self.round(&[(3, self.rows(rows))]);
            group *= 2;
        }
    }

    /// The conjunctions of each row with all before it.
    fn all_before(&mut self, rows: u64) {
        let mut group = 1;
        while group < rows {
            let upper = (0..rows).filter(|row| row & group != 0).count() as u64;
            self.round(&[(3, self.rows(upper))]);
            group *= 2;
        }
    }

    /// Shared bits of elements.
    fn shared_bits(&mut self, bits: u32) {
        let carries = u64::from(bits) - 1;
        self.adder(carries + 1, carries);
        self.all_carries(carries);
    }

    /// What P0 knows is dealt, and multiplied by what the others know.
    fn deal_and_cross(&mut self, dealt: u64, crossed: u64) {
        self.round(&[(1, dealt)]);
        self.round(&[(2, crossed)]);
    }

    /// Bits become elements, so many for each lane.
    fn lift(&mut self, per_lane: u64) {
        self.deal_and_cross(self.elements(per_lane), self.elements(per_lane));
    }

    /// Items of so many bytes together change their order.
    fn permute(&mut self, bytes: u64) {
        self.round(&[(2, bytes)]);
        self.round(&[(2, bytes)]);
    }

    fn truncate(&mut self, shift: u32, bits: u32, ring_bits: u32, rounding: Rounding) {
        if shift == 0 {
            return;
        }
        let bits = if rounding == Rounding::Nearest { bits + 1 } else { bits };
        match (bits < ring_bits, rounding) {
            (true, Rounding::Probabilistic) => {
                self.deal_and_cross(self.elements(2), self.elements(1));
            }
            (true, Rounding::Floor | Rounding::Nearest) => {
                self.carry_half(Goal::Carry, shift.into(), self.elements(3));
                self.round(&[(2, self.elements(2))]);
            }
            (false, _) => {
                self.adder(ring_bits.into(), ring_bits.into());
                self.all_carries(ring_bits.into());
                self.deal_and_cross(self.elements(3), self.elements(2));
            }
        }
    }

    fn weigh(&mut self, bits: u32, places: Places, used: u64, rows: u64) {
        if used == 0 {
            return;
        }
        self.shared_bits(bits);
        if places == Places::Leading && bits > 1 {
            self.all_before(bits.into());
        }
        // One round, in several messages if that is much.
        let at_once = (DEALT_AT_ONCE as u64 / self.lanes).max(1);
        let (whole, rest) = (used / at_once, used % at_once);
        let (parts, last) = (self.elements(at_once.min(used)), self.elements(rest));
        self.round(&[(whole, parts), (1, last)]);
        self.round(&[(2, self.elements(rows))]);
    }

    /// Rows of so many bytes each go to places that are opened.
    fn move_rows(&mut self, rows: u64, lanes: u64) {
        let places = rows.saturating_mul(self.element);
        self.permute(places.saturating_add(lanes.saturating_mul(self.element)));
        self.round(&[(3, places)]);
    }

    /// Of n rows.
    fn sort(&mut self, n: u64, lanes: u64, keys: &[u32]) {
        if n < 2 {
            return;
        }
        // All keys are taken apart together, each in whole words.
        let words = n.div_ceil(64);
        self.lanes = words * 64 * keys.len() as u64;
        self.shared_bits(keys.iter().copied().max().unwrap_or(1));
        let total: usize = keys.iter().map(|bits| *bits as usize).sum();
        let digit = |first: usize| (total - first).min(DIGIT_BITS) as u32;
        let digits: Vec<u32> = (0..total).step_by(DIGIT_BITS).map(digit).collect();
        for size in 2..=DIGIT_BITS as u32 {
            let sets = |bits: &u32| (1..1_u32 << bits).filter(|set| set.count_ones() == size);
            let sets: usize = digits.iter().map(|bits| sets(bits).count()).sum();
            self.round(&[(3, sets as u64 * words * 8)]);
        }
        for (pass, bits) in digits.iter().enumerate() {
            let is_last = pass + 1 == digits.len();
            let number = n * if is_last { self.element } else { RANK };
            let indicators = ((1 << bits) - 1) * number;
            if pass == 0 {
                self.deal_and_cross(indicators, indicators);
            } else {
                self.permute(n * LABELLED);
                self.round(&[(3, n * RANK), (1, indicators)]);
                self.round(&[(2, indicators)]);
            }
            self.round(&[(3, number)]);
            if pass > 0 {
                self.permute(number);
            }
        }
        self.move_rows(n, lanes);
    }
}

/// The cost of an operation on elements of so many bits and bytes.
pub(super) fn of(operation: &Operation, ring_bits: u32, element: u64) -> Cost {
    let mut bill = Bill { cost: Cost::default(), lanes: 0, element };
    bill.lanes = match *operation {
        Operation::Input { lanes, .. }
        | Operation::Mul { lanes }
        | Operation::Dot { results: lanes }
        | Operation::MatMul { results: lanes }
        | Operation::Open { lanes }
        | Operation::OpenTo { lanes }
        | Operation::LessThanZero { lanes, .. }
        | Operation::EqualZero { lanes, .. }
        | Operation::Decompose { lanes, .. }
        | Operation::Truncate { lanes, .. }
        | Operation::Weigh { lanes, .. }
        | Operation::Permute { lanes }
        | Operation::Rearrange { lanes, .. }
        | Operation::Sort { lanes, .. }
        | Operation::InputBits { lanes }
        | Operation::AndBits { lanes }
        | Operation::OpenBits { lanes }
        | Operation::ToBits { lanes, .. }
        | Operation::LiftBits { lanes } => lanes,
        Operation::NewPermutation => 0,
    };
    match *operation {
        Operation::Rearrange { rows, lanes, backward: false } => bill.move_rows(rows, lanes),
        Operation::Rearrange { rows, lanes, backward: true } => {
            let numbers = rows.saturating_mul(element);
            bill.permute(numbers);
            bill.round(&[(3, numbers)]);
            bill.permute(lanes.saturating_mul(element));
        }
        Operation::Sort { rows, lanes, ref keys } => bill.sort(rows, lanes, keys),
        Operation::NewPermutation => {}
        _ if bill.lanes == 0 => {}
        Operation::Mul { .. }
        | Operation::Dot { .. }
        | Operation::MatMul { .. }
        | Operation::Open { .. } => bill.round(&[(3, bill.elements(1))]),
        Operation::OpenTo { .. } => bill.round(&[(1, bill.elements(1))]),
        Operation::Input { owners, .. } => {
            bill.round(&[(1, bill.elements(1))]);
            bill.cost.bytes += owners.saturating_sub(1).saturating_mul(HEADER_BYTES);
        }
        Operation::LessThanZero { bits, .. } => {
            if bits == 1 {
                bill.lift(1);
            } else {
                bill.carry_half(Goal::Carry, u64::from(bits) - 1, bill.elements(1));
                bill.round(&[(2, bill.elements(1))]);
            }
        }
        Operation::EqualZero { bits, .. } => {
            bill.carry_half(Goal::Differ, bits.into(), bill.elements(1));
            bill.round(&[(2, bill.elements(1))]);
        }
        Operation::Decompose { bits, .. } => {
            bill.shared_bits(bits);
            bill.lift(bits.into());
        }
        Operation::Truncate { shift, bits, rounding, .. } => {
            bill.truncate(shift, bits, ring_bits, rounding);
        }
        Operation::Weigh { bits, places, used, rows, .. } => bill.weigh(bits, places, used, rows),
        Operation::Permute { .. } => bill.permute(bill.elements(1)),
        Operation::InputBits { .. } => bill.round(&[(1, bill.rows(1))]),
        Operation::AndBits { .. } | Operation::OpenBits { .. } => {
            bill.round(&[(3, bill.rows(1))]);
        }
        Operation::ToBits { bits, .. } => bill.shared_bits(bits),
        Operation::LiftBits { .. } => bill.lift(1),
    }
    bill.cost
}
