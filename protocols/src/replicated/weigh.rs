//! Sums of weights over the places of numbers: lookups that depend on the size of a secret.
//!
//! The bit of a place is u + b - 2 u b for the halves u of P0 and b of the others (see [`lift`](Replicated::lift)). A sum
//! over places of weights times bits is linear in these products, so that P0 deals its halves once, and the others send
//! one element per result, whatever the number of places. Places that have no weight in any row cost nothing.

use caucus_core::algebra::Ring;
use caucus_core::net::Net;

use super::Replicated;
use super::algebra::{Algebra, Packed};
use super::bits::Rows;
use super::cross::Side;
use crate::emulate::check_bits;
use crate::{Error, Places};

/// So many elements of P0's halves are dealt at once, so that memory does not grow with the number of places.
pub(super) const DEALT_AT_ONCE: usize = 1 << 16;

impl<R: Ring> Replicated<R> {
    /// Sums of weights, row by row; each row has `bits` weights.
    pub(super) fn weighted_places(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        bits: u32,
        places: Places,
        weights: &[R],
    ) -> Result<[Vec<R>; 2], Error> {
        check_bits::<R>(bits);
        let (lanes, columns) = (a[0].len(), bits as usize);
        let n_rows = weights.len() / columns;
        let has_weight =
            |column: &usize| (0..n_rows).any(|row| weights[row * columns + column] != R::ZERO);
        let used: Vec<usize> = (0..columns).filter(has_weight).collect();
        if lanes == 0 || used.is_empty() {
            return Ok([(); 2].map(|()| vec![R::ZERO; lanes * n_rows]));
        }
        let sum = self.shared_bits(net, a, bits)?;
        let rows = match places {
            Places::Each => sum,
            Places::Leading => self.leading(net, &sum)?,
        };
        let mut chosen = Rows::empty(rows.words);
        used.iter().for_each(|column| chosen.push(&rows, *column));
        let weights: Vec<Vec<R>> = weights
            .chunks_exact(columns)
            .map(|row| used.iter().map(|column| row[*column]).collect())
            .collect();
        self.weigh(net, &chosen, lanes, &weights)
    }

    /// Which place leads, then the sign.
    ///
    /// Places that equal the sign lead nothing, and inverted they are those of the magnitude less 1. But place 0 is set
    /// in any negative number, so that -1 differs from 0. Then a place leads if it is set and all higher ones are not:
    /// the conjunctions of inverted places from the highest on tell, whose last two are the inverted place 0 and the
    /// inverted sign.
    fn leading(&mut self, net: &mut Net, places: &Rows) -> Result<Rows, Error> {
        let (words, top) = (places.words, places.len() - 1);
        let mut sign = Rows::empty(words);
        sign.push(places, top);
        if top == 0 {
            return Ok(sign);
        }
        let mut unset = Rows::empty(words);
        for place in (1..top).rev() {
            unset.push(places, place);
            unset.add(unset.len() - 1, &sign, 0);
        }
        unset.push(places, 0);
        unset.push(places, top);
        self.invert(&mut unset);
        let mut none_set = Rows::empty(words);
        // Without higher places nothing above is set: the row of ones is an inverted row of zeros.
        let zeros = [(); 2].map(|()| vec![Packed::ZERO; words]);
        none_set.push(&Rows { parts: zeros, words }, 0);
        self.invert(&mut none_set);
        let prefixes = self.all_before(net, unset)?;
        (0..top - 1).chain([top]).for_each(|row| none_set.push(&prefixes, row));
        // Row k of these is 1 if none of the k highest places is set.
        let mut leading = Rows::empty(words);
        for place in 0..top {
            leading.push(&none_set, top - 1 - place);
            leading.add(place, &none_set, top - place);
        }
        leading.push(&sign, 0);
        Ok(leading)
    }

    /// Sums of weights times shared bits. Two rounds.
    fn weigh(
        &mut self,
        net: &mut Net,
        rows: &Rows,
        lanes: usize,
        weights: &[Vec<R>],
    ) -> Result<[Vec<R>; 2], Error> {
        let halves = self.bit_halves(rows, lanes);
        let mut sums = vec![R::ZERO; lanes * weights.len()];
        let columns_at_once = (DEALT_AT_ONCE / lanes).max(1);
        net.count_round();
        for (first, halves) in
            (0..).step_by(columns_at_once).zip(halves.chunks(columns_at_once * lanes))
        {
            let dealt = self.deal_some(net, halves)?;
            let Side::Third(third) = self.side() else { continue };
            let is_first = third == 1;
            for (column, (halves, dealt)) in
                (first..).zip(halves.chunks(lanes).zip(dealt[1 - third].chunks(lanes)))
            {
                for (sums, weights) in sums.chunks_mut(lanes).zip(weights) {
                    let weight = weights[column];
                    if weight == R::ZERO {
                        continue;
                    }
                    for ((sum, half), dealt) in sums.iter_mut().zip(halves).zip(dealt) {
                        let product = *dealt * (R::ONE - *half - *half);
                        *sum += weight * if is_first { product + *half } else { product };
                    }
                }
            }
        }
        self.blind(net, sums)
    }
}
