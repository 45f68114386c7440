//! Permutations that a party knows, and the table of those that a program keeps.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use caucus_core::random::Prg;
use caucus_core::wire;

use crate::Error;

/// Most items of a permutation: their numbers have 32 bits.
pub(crate) const MOST_ITEMS: usize = 1 << 31;

/// A permutation of items 0, 1, …, n - 1.
#[derive(Clone, Default)]
pub(crate) struct Permutation {
    /// Which item comes to each place.
    sources: Vec<u32>,
}

impl Permutation {
    /// A uniformly random one: whoever has the same stream gets the same one.
    ///
    /// R. Durstenfeld: Algorithm 235: Random permutation, CACM 7(7), 1964.
    pub(crate) fn random(prg: &mut Prg, n: usize) -> Self {
        assert!(n <= MOST_ITEMS, "{n} items are permuted");
        let mut sources: Vec<u32> = (0..n as u32).collect();
        let mut numbers = Numbers::new(prg, n);
        for last in (1..n).rev() {
            sources.swap(last, numbers.below(last as u32 + 1) as usize);
        }
        Self { sources }
    }

    /// The permutation that takes each item to the place with the number given for it. Fails if two of the numbers are
    /// equal, or one is not below `destinations.len()`.
    pub(crate) fn to_places(
        destinations: impl ExactSizeIterator<Item = u128>,
    ) -> Result<Self, Error> {
        const FREE: u32 = u32::MAX;
        let n = destinations.len();
        assert!(n <= MOST_ITEMS, "{n} items are permuted");
        let mut sources = vec![FREE; n];
        for (item, place) in destinations.enumerate() {
            let place = usize::try_from(place).ok().and_then(|place| sources.get_mut(place));
            match place {
                Some(source) if *source == FREE => *source = item as u32,
                _ => return Err(Error::NoPermutation { len: n }),
            }
        }
        Ok(Self { sources })
    }

    /// The only one of a list.
    pub(crate) fn alone(parts: Vec<Self>) -> Option<Self> {
        <[Self; 1]>::try_from(parts).ok().map(|[it]| it)
    }

    /// The permutation that brings these items to the places; none if one is missing.
    fn from_sources(sources: Vec<u32>) -> Option<Self> {
        Self::to_places(sources.iter().map(|item| u128::from(*item))).ok()?;
        Some(Self { sources })
    }

    /// The number of items.
    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }

    /// Which item comes to each place.
    pub(crate) fn sources(&self) -> &[u32] {
        &self.sources
    }

    /// This permutation, then another one.
    pub(crate) fn then(&self, other: &Self) -> Self {
        Self { sources: other.rows(&self.sources) }
    }

    /// The permutation that undoes this one.
    pub(crate) fn inverse(&self) -> Self {
        let mut sources = vec![0; self.len()];
        for (place, item) in self.sources.iter().enumerate() {
            sources[*item as usize] = place as u32;
        }
        Self { sources }
    }

    /// Permutes rows of equal lengths.
    pub(crate) fn rows<T: Copy>(&self, rows: &[T]) -> Vec<T> {
        let width = width(rows.len(), self.len());
        let mut out = Vec::with_capacity(rows.len());
        match width {
            1 => out.extend(self.sources.iter().map(|item| rows[*item as usize])),
            _ => self.sources.iter().for_each(|item| {
                out.extend_from_slice(&rows[*item as usize * width..][..width]);
            }),
        }
        out
    }
}

/// Elements of each of so many equal rows.
///
/// # Panics
/// If they are not equally long.
pub(crate) fn width(elements: usize, rows: usize) -> usize {
    let width = elements.checked_div(rows).unwrap_or(0);
    assert_eq!(width * rows, elements, "rows have equal lengths");
    width
}

impl fmt::Debug for Permutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permutation({} items)", self.len())
    }
}

/// Uniform numbers below a bound, from a stream that is read in pieces.
struct Numbers<'a> {
    prg: &'a mut Prg,
    words: Vec<u32>,
    used: usize,
}

impl<'a> Numbers<'a> {
    /// For about `n` numbers.
    fn new(prg: &'a mut Prg, n: usize) -> Self {
        const PIECE: usize = 1024;
        let words = vec![0; n.clamp(1, PIECE)];
        Self { prg, used: words.len(), words }
    }

    fn word(&mut self) -> u32 {
        if self.used == self.words.len() {
            self.prg.fill(bytemuck::cast_slice_mut(&mut self.words));
            self.used = 0;
        }
        self.used += 1;
        u32::from_le(self.words[self.used - 1])
    }

    /// A number below `bound`, which is not 0.
    ///
    /// D. Lemire: Fast Random Integer Generation in an Interval, ACM Transactions on Modeling and Computer Simulation
    /// 29(1), 2019, algorithm 5.
    fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.word()) * u64::from(bound);
        if (product as u32) < bound {
            let excess = bound.wrapping_neg() % bound;
            while (product as u32) < excess {
                product = u64::from(self.word()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }
}

/// What a program keeps under numbers for its whole run, shared by the states of all its threads: so a number that one
/// thread got can be used by another one.
///
/// All parties give the same numbers, because a number consists of that of the thread and a count of the thread's own.
pub(crate) struct Kept<T>(Arc<Mutex<Table<T>>>);

struct Table<T> {
    items: BTreeMap<i64, Arc<T>>,
    counts: BTreeMap<u32, i64>,
}

/// What is kept, as it is written: numbers, and which item comes to each place in each of the permutations.
type WrittenItems = Vec<(i64, Vec<Vec<u32>>)>;
/// How many items each thread has put there.
type WrittenCounts = Vec<(u32, i64)>;

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Kept<T> {
    /// Nothing.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Table { items: BTreeMap::new(), counts: BTreeMap::new() })))
    }

    /// Keeps something and gives its number.
    pub(crate) fn keep(&self, thread: u32, item: T) -> i64 {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = table.counts.entry(thread).or_default();
        let number = i64::from(thread) << 32 | *count;
        *count += 1;
        table.items.insert(number, Arc::new(item));
        number
    }

    /// Appends all that is kept, each item as the permutations that it consists of.
    pub(crate) fn write(&self, parts: impl Fn(&T) -> Vec<&Permutation>, out: &mut Vec<u8>) {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let item = |item: &T| parts(item).into_iter().map(|it| it.sources.clone()).collect();
        let items = table.items.iter().map(|(number, it)| (*number, item(it)));
        let counts = table.counts.iter().map(|(thread, count)| (*thread, *count));
        let written: (WrittenItems, WrittenCounts) = (items.collect(), counts.collect());
        out.extend(wire::to_bytes(&written));
    }

    /// Takes what [`write`](Self::write) has written in the place of all that was kept; `make` puts an item together.
    /// False, and nothing is changed, if the bytes are anything else.
    pub(crate) fn read(&self, bytes: &[u8], make: impl Fn(Vec<Permutation>) -> Option<T>) -> bool {
        let Ok((items, counts)) =
            wire::from_bytes::<(WrittenItems, WrittenCounts)>(bytes, bytes.len())
        else {
            return false;
        };
        let item = |(number, parts): (i64, Vec<Vec<u32>>)| {
            let parts = parts.into_iter().map(Permutation::from_sources);
            Some((number, Arc::new(make(parts.collect::<Option<_>>()?)?)))
        };
        let Some(items) = items.into_iter().map(item).collect() else { return false };
        let counts = counts.into_iter().collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Table { items, counts };
        true
    }

    /// What has this number.
    pub(crate) fn get(&self, number: i64) -> Result<Arc<T>, Error> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.items.get(&number).cloned().ok_or(Error::UnknownPermutation { number })
    }
}

/// Compares the items of a stored permutation with those that it is applied to.
pub(crate) fn check_items(expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::OtherPermutation { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test_prg;

    #[test]
    fn each_permutation_is_as_likely_as_the_others() {
        println!("seed 3");
        let mut prg = test_prg(3);
        let mut counts = BTreeMap::new();
        const DRAWS: usize = 24_000;
        for _ in 0..DRAWS {
            *counts.entry(Permutation::random(&mut prg, 4).sources).or_insert(0_usize) += 1;
        }
        assert_eq!(counts.len(), 24);
        // 1000 each; the standard deviation is 31.
        assert!(counts.values().all(|count| count.abs_diff(1000) < 190), "{counts:?}");
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut prg = test_prg(4);
        let mut numbers = Numbers::new(&mut prg, 10);
        for bound in [1, 2, 3, 1 << 31, (1 << 31) - 1, u32::MAX] {
            assert!((0..1000).all(|_| numbers.below(bound) < bound), "{bound}");
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was_written() {
        let mut prg = test_prg(6);
        let (kept, again) = (Kept::new(), Kept::new());
        let numbers: Vec<i64> = [(0, 5), (0, 0), (3, 70)]
            .map(|(thread, n)| kept.keep(thread, Permutation::random(&mut prg, n)))
            .into();
        let mut bytes = Vec::new();
        kept.write(|it| vec![it], &mut bytes);
        let single = Permutation::alone;
        assert!(again.read(&bytes, single));
        for number in numbers {
            assert_eq!(again.get(number).unwrap().sources, kept.get(number).unwrap().sources);
        }
        // The next ones get numbers of their own.
        assert_eq!(again.keep(0, Permutation::default()), 2);
        assert!((0..bytes.len()).all(|len| !again.read(&bytes[..len], single)));
        let twice: (WrittenItems, WrittenCounts) = (vec![(0, vec![vec![1, 1]])], vec![]);
        assert!(!again.read(&wire::to_bytes(&twice), single), "no permutation");
        let pair = |parts: Vec<Permutation>| <[Permutation; 2]>::try_from(parts).ok();
        assert!(!Kept::new().read(&bytes, pair), "other parts");
    }

    #[test]
    fn permutations_are_composed_and_undone() {
        let mut prg = test_prg(5);
        let rows: Vec<u8> = (0..30).collect();
        for (n, rows) in [(0, &rows[..0]), (1, &rows[..1]), (10, &rows[..10]), (10, &rows[..])] {
            let [one, other] = [(); 2].map(|()| Permutation::random(&mut prg, n));
            assert_eq!(one.then(&other).rows(rows), other.rows(&one.rows(rows)));
            assert_eq!(one.inverse().rows(&one.rows(rows)), rows);
        }
    }

    #[test]
    fn items_go_to_the_places_given() {
        let places = [2_u128, 0, 1];
        let permutation = Permutation::to_places(places.into_iter()).unwrap();
        assert_eq!(permutation.rows(&["a", "b", "c"]), ["b", "c", "a"]);
        for wrong in [[0, 0, 1], [0, 1, 3], [0, 1, u128::MAX]] {
            let error = Permutation::to_places(wrong.into_iter()).err().unwrap();
            assert_eq!(error.to_string(), "the numbers are no permutation of 0 to 2");
        }
    }

    #[test]
    fn what_is_kept_is_found_by_its_number_only() {
        let kept = Kept::new();
        let numbers = [kept.keep(0, 'a'), kept.clone().keep(1, 'b'), kept.keep(1, 'c')];
        assert_eq!(numbers, [0, 1 << 32, 1 << 32 | 1]);
        assert_eq!(numbers.map(|number| *kept.get(number).unwrap()), ['a', 'b', 'c']);
        for unknown in [-1, 1, 2 << 32] {
            let error = kept.get(unknown).err().unwrap();
            assert_eq!(error.to_string(), format!("there is no permutation with number {unknown}"));
        }
    }
}
