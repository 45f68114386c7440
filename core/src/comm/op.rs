//! The operators of reductions.

use std::fmt;

use super::{Element, Located};
use crate::algebra::Ring;

/// An operator that a reduction applies element by element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// The sum, wrapping around.
    Sum,
    /// The product, wrapping around.
    Prod,
    /// The greatest; of [`Located`] numbers with the lowest place that has it.
    Max,
    /// The least; of [`Located`] numbers with the lowest place that has it.
    Min,
    /// And, bit by bit.
    And,
    /// Or, bit by bit.
    Or,
    /// Exclusive or, bit by bit.
    Xor,
}

impl Op {
    pub(super) const ALL: [Self; 7] =
        [Self::Sum, Self::Prod, Self::Max, Self::Min, Self::And, Self::Or, Self::Xor];
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum",
            Self::Prod => "prod",
            Self::Max => "max",
            Self::Min => "min",
            Self::And => "and",
            Self::Or => "or",
            Self::Xor => "xor",
        })
    }
}

/// Elements that can be reduced with operators.
pub trait Reduce: Element {
    /// Whether the operator is one of this type.
    fn has(op: Op) -> bool;

    /// Replaces each element by the operator's result with the element of the same place in `others`.
    ///
    /// The caller has asked [`has`](Self::has), and both are equally long.
    fn apply(op: Op, values: &mut [Self], others: &[Self]);
}

fn each<T: Copy>(values: &mut [T], others: &[T], body: impl Fn(T, T) -> T) {
    for (value, other) in values.iter_mut().zip(others) {
        *value = body(*value, *other);
    }
}

macro_rules! reduce_integers {
    ($($integer:ty),*) => {$(
        impl Reduce for $integer {
            fn has(_: Op) -> bool {
                true
            }

            fn apply(op: Op, values: &mut [Self], others: &[Self]) {
                match op {
                    Op::Sum => each(values, others, Self::wrapping_add),
                    Op::Prod => each(values, others, Self::wrapping_mul),
                    Op::Max => each(values, others, Self::max),
                    Op::Min => each(values, others, Self::min),
                    Op::And => each(values, others, |a, b| a & b),
                    Op::Or => each(values, others, |a, b| a | b),
                    Op::Xor => each(values, others, |a, b| a ^ b),
                }
            }
        }
    )*};
}
reduce_integers!(u8, u64);

/// Shares have sums and products with each other; the order and the bits of a share mean nothing.
impl<R: Ring> Reduce for R {
    fn has(op: Op) -> bool {
        matches!(op, Op::Sum | Op::Prod)
    }

    fn apply(op: Op, values: &mut [Self], others: &[Self]) {
        match op {
            Op::Sum => each(values, others, |a, b| a + b),
            Op::Prod => each(values, others, |a, b| a * b),
            Op::Max | Op::Min | Op::And | Op::Or | Op::Xor => {}
        }
    }
}

impl Reduce for Located {
    fn has(op: Op) -> bool {
        matches!(op, Op::Max | Op::Min)
    }

    fn apply(op: Op, values: &mut [Self], others: &[Self]) {
        let better = |is_better: fn(u64, u64) -> bool| {
            move |a: Self, b: Self| {
                let replaces = is_better(b.value, a.value) || (b.value == a.value && b.at < a.at);
                if replaces { b } else { a }
            }
        };
        match op {
            Op::Max => each(values, others, better(|new, old| new > old)),
            Op::Min => each(values, others, better(|new, old| new < old)),
            Op::Sum | Op::Prod | Op::And | Op::Or | Op::Xor => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::Z64;

    #[test]
    fn operators_are_what_their_names_say() {
        let apply = |op| {
            let mut values = [12_u64, u64::MAX];
            u64::apply(op, &mut values, &[10, 2]);
            values
        };
        let found: Vec<_> = Op::ALL.into_iter().map(apply).collect();
        let expected = [[22, 1], [120, u64::MAX - 1], [12, u64::MAX], [10, 2], [8, 2]];
        assert_eq!(found[..5], expected);
        assert_eq!(found[5..], [[14, u64::MAX], [6, u64::MAX - 2]]);
        assert!(Op::ALL.into_iter().filter(|op| Z64::has(*op)).eq([Op::Sum, Op::Prod]));
    }

    #[test]
    fn the_lowest_place_of_an_extreme_is_kept() {
        let at = |value, at| Located { value, at };
        for [first, second] in [[at(5, 1), at(5, 0)], [at(5, 0), at(5, 1)]] {
            for op in [Op::Max, Op::Min] {
                let mut values = [first];
                Located::apply(op, &mut values, &[second]);
                assert_eq!(values, [at(5, 0)]);
            }
        }
        let mut values = [at(5, 0)];
        Located::apply(Op::Max, &mut values, &[at(6, 1)]);
        assert_eq!(values, [at(6, 1)]);
    }
}
