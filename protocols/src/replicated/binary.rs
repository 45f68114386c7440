//! Vectors of secret bits: replicated shares modulo 2, as `bits` within operations, but packed without
//! gaps between rows.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Net, Step};

use super::algebra::Algebra;
use super::bits::{self, Rows};
use super::{N_PARTIES, Replicated};
use crate::bits::Packed;
use crate::emulate::{check_bits, owned_bits};
use crate::{BitShares, BitVector, Error};

impl<R: Ring> Replicated<R> {
    pub(super) fn share_public_bits(&self, values: &BitShares<1>, out: &mut BitShares<2>) {
        out.refill(values.len(), |parts| {
            parts.iter_mut().for_each(|part| part.fill(Packed::ZEROS));
            if let Some(component) = self.public_component() {
                parts[component].copy_from_slice(values.parts()[0]);
            }
        });
    }

    pub(super) fn share_input_bits(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&BitShares<1>>,
        n: usize,
        out: &mut BitShares<2>,
    ) -> Result<(), Error> {
        let values = match owner == self.me {
            true => Some(owned_bits(owner, values, n)?.parts()[0]),
            false => None,
        };
        let mut res = Ok(());
        out.refill(n, |parts| {
            res = self.share_input(net, owner, values, crate::bits::words(n), parts);
        });
        res
    }

    /// As products of elements, word by word.
    pub(super) fn multiply_bits(
        &mut self,
        net: &mut Net,
        a: &BitShares<2>,
        b: &BitShares<2>,
        out: &mut BitShares<2>,
    ) -> Result<(), Error> {
        assert_eq!(a.len(), b.len(), "factors have equal lengths");
        let mut res = Ok(());
        out.refill(a.len(), |parts| res = self.multiply(net, a.parts(), b.parts(), parts));
        res
    }

    /// As opening elements: each sends its second component to the previous party.
    pub(super) fn open_bits_to_all(
        &mut self,
        net: &mut Net,
        a: &BitShares<2>,
        out: &mut Vec<R>,
    ) -> Result<(), Error> {
        out.clear();
        if a.is_empty() {
            return Ok(());
        }
        let [first, second] = a.parts();
        let mut missing = vec![Packed::ZEROS; first.len()];
        let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
        Packed::exchange(net, to, from, Step::Open, second, &mut missing)?;
        for (word, (first, second)) in missing.iter_mut().zip(first.iter().zip(second)) {
            *word += *first + *second;
        }
        *out = bits::unpack(&missing, a.len());
        Ok(())
    }

    pub(super) fn bits_of_elements(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        bits: u32,
        out: &mut BitShares<2>,
    ) -> Result<(), Error> {
        check_bits::<R>(bits);
        out.clear();
        let lanes = a[0].len();
        if lanes == 0 {
            return Ok(());
        }
        let rows = self.shared_bits(net, a, bits)?;
        for row in 0..rows.len() {
            let parts = [0, 1].map(|component| rows.row(component, row).to_vec());
            out.append(&BitShares::from_parts(parts, lanes));
        }
        Ok(())
    }

    /// All lanes are one row.
    pub(super) fn elements_of_bits(
        &mut self,
        net: &mut Net,
        a: &BitShares<2>,
    ) -> Result<[Vec<R>; 2], Error> {
        if a.is_empty() {
            return Ok([Vec::new(), Vec::new()]);
        }
        let row = Rows { parts: a.parts().map(<[_]>::to_vec), words: crate::bits::words(a.len()) };
        self.lift(net, &row, a.len())
    }
}
