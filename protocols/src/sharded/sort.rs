//! Sorting rows that are spread over the nodes of each party: sample sort.
//!
//! W. D. Frazer, A. C. McKellar: Samplesort: A Sampling Approach to Minimal Storage Tree Sorting, JACM 17(3), 1970. What
//! makes it secure is the order of its steps, that of K. Hamada, R. Kikuchi, D. Ikarashi, K. Chida, K. Takahashi:
//! Practically Efficient Multi-party Sorting Protocols from Comparison Sort Algorithms, ICISC 2012: rows that were
//! shuffled are compared in the open.
//!
//! 1. Each row gets its place in the whole array as a last column, and all rows are shuffled.
//! 2. The first set sorts some of its rows without opening anything, and takes one of each so many as *splitters*, which
//!    go to all sets.
//! 3. Each set compares each of its rows with splitters, and opens the results: which *bucket* the row belongs to.
//! 4. Rows go to the set of the number of their bucket, which sorts them without opening anything that tells of them.
//!
//! **What is opened tells nothing.** Rows are ordered by their keys and then their places, so that no two are equal: in
//! this order they have ranks 0, 1, …, n - 1. After a uniform shuffle that no party knows, the ranks of the rows at places
//! 0, 1, …, n - 1 are a uniformly random permutation, whatever the keys are. The splitters are rows of places that are
//! fixed, chosen by their ranks among each other; so all results of comparisons, and the lengths of the buckets with them,
//! follow from that random permutation alone: anybody could draw one and have the same view. Without the place as the last
//! key, the results would tell how often keys occur; and with it rows of equal keys keep their order.
//!
//! Buckets are sorted by places, too, so that rows with equal keys come into their original order; not where all columns
//! are keys with all their bits, which makes rows with equal keys equal. A single shard is sorted as it is, without a shuffle.
//!
//! It matters that what is opened is an order in every case, also for keys that are longer than promised:
//! comparisons look at the low bits of keys only, as the sorting of buckets does.

use caucus_core::algebra::Ring;
use caucus_core::net::Net;

use super::Shards;
use crate::permutation::width;
use crate::{Error, Level, Opened, Protocol, ShareVector};

/// Rows of the sample for each set. The lengths of buckets differ from their mean by one part in the square root of this,
/// as a standard deviation: 6 %.
const SAMPLED: usize = 256;

/// Sorts rows by columns that are keys, of which the low bits count that stand beside them, as numbers with a sign. The
/// first key counts most. Rows with equal keys keep their order.
///
/// `rows` are those of this node; what it gets, whole rows again, follows on what the node before it gets, and need not
/// be as many. All members of `shards` call it, at all parties.
///
/// # Panics
/// If a number of bits is 0 or more than the ring has, a column is not one of the rows', or there are no keys.
pub fn sort<P: Protocol>(
    protocol: &mut P,
    net: &mut Net,
    shards: &mut Shards<'_>,
    keys: &[(usize, u32)],
    rows: &P::Vector,
) -> Result<P::Vector, Error> {
    assert!(!keys.is_empty(), "rows are sorted by at least one key");
    if shards.rows() == 0 {
        return Ok(P::Vector::default());
    }
    net.flush()?;
    let columns = columns(shards, rows.len())?;
    assert!(keys.iter().all(|(column, _)| *column < columns), "keys are columns");
    // The bits above those that count make rows differ whose keys are equal.
    let all_bits = P::Ring::BITS;
    let decides = |column| keys.iter().any(|(key, bits)| *key == column && *bits == all_bits);
    let by_number = shards.count() > 1 && !(0..columns).all(decides);
    let mut sorting = Sorting { protocol, net, keys, columns };
    let numbered = sorting.numbered(shards, rows)?;
    if shards.count() == 1 {
        return sorting.sorted(shards.rows(), &numbered, Keep::Rows { by_number });
    }
    let mut shuffled = P::Vector::default();
    sorting.protocol.shuffle_shards(sorting.net, shards, &numbered, &mut shuffled)?;
    drop(numbered);
    let splitters = sorting.splitters(shards, &shuffled)?;
    let buckets = sorting.buckets(shards, &shuffled, &splitters)?;
    let bucket = sorting.regroup(shards, &shuffled, &buckets)?;
    drop(shuffled);
    sorting.sorted(shards.rows(), &bucket, Keep::Rows { by_number })
}

/// How many columns rows have: a node without rows hears it from the first one, which has some.
fn columns(shards: &mut Shards<'_>, lanes: usize) -> Result<usize, Error> {
    let mut columns = [width(lanes, shards.mine().len()) as u64];
    shards.comm.broadcast(0, &mut columns)?;
    Ok(columns[0] as usize)
}

/// What remains of sorted rows.
#[derive(Clone, Copy)]
enum Keep {
    /// Rows without their numbers, which decide where keys are equal or do not.
    Rows { by_number: bool },
    /// All columns. Numbers decide.
    All,
}

struct Sorting<'a, P: Protocol> {
    protocol: &'a mut P,
    net: &'a mut Net,
    keys: &'a [(usize, u32)],
    /// Columns of a row, without its number, which stands behind them.
    columns: usize,
}

/// One key of some rows.
struct Key<V> {
    values: V,
    /// 1 where it is negative, else 0.
    negative: V,
    bits: u32,
}

impl<V> Key<V> {
    /// A key of other rows made of these by `choose`.
    fn each(&self, mut choose: impl FnMut(&V) -> Result<V, Error>) -> Result<Self, Error> {
        let [values, negative] = [choose(&self.values)?, choose(&self.negative)?];
        Ok(Self { values, negative, bits: self.bits })
    }
}

/// What rows are compared by: their keys, and their numbers.
struct Keys<V> {
    keys: Vec<Key<V>>,
    numbers: V,
}

impl<V> Keys<V> {
    fn each(&self, mut choose: impl FnMut(&V) -> Result<V, Error>) -> Result<Self, Error> {
        let keys = self.keys.iter().map(|key| key.each(&mut choose)).collect::<Result<_, _>>()?;
        Ok(Self { keys, numbers: choose(&self.numbers)? })
    }
}

/// Bits of numbers below `rows`.
fn number_bits(rows: usize) -> u32 {
    rows.saturating_sub(1).max(1).ilog2() + 1
}

fn power<R: Ring>(bits: u32) -> R {
    R::from_u128(1 << bits)
}

impl<P: Protocol> Sorting<'_, P> {
    fn all_columns(&self) -> usize {
        self.columns + 1
    }

    fn n_rows(&self, rows: &P::Vector) -> usize {
        rows.len() / self.all_columns()
    }

    /// Rows with their places in the whole array behind them.
    fn numbered(&mut self, shards: &Shards<'_>, rows: &P::Vector) -> Result<P::Vector, Error> {
        let mine = shards.mine();
        let (n, all) = (mine.len() as u64, self.all_columns() as i64);
        let numbers: Vec<P::Ring> = mine.map(|row| P::Ring::from_u128(row as u128)).collect();
        let mut column = P::Vector::default();
        self.protocol.public(&numbers, &mut column);
        let mut out = P::Vector::zeros(numbers.len() * self.all_columns());
        let by_row = Level { count: n, stride: all };
        out.put(0, &[by_row, Level { count: self.columns as u64, stride: 1 }], rows)?;
        out.put(self.columns as i64, &[by_row], &column)?;
        Ok(out)
    }

    fn column(&self, rows: &P::Vector, column: usize) -> Result<P::Vector, Error> {
        let (n, all) = (self.n_rows(rows), self.all_columns());
        let mut out = P::Vector::default();
        rows.pick(column as i64, &[Level { count: n as u64, stride: all as i64 }], &mut out)?;
        Ok(out)
    }

    /// Rows in their order, by what the protocol has for it. They have numbers below `below`.
    fn sorted(&mut self, below: usize, rows: &P::Vector, keep: Keep) -> Result<P::Vector, Error> {
        let mut keys = Vec::with_capacity(self.keys.len() + 1);
        for (column, bits) in self.keys {
            // The protocol sorts numbers without a sign.
            let mut key = P::Vector::default();
            let half = [power::<P::Ring>(bits - 1)];
            self.protocol.add_public(&self.column(rows, *column)?, &half, &mut key);
            keys.push((key, *bits));
        }
        let (kept, by_number) = match keep {
            Keep::All => (self.all_columns(), true),
            Keep::Rows { by_number } => (self.columns, by_number),
        };
        if by_number {
            keys.push((self.column(rows, self.columns)?, number_bits(below)));
        }
        let by_row = Level { count: self.n_rows(rows) as u64, stride: self.all_columns() as i64 };
        let mut content = P::Vector::default();
        rows.pick(0, &[by_row, Level { count: kept as u64, stride: 1 }], &mut content)?;
        let keys: Vec<_> = keys.iter().map(|(key, bits)| (key, *bits)).collect();
        let mut out = P::Vector::default();
        self.protocol.sort(self.net, &keys, &content, &mut out)?;
        Ok(out)
    }

    /// One splitter less than there are shards, in their order, from rows of the first shard.
    fn splitters(&mut self, shards: &mut Shards<'_>, rows: &P::Vector) -> Result<P::Vector, Error> {
        let (count, all) = (shards.count(), self.all_columns());
        let mut splitters = P::Vector::zeros((count - 1) * all);
        if shards.index() == 0 && count > 1 {
            let n_sampled = self.n_rows(rows).min(SAMPLED * count);
            let mut sample = P::Vector::default();
            let level = Level { count: (n_sampled * all) as u64, stride: 1 };
            rows.pick(0, &[level], &mut sample)?;
            let sorted = self.sorted(shards.rows(), &sample, Keep::All)?;
            let lane = |splitter: usize| splitter * n_sampled / count * all;
            let lanes = (1..count).flat_map(|it| lane(it)..lane(it) + all);
            let lanes: Vec<i64> = lanes.map(|lane| lane as i64).collect();
            sorted.gather(&lanes, &mut splitters)?;
        }
        self.net.flush()?;
        for component in 0..P::Vector::COMPONENTS {
            shards.comm.broadcast(0, splitters.component_mut(component).as_mut_slice())?;
        }
        Ok(splitters)
    }

    fn keys(&mut self, rows: &P::Vector) -> Result<Keys<P::Vector>, Error> {
        let mut keys = Vec::with_capacity(self.keys.len());
        for (column, bits) in self.keys {
            let values = self.column(rows, *column)?;
            let mut negative = P::Vector::default();
            self.protocol.less_than_zero(self.net, &values, *bits, &mut negative)?;
            keys.push(Key { values, negative, bits: *bits });
        }
        Ok(Keys { keys, numbers: self.column(rows, self.columns)? })
    }

    /// The bucket of each row: the number of splitters that are not behind it. By bisection, in as many steps as the
    /// number of splitters has bits.
    fn buckets(
        &mut self,
        shards: &Shards<'_>,
        rows: &P::Vector,
        splitters: &P::Vector,
    ) -> Result<Vec<usize>, Error> {
        let mut range = vec![(0, shards.count() - 1); self.n_rows(rows)];
        let (rows, splitters) = (self.keys(rows)?, self.keys(splitters)?);
        loop {
            let open = (0..range.len()).filter(|row| range[*row].0 < range[*row].1);
            let open: Vec<usize> = open.collect();
            if open.is_empty() {
                return Ok(range.into_iter().map(|(low, _)| low).collect());
            }
            let middle = |row: &usize| (range[*row].0 + range[*row].1) / 2;
            let middles: Vec<i64> = open.iter().map(|row| middle(row) as i64).collect();
            let lanes: Vec<i64> = open.iter().map(|row| *row as i64).collect();
            let choose = |lanes: &[i64], vector: &P::Vector| {
                let mut chosen = P::Vector::default();
                vector.gather(lanes, &mut chosen).map(|()| chosen)
            };
            let before = self.less(
                shards.rows(),
                &rows.each(|column| choose(&lanes, column))?,
                &splitters.each(|column| choose(&middles, column))?,
            )?;
            let mut opened = Opened::default();
            self.protocol.open(self.net, &before, &mut opened)?;
            // They steer what this party does; its results leave when they are checked.
            for (row, before) in open.into_iter().zip(opened.into_pending()) {
                let (low, high) = &mut range[row];
                let middle = (*low + *high) / 2;
                if before == P::Ring::ONE { *high = middle } else { *low = middle + 1 }
            }
        }
    }

    /// 1 where a row of `a` comes before that of `b`, else 0.
    fn less(
        &mut self,
        below: usize,
        a: &Keys<P::Vector>,
        b: &Keys<P::Vector>,
    ) -> Result<P::Vector, Error> {
        let mut difference = P::Vector::default();
        a.numbers.sub(&b.numbers, &mut difference);
        let bits = (number_bits(below) + 1).min(P::Ring::BITS);
        let mut less = P::Vector::default();
        self.protocol.less_than_zero(self.net, &difference, bits, &mut less)?;
        for (a, b) in a.keys.iter().zip(&b.keys).rev() {
            let [mut before, mut equal] = [(); 2].map(|()| P::Vector::default());
            a.values.sub(&b.values, &mut difference);
            self.protocol.less_than_zero(self.net, &difference, a.bits, &mut before)?;
            self.protocol.equal_zero(self.net, &difference, a.bits, &mut equal)?;
            // The sign of the difference is right where the signs are equal; else that of `a` decides.
            let both = self.product(&a.negative, &b.negative)?;
            let mut differ = P::Vector::default();
            a.negative.add(&b.negative, &mut differ);
            let differ = self.minus(&self.minus(&differ, &both), &both);
            let change = self.product(&differ, &self.minus(&a.negative, &before))?;
            let rest = self.product(&equal, &less)?;
            let mut sum = P::Vector::default();
            before.add(&change, &mut sum);
            sum.add(&rest, &mut less);
        }
        Ok(less)
    }

    fn minus(&self, a: &P::Vector, b: &P::Vector) -> P::Vector {
        let mut out = P::Vector::default();
        a.sub(b, &mut out);
        out
    }

    fn product(&mut self, a: &P::Vector, b: &P::Vector) -> Result<P::Vector, Error> {
        let mut out = P::Vector::default();
        self.protocol.mul(self.net, a, b, &mut out)?;
        Ok(out)
    }

    /// The rows of the bucket of this node, from all nodes of the party.
    fn regroup(
        &mut self,
        shards: &mut Shards<'_>,
        rows: &P::Vector,
        buckets: &[usize],
    ) -> Result<P::Vector, Error> {
        let (count, all) = (shards.count(), self.all_columns());
        let mut sent = vec![0_u64; count];
        buckets.iter().for_each(|bucket| sent[*bucket] += all as u64);
        self.net.flush()?;
        let coming = shards.comm.all_to_all(&sent)?;
        let lens: Vec<usize> = coming.iter().map(|len| *len as usize).collect();
        let mut out = P::Vector::default();
        for component in 0..P::Vector::COMPONENTS {
            let mut parts: Vec<Vec<P::Ring>> =
                sent.iter().map(|len| Vec::with_capacity(*len as usize)).collect();
            for (row, bucket) in rows.component(component).chunks_exact(all).zip(buckets) {
                parts[*bucket].extend_from_slice(row);
            }
            let parts: Vec<&[P::Ring]> = parts.iter().map(Vec::as_slice).collect();
            *out.component_mut(component) = shards.comm.all_to_allv(&parts, &lens)?.concat();
        }
        Ok(out)
    }
}
