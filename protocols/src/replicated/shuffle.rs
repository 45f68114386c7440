//! Permutations that no party knows: they are composed of three, each of which one party does not know.
//!
//! Permuting in turns, each by two parties that then share the result anew, is the idea of S. Laur, J. Willemson, B. Zhang:
//! Round-Efficient Oblivious Database Manipulation, ISC 2011. In two rounds and with four elements sent in all: T. Araki,
//! J. Furukawa, K. Ohara, B. Pinkas, H. Rosemarin, H. Tsuchida: Secure Graph Analysis at Scale, CCS 2021, section 4.3.
//! Here with one mask less: the last one that they add is hidden by a new summand anyway.
//!
//! Of three permutations in a row, the *head* knows the first two, the *middle* the first and the last, the *tail* the last
//! two. Forwards that is P0, P1, P2; to undo them in the opposite order P2, P1, P0. Of x = (u + v) + w, the head has u + v,
//! the others have w:
//!
//! 1. The head masks u + v, permutes it twice, masks it, and sends it to the middle; the middle subtracts the first mask
//!    from w, permutes it, and sends it to the tail.
//! 2. The tail permutes that, and subtracts the second mask. Middle and tail now have parts of the sum, which they permute
//!    the last time, and send each other, less the new summand that they share with the head.
//!
//! Where a party moves rows, by a permutation that it knows, is its own affair: here, or among its nodes that have a part
//! of them each ([`Shards`]). Masks and summands belong to places, and are of the set of nodes that has the place.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Net, Step};

use super::algebra::Algebra;
use super::{Replicated, next, previous};
use crate::Error;
use crate::permutation::{Permutation, check_items, width};
use crate::sharded::Shards;

/// Masked values on the way from head to middle and from middle to tail.
const MASKED: Step = Step::User(3);
/// What middle and tail send each other.
const PERMUTED: Step = Step::User(4);

/// What one party knows of a permutation that no party knows.
pub(super) struct Known {
    pub(super) with_next: Permutation,
    pub(super) with_previous: Permutation,
}

/// Where a party stands, and which way it looks.
struct Turn {
    role: Role,
    /// The neighbor with whom it shares the earlier of its permutations.
    earlier: Neighbor,
    /// The other one.
    later: Neighbor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Head,
    Middle,
    Tail,
}

/// Another party. Its number is that of the component that this party shares with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Neighbor {
    Previous = 0,
    Next = 1,
}

impl Neighbor {
    fn of(self, me: PartyId) -> PartyId {
        match self {
            Self::Previous => previous(me),
            Self::Next => next(me),
        }
    }
}

impl Known {
    /// From the permutation shared with the next party and that shared with the previous one.
    pub(super) fn from_parts(parts: Vec<Permutation>) -> Option<Self> {
        let [with_next, with_previous] = <[Permutation; 2]>::try_from(parts).ok()?;
        (with_next.len() == with_previous.len()).then_some(Self { with_next, with_previous })
    }

    /// The number of items.
    pub(super) fn len(&self) -> usize {
        self.with_next.len()
    }

    /// The permutation shared with a neighbor, or what undoes it.
    fn with(&self, neighbor: Neighbor, reverse: bool) -> Permutation {
        let permutation = match neighbor {
            Neighbor::Previous => &self.with_previous,
            Neighbor::Next => &self.with_next,
        };
        if reverse { permutation.inverse() } else { permutation.clone() }
    }
}

/// How a party permutes rows by a permutation that it knows.
trait Move<A> {
    fn moved(
        &mut self,
        net: &mut Net,
        permutation: &Permutation,
        rows: &[A],
    ) -> Result<Vec<A>, Error>;
}

/// All rows are here.
struct Here;

impl<A: Algebra> Move<A> for Here {
    fn moved(&mut self, _: &mut Net, by: &Permutation, rows: &[A]) -> Result<Vec<A>, Error> {
        Ok(by.rows(rows))
    }
}

impl<R: Ring> Move<R> for Shards<'_> {
    fn moved(&mut self, net: &mut Net, by: &Permutation, rows: &[R]) -> Result<Vec<R>, Error> {
        // Before waiting for others of this party: what other parties wait for.
        net.flush()?;
        self.permute(by, rows)
    }
}

impl<R: Ring> Replicated<R> {
    /// Puts rows that are spread over nodes into an order that no party knows. Rounds and messages are those of a
    /// shuffle of the rows that are here.
    pub(super) fn shuffle_spread(
        &mut self,
        net: &mut Net,
        shards: &mut Shards<'_>,
        a: [&[R]; 2],
    ) -> Result<[Vec<R>; 2], Error> {
        net.flush()?;
        let streams = &mut self.streams.permutation;
        let streams = shards.common([&mut streams.with_next, &mut streams.with_previous])?;
        let [with_next, with_previous] =
            streams.map(|mut stream| Permutation::random(&mut stream, shards.rows()));
        self.permute_where(net, shards, &Known { with_next, with_previous }, false, a)
    }

    /// A uniformly random permutation that no party knows.
    pub(super) fn secret_permutation(&mut self, n: usize) -> Known {
        let prgs = &mut self.streams.permutation;
        let with_next = Permutation::random(&mut prgs.with_next, n);
        Known { with_next, with_previous: Permutation::random(&mut prgs.with_previous, n) }
    }

    /// Permutes rows of equal lengths, or undoes that. Two rounds: the middle sends two elements per lane, the others
    /// one.
    pub(super) fn permute_rows<A: Algebra>(
        &mut self,
        net: &mut Net,
        known: &Known,
        reverse: bool,
        a: [&[A]; 2],
    ) -> Result<[Vec<A>; 2], Error> {
        if a[0].is_empty() {
            return Ok([(); 2].map(|()| Vec::new()));
        }
        self.permute_where(net, &mut Here, known, reverse, a)
    }

    fn permute_where<A: Algebra>(
        &mut self,
        net: &mut Net,
        place: &mut impl Move<A>,
        known: &Known,
        reverse: bool,
        a: [&[A]; 2],
    ) -> Result<[Vec<A>; 2], Error> {
        let lanes = a[0].len();
        let mut out = [(); 2].map(|()| vec![A::ZERO; lanes]);
        let Turn { role, earlier, later } = self.turn(reverse);
        let (to_earlier, to_later) = (earlier.of(self.me), later.of(self.me));
        let [first, second] = [earlier, later].map(|neighbor| known.with(neighbor, reverse));
        let mut mask = vec![A::ZERO; lanes];
        self.fill_masks(earlier, &mut mask, &mut out[earlier as usize]);
        net.count_round();
        let mine = match role {
            Role::Head => {
                add(&mut mask, a[0]);
                add(&mut mask, a[1]);
                let mut permuted = place.moved(net, &first.then(&second), &mask)?;
                self.fill_masks(later, &mut mask, &mut out[later as usize]);
                add(&mut permuted, &mask);
                A::send(net, to_earlier, MASKED, &permuted)?;
                net.count_round();
                return Ok(out);
            }
            Role::Middle => {
                let mut third = a[later as usize].to_vec();
                subtract(&mut third, &mask);
                let permuted = place.moved(net, &first, &third)?;
                A::send(net, to_later, MASKED, &permuted)?;
                A::recv(net, to_earlier, MASKED, &mut third)?;
                third
            }
            Role::Tail => {
                let mut third = vec![A::ZERO; lanes];
                A::recv(net, to_later, MASKED, &mut third)?;
                let mut permuted = place.moved(net, &first, &third)?;
                subtract(&mut permuted, &mask);
                permuted
            }
        };
        let mut mine = place.moved(net, &second, &mine)?;
        subtract(&mut mine, &out[earlier as usize]);
        let theirs = &mut out[later as usize];
        A::exchange(net, to_later, to_later, PERMUTED, &mine, theirs)?;
        add(theirs, &mine);
        Ok(out)
    }

    fn turn(&self, reverse: bool) -> Turn {
        let role = match (self.me.index(), reverse) {
            (1, _) => Role::Middle,
            (0, false) | (2, true) => Role::Head,
            _ => Role::Tail,
        };
        let (earlier, later) = match (role == Role::Middle) == reverse {
            true => (Neighbor::Next, Neighbor::Previous),
            false => (Neighbor::Previous, Neighbor::Next),
        };
        Turn { role, earlier, later }
    }

    /// A mask and a new summand from the stream with a neighbor.
    fn fill_masks<A: Algebra>(&mut self, neighbor: Neighbor, mask: &mut [A], summand: &mut [A]) {
        let prg = match neighbor {
            Neighbor::Previous => &mut self.streams.shuffle.with_previous,
            Neighbor::Next => &mut self.streams.shuffle.with_next,
        };
        A::fill_random(prg, mask);
        A::fill_random(prg, summand);
    }

    /// Permutes rows by a permutation that the program keeps.
    pub(super) fn permute_by(
        &mut self,
        net: &mut Net,
        number: i64,
        reverse: bool,
        rows: usize,
        a: [&[R]; 2],
    ) -> Result<[Vec<R>; 2], Error> {
        let known = self.kept.get(number)?;
        check_items(known.len(), rows)?;
        width(a[0].len(), rows);
        self.permute_rows(net, &known, reverse, a)
    }

    /// Moves row i to the place that lane i of `places` tells. Three rounds.
    ///
    /// G. Asharov, K. Hamada, D. Ikarashi, R. Kikuchi, A. Nof, B. Pinkas, K. Takahashi, J. Tomida: Efficient Secure
    /// Three-Party Sorting with Applications to Data Analysis and Heavy Hitters, CCS 2022, protocol 4.2: places and rows are
    /// shuffled alike, after which the places tell nothing and are opened.
    pub(super) fn move_rows(
        &mut self,
        net: &mut Net,
        places: [&[R]; 2],
        a: [&[R]; 2],
    ) -> Result<[Vec<R>; 2], Error> {
        let n = places[0].len();
        let width = width(a[0].len(), n);
        let both = [0, 1].map(|part| prepend_column(places[part], a[part], width));
        let known = self.secret_permutation(n);
        let both = self.permute_rows(net, &known, false, both.each_ref().map(Vec::as_slice))?;
        let [places, rows] = split_column(both, width);
        let order = self.opened_order(net, &places)?;
        Ok(rows.each_ref().map(|part| order.rows(part)))
    }

    /// Takes to place i the row with the number in lane i of `sources`. Five rounds.
    ///
    /// Asharov et al., protocol 4.3.
    pub(super) fn take_rows(
        &mut self,
        net: &mut Net,
        sources: [&[R]; 2],
        a: [&[R]; 2],
    ) -> Result<[Vec<R>; 2], Error> {
        let known = self.secret_permutation(sources[0].len());
        let sources = self.permute_rows(net, &known, false, sources)?;
        let taking = self.opened_order(net, &sources)?.inverse();
        let rows = a.map(|part| taking.rows(part));
        self.permute_rows(net, &known, true, rows.each_ref().map(Vec::as_slice))
    }

    /// Opens numbers that are a permutation, as the permutation that takes items to these places.
    fn opened_order(&mut self, net: &mut Net, places: &[Vec<R>; 2]) -> Result<Permutation, Error> {
        let mut opened = Vec::new();
        self.open_to_all(net, places.each_ref().map(Vec::as_slice), &mut opened)?;
        Permutation::to_places(opened.iter().map(|place| place.to_u128()))
    }

    /// Puts a permutation into the table.
    pub(super) fn keep_permutation(&mut self, n: usize) -> i64 {
        let known = self.secret_permutation(n);
        self.kept.keep(self.thread, known)
    }
}

/// Matrices with one column more, in front.
fn prepend_column<R: Ring>(column: &[R], rows: &[R], width: usize) -> Vec<R> {
    let mut out = Vec::with_capacity(column.len() + rows.len());
    for (idx, first) in column.iter().enumerate() {
        out.push(*first);
        out.extend_from_slice(&rows[idx * width..][..width]);
    }
    out
}

/// Takes the first column away from `width` others.
fn split_column<R: Ring>(both: [Vec<R>; 2], width: usize) -> [[Vec<R>; 2]; 2] {
    let rows = || both.each_ref().map(|part| part.chunks_exact(width + 1));
    let column = rows().map(|rows| rows.map(|row| row[0]).collect());
    [column, rows().map(|rows| rows.flat_map(|row| &row[1..]).copied().collect())]
}

fn add<A: Algebra>(sums: &mut [A], others: &[A]) {
    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += *other);
}

fn subtract<A: Algebra>(differences: &mut [A], others: &[A]) {
    differences.iter_mut().zip(others).for_each(|(difference, other)| *difference -= *other);
}
