//! Integers as linear expressions, and the elements of an array that such addresses touch.

use caucus_bytecode::operand::Level;

use crate::map::Map;

/// `constant + Σ factor·register + coef·k`, where `k` is the number of the iteration of the loop
/// that is widened. All arithmetic wraps at 64 bits, as that of the machine does, so that a form
/// is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::passes) struct Form {
    /// Registers that are the same in all iterations, in increasing order, with factors other
    /// than 0.
    pub(in crate::passes) terms: Vec<(u32, i64)>,
    /// The constant.
    pub(in crate::passes) constant: i64,
    /// Distance between iterations.
    pub(in crate::passes) coef: i64,
}

impl Form {
    /// A constant.
    pub(in crate::passes) fn constant(constant: i64) -> Self {
        Self { constant, ..Self::default() }
    }

    /// A register.
    pub(in crate::passes) fn register(reg: u32) -> Self {
        Self { terms: vec![(reg, 1)], ..Self::default() }
    }

    /// The value if it is a constant.
    pub(in crate::passes) fn as_constant(&self) -> Option<i64> {
        (self.terms.is_empty() && self.coef == 0).then_some(self.constant)
    }

    /// The same without the number of the iteration.
    pub(in crate::passes) fn uniform_part(&self) -> Self {
        Self { coef: 0, ..self.clone() }
    }

    /// The sum with a multiple of another form.
    pub(in crate::passes) fn plus(&self, other: &Self, factor: i64) -> Self {
        let mut terms: std::collections::BTreeMap<u32, i64> = self.terms.iter().copied().collect();
        for (reg, by) in &other.terms {
            let entry = terms.entry(*reg).or_default();
            *entry = entry.wrapping_add(by.wrapping_mul(factor));
        }
        Self {
            terms: terms.into_iter().filter(|(_, by)| *by != 0).collect(),
            constant: self.constant.wrapping_add(other.constant.wrapping_mul(factor)),
            coef: self.coef.wrapping_add(other.coef.wrapping_mul(factor)),
        }
    }

    /// A multiple.
    pub(in crate::passes) fn times(&self, factor: i64) -> Self {
        Self::default().plus(self, factor)
    }
}

/// The values of the index of a sequential loop with constant bounds that nothing else changes.
#[derive(Clone, Copy, Debug)]
pub(in crate::passes) struct IndexRange {
    pub(in crate::passes) start: i64,
    pub(in crate::passes) count: u64,
    pub(in crate::passes) step: i64,
}

/// The elements that one access touches in one iteration `k`, over all iterations of the loops
/// within: `Σ fixed + constant + coef·k + Σ (0..count)·stride`.
#[derive(Clone, Debug)]
pub(in crate::passes) struct Footprint {
    /// Registers with one value during an iteration of the widened loop.
    fixed: Vec<(u32, i64)>,
    constant: i128,
    coef: i128,
    levels: Vec<(i128, i128)>,
}

/// Numbers up to this size are added and multiplied by counts without wrapping in 64 bits.
const LIMIT: i128 = 1 << 61;

/// Pairs of elements up to which two footprints are compared one by one: more would cost more
/// compile time than a loop of that kind is worth.
const PAIRS: u128 = 1 << 16;

impl Footprint {
    /// The footprint of an address, unless numbers get so large that they could wrap. `fixed`
    /// says whether a register keeps its value during one iteration.
    pub(in crate::passes) fn of(
        form: &Form,
        levels: &[Level],
        ranges: &Map<u32, IndexRange>,
        fixed: impl Fn(u32) -> bool,
    ) -> Option<Self> {
        let mut res = Self {
            fixed: Vec::new(),
            constant: form.constant.into(),
            coef: form.coef.into(),
            levels: levels.iter().map(|it| (it.count.into(), it.stride.into())).collect(),
        };
        for (reg, factor) in &form.terms {
            if let Some(range) = ranges.get(reg) {
                let factor = i128::from(*factor);
                res.constant += factor * i128::from(range.start);
                res.levels.push((range.count.into(), factor * i128::from(range.step)));
            } else if fixed(*reg) {
                res.fixed.push((*reg, *factor));
            } else {
                return None;
            }
        }
        res.levels.retain(|(count, _)| *count != 1);
        res.levels.sort_by_key(|(_, stride)| stride.abs());
        let (low, high) = res.extent();
        let small = low.abs() < LIMIT && high.abs() < LIMIT && res.constant.abs() < LIMIT;
        (small && res.coef.abs() < LIMIT).then_some(res)
    }

    /// Lowest and highest element of iteration 0, without the fixed part.
    pub(in crate::passes) fn extent(&self) -> (i128, i128) {
        let (mut low, mut high) = (self.constant, self.constant);
        for (count, stride) in &self.levels {
            let span = (count - 1).max(0).saturating_mul(*stride);
            low = low.saturating_add(span.min(0));
            high = high.saturating_add(span.max(0));
        }
        (low, high)
    }

    /// Distance between the elements of consecutive iterations.
    pub(in crate::passes) fn coef(&self) -> i128 {
        self.coef
    }

    /// Whether no element is touched.
    pub(in crate::passes) fn is_empty(&self) -> bool {
        self.levels.iter().any(|(count, _)| *count <= 0)
    }

    /// Whether every element between the lowest and the highest one is touched.
    pub(in crate::passes) fn is_dense(&self) -> bool {
        // The levels stand in the order of their strides: each one repeats a stretch without gaps.
        let mut stretch = 1;
        self.levels.iter().all(|(count, stride)| {
            let dense = stride.abs() <= stretch;
            stretch += (count - 1).max(0) * stride.abs();
            dense
        })
    }

    /// Lowest and highest element of all `n` iterations; `None` if they depend on registers.
    pub(super) fn range(&self, n: u64) -> Option<(i128, i128)> {
        self.fixed.is_empty().then(|| self.total(n))
    }

    fn total(&self, n: u64) -> (i128, i128) {
        let (low, high) = self.extent();
        let span = (i128::from(n) - 1).max(0).saturating_mul(self.coef);
        (low.saturating_add(span.min(0)), high.saturating_add(span.max(0)))
    }

    /// Whether it is certain that no two different ones of `n` iterations touch the same element,
    /// one of them by the one access and the other by the other.
    pub(super) fn apart(&self, other: &Self, n: u64) -> bool {
        if self.fixed != other.fixed {
            return false;
        }
        let (all, others) = (self.total(n), other.total(n));
        if [all.0, all.1, others.0, others.1].iter().any(|bound| bound.abs() >= LIMIT) {
            return false;
        }
        if all.1 < others.0 || others.1 < all.0 {
            return true;
        }
        if self.coef != other.coef || self.coef == 0 {
            return n <= 1;
        }
        // Both stay within a window that the next iteration's window does not overlap.
        let (mine, theirs) = (self.extent(), other.extent());
        let window = mine.1.max(theirs.1) - mine.0.min(theirs.0);
        if window < self.coef.abs() {
            return true;
        }
        self.interleaved(other, n) || self.elements_apart(other, n)
    }

    /// Whether both touch the same elements in an iteration, in a pattern all of whose elements
    /// are different over all iterations: each stride is larger than what the smaller ones span.
    fn interleaved(&self, other: &Self, n: u64) -> bool {
        if self.constant != other.constant || self.levels != other.levels {
            return false;
        }
        let mut levels = self.levels.clone();
        levels.push((n.into(), self.coef));
        levels.sort_by_key(|(_, stride)| stride.abs());
        let mut span = 0;
        levels.iter().all(|(count, stride)| {
            let wide = stride.abs() > span;
            span += (count - 1).max(0) * stride.abs();
            wide
        })
    }

    /// Compares element by element, if there are few.
    fn elements_apart(&self, other: &Self, n: u64) -> bool {
        let (Some(mine), Some(theirs)) = (self.elements(), other.elements()) else { return false };
        if mine.len() as u128 * theirs.len() as u128 > PAIRS {
            return false;
        }
        mine.iter().all(|a| {
            theirs.iter().all(|b| {
                let distance = a - b;
                let same = distance % self.coef != 0;
                same || distance == 0 || (distance / self.coef).abs() >= i128::from(n)
            })
        })
    }

    /// The elements of iteration 0, if they are few.
    fn elements(&self) -> Option<Vec<i128>> {
        let mut all = vec![self.constant];
        for (count, stride) in &self.levels {
            if all.len() as u128 * count.unsigned_abs() > PAIRS {
                return None;
            }
            all = (0..*count).flat_map(|k| all.iter().map(move |it| it + k * stride)).collect();
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footprint(constant: i64, coef: i64, levels: &[(u64, i64)]) -> Footprint {
        let levels: Vec<_> =
            levels.iter().map(|(count, stride)| Level { count: *count, stride: *stride }).collect();
        let form = Form { constant, coef, terms: Vec::new() };
        Footprint::of(&form, &levels, &Map::default(), |_| true).unwrap()
    }

    fn touched(it: &Footprint, k: u64) -> Vec<i128> {
        it.elements().unwrap().iter().map(|at| at + it.coef * i128::from(k)).collect()
    }

    #[test]
    fn footprints_that_are_called_apart_never_meet() {
        let mut met = 0;
        for seed in 0..20000u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mut next = |below: u64| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state % below
            };
            let mut one = || {
                let levels: Vec<_> = (0..next(3)).map(|_| (next(4), next(9) as i64 - 4)).collect();
                footprint(next(8) as i64, next(9) as i64 - 4, &levels)
            };
            let (a, b) = (one(), one());
            let n = 1 + next(5);
            let meet = (0..n).any(|k| {
                let mine = touched(&a, k);
                (0..n)
                    .filter(|j| *j != k)
                    .any(|j| touched(&b, j).iter().any(|it| mine.contains(it)))
            });
            met += u32::from(meet);
            assert!(!(meet && a.apart(&b, n)), "seed {seed}: {a:?} {b:?} {n}");
        }
        assert!(met > 1000);
    }

    #[test]
    fn dense_footprints_have_no_gaps() {
        assert!(footprint(3, 9, &[]).is_dense());
        assert!(footprint(0, 0, &[(4, 1), (3, 4)]).is_dense());
        assert!(footprint(0, 0, &[(3, -4), (5, 1)]).is_dense());
        assert!(!footprint(0, 0, &[(4, 1), (3, 5)]).is_dense());
        assert!(!footprint(0, 0, &[(4, 2)]).is_dense());
        assert!(footprint(0, 0, &[(0, 1)]).is_empty() && !footprint(0, 0, &[(2, 1)]).is_empty());
    }

    #[test]
    fn one_address_with_a_stride_is_apart_from_itself() {
        assert!(footprint(3, 1, &[]).apart(&footprint(3, 1, &[]), 1 << 40));
        assert!(footprint(0, 1, &[(1000, 1000)]).apart(&footprint(0, 1, &[(1000, 1000)]), 1000));
        assert!(!footprint(0, 1, &[(1000, 1000)]).apart(&footprint(0, 1, &[(1000, 1000)]), 1001));
        assert!(!footprint(3, 0, &[]).apart(&footprint(3, 0, &[]), 2));
    }
}
