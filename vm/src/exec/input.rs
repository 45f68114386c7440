//! Private inputs besides those of text files.

use caucus_bytecode::operand::{BinaryForm, DstS, Imm, SrcC, SrcI};
use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_protocols::Protocol;

use super::Frame;
use super::bits::verified;
use crate::Kind;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn binary_input(
        &mut self,
        dst: DstS,
        player: SrcI,
        form: BinaryForm,
        bits: Imm,
    ) -> Result<(), Kind> {
        let owner = self.party(player)?;
        let lanes = self.secrets.lanes(dst.0);
        let host = self.shared.host;
        let mut values = None;
        if host.owns_input(owner) {
            let thread = self.thread.index;
            let bytes = host.binary_input(owner, thread, lanes, number_bytes::<P>(form))?;
            let read = numbers::<P>(form, verified(bits), &bytes);
            values = Some(read.map_err(|index| Kind::NoNumber { player: owner, thread, index })?);
        }
        self.share_input(owner, values.as_ref(), &[dst])?;
        self.thread.flush()
    }

    /// Of each owner, all values are one call.
    pub(super) fn input_own(&mut self, inputs: &[(DstS, SrcI, SrcC)]) -> Result<(), Kind> {
        let mut by_owner: Vec<(PartyId, Vec<(DstS, SrcC)>)> = Vec::new();
        for (dst, player, src) in inputs {
            let owner = self.party(*player)?;
            match by_owner.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, items)) => items.push((*dst, *src)),
                None => by_owner.push((owner, vec![(*dst, *src)])),
            }
        }
        for (owner, items) in by_owner {
            let mut values = Vec::new();
            for (_, src) in &items {
                self.publics.prepare(src.0);
                values.extend_from_slice(self.publics.get(src.0));
            }
            // At the others the registers hold nothing of meaning.
            let mine = self.shared.host.owns_input(owner);
            let dsts: Vec<DstS> = items.iter().map(|(dst, _)| *dst).collect();
            self.share_input(owner, mine.then_some(&values), &dsts)?;
        }
        self.thread.flush()
    }
}

fn number_bytes<P: Protocol>(form: BinaryForm) -> usize {
    match form {
        BinaryForm::Int64 | BinaryForm::Double => 8,
        BinaryForm::Float => 4,
        BinaryForm::Raw => P::Ring::BYTES,
    }
}

/// The numbers in these bytes times 2^`bits`, or the index of the first that is none.
fn numbers<P: Protocol>(form: BinaryForm, bits: u32, bytes: &[u8]) -> Result<Vec<P::Ring>, usize> {
    const WHOLE: &str = "chunks have the length of a number";
    let chunks = bytes.chunks_exact(number_bytes::<P>(form));
    let fraction = |(index, number): (usize, f64)| {
        // Exact, as the factor is a power of two; numbers that leave this range fit no ring.
        let scaled = (number * 2f64.powi(bits as i32)).round();
        let fits = scaled.abs() < 2f64.powi(127);
        if fits { Ok(P::Ring::from_u128(scaled as i128 as u128)) } else { Err(index) }
    };
    match form {
        BinaryForm::Int64 => {
            let ints = chunks.map(|chunk| i64::from_le_bytes(chunk.try_into().expect(WHOLE)));
            Ok(ints.map(P::Ring::from_i64).collect())
        }
        BinaryForm::Double => {
            let all = chunks.map(|chunk| f64::from_le_bytes(chunk.try_into().expect(WHOLE)));
            all.enumerate().map(fraction).collect()
        }
        BinaryForm::Float => {
            let all = chunks.map(|chunk| f32::from_le_bytes(chunk.try_into().expect(WHOLE)));
            all.map(f64::from).enumerate().map(fraction).collect()
        }
        BinaryForm::Raw => {
            let mut all = vec![P::Ring::ZERO; chunks.len()];
            P::Ring::decode(bytes, &mut all).map_err(|_| 0usize)?;
            Ok(all)
        }
    }
}
