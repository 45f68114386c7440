//! Files: shares that outlive the run, public inputs, binary outputs; and the command line.

use caucus_bytecode::operand::{DstI, DstS, Imm, SrcC, SrcI, SrcS};
use caucus_core::algebra::Ring;
use caucus_core::net::{self, Step};
use caucus_protocols::{Protocol, ShareVector};

use super::Frame;
use super::bits::verified;
use crate::Kind;

/// Position that means the end, for writing and after reading.
const END: i64 = -1;
/// Position after reading where nothing is stored.
const NOTHING: i64 = -2;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn store_shares(&mut self, position: SrcI, values: &[SrcS]) -> Result<(), Kind> {
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        for value in values {
            self.secrets.prepare(value.0);
            self.secrets.get(value.0).write_full(bytes);
        }
        let proof = self.turn_outside()?;
        self.settle_storage()?;
        let storage = self.shared.host.storage();
        let position = self.ints.scalar(position.0);
        storage.prepare(proof, position, &self.thread.scratch.bytes)?;
        self.thread.net.all_gather(Step::Barrier, &[])?;
        Ok(storage.commit()?)
    }

    pub(super) fn load_shares(
        &mut self,
        end: DstI,
        position: SrcI,
        values: &[DstS],
        required: bool,
    ) -> Result<(), Kind> {
        let _proof = self.turn_outside()?;
        self.settle_storage()?;
        let position = self.ints.scalar(position.0);
        let count = values.iter().map(|value| self.secrets.lanes(value.0)).sum::<usize>();
        let Some(stored) = self.shared.host.storage().read(position, count)? else {
            if required {
                return Err(Kind::NothingStored);
            }
            for value in values {
                self.secrets.set(value.0, P::Vector::zeros(self.secrets.lanes(value.0)));
            }
            self.ints.set_scalar(end.0, NOTHING);
            return Ok(());
        };
        let mut rest = stored.shares.as_slice();
        for value in values {
            let lanes = self.secrets.lanes(value.0);
            let (bytes, after) = rest.split_at(lanes * P::Vector::FULL_BYTES);
            self.secrets.set(value.0, P::Vector::read_full(bytes, lanes)?);
            rest = after;
        }
        // The position was in range, so its sum with the count is a number, too.
        let next = if stored.is_end { END } else { position + count as i64 };
        self.ints.set_scalar(end.0, next);
        Ok(())
    }

    /// Before the first access, all parties compare what they have.
    pub(super) fn settle_storage(&mut self) -> Result<(), Kind> {
        if self.thread.storage_settled {
            return Ok(());
        }
        let storage = self.shared.host.storage();
        // A party that has nothing usable takes part, so that all come as far as this.
        let (offer, opened) = storage.offer(P::Vector::FULL_BYTES);
        let offers = self.thread.net.all_gather(Step::Agree, &offer)?;
        self.thread.flush()?;
        opened?;
        if !storage.settle(&offers)? {
            // It ends the run, with the cause; if it does not, this does.
            self.thread.net.all_gather(Step::Barrier, &[])?;
            let cause = "a party has stored shares that cannot be used".to_owned();
            return Err(net::Error::Aborted { cause }.into());
        }
        self.thread.storage_settled = true;
        Ok(())
    }

    pub(super) fn public_input(&mut self, dst: DstI) -> Result<(), Kind> {
        let lanes = self.ints.lanes(dst.0);
        let numbers = self.shared.host.public_input(lanes)?;
        let mut out = self.ints.out(dst.0, &[])?;
        out.clear();
        out.extend(numbers);
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn threshold(&mut self, dst: DstI) -> Result<(), Kind> {
        self.ints.set_scalar(dst.0, self.shared.host.threshold() as i64);
        Ok(())
    }

    pub(super) fn command_line_arg(&mut self, dst: DstI, index: SrcI) -> Result<(), Kind> {
        let value = self.shared.host.command_line_arg(self.ints.scalar(index.0))?;
        self.ints.set_scalar(dst.0, value);
        Ok(())
    }

    pub(super) fn binary_output_i(&mut self, player: Option<SrcI>, src: SrcI) -> Result<(), Kind> {
        self.ints.prepare(src.0);
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        bytes.extend(self.ints.get(src.0).iter().flat_map(|lane| lane.to_le_bytes()));
        self.binary_output(player)
    }

    pub(super) fn binary_output_fixed(
        &mut self,
        player: Option<SrcI>,
        src: SrcC,
        bits: Imm,
        total: Imm,
    ) -> Result<(), Kind> {
        self.publics.prepare(src.0);
        let (scale, total) = (2f64.powi(verified(bits) as i32), verified(total));
        let number = |lane: P::Ring| {
            let lane = lane.to_i128();
            if fits(lane, total) { lane as f64 / scale } else { f64::NAN }
        };
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        let lanes = self.publics.get(src.0).iter();
        bytes.extend(lanes.flat_map(|lane| number(*lane).to_le_bytes()));
        self.binary_output(player)
    }

    /// Writes what is in the buffer.
    fn binary_output(&mut self, player: Option<SrcI>) -> Result<(), Kind> {
        let proof = self.turn_outside()?;
        let player = player.map(|player| self.party(player)).transpose()?;
        let thread = self.thread.index;
        self.shared.host.binary_output(proof, player, thread, &self.thread.scratch.bytes)?;
        Ok(())
    }
}

/// Whether a number has so many bits with its sign.
pub(super) fn fits(number: i128, total: u32) -> bool {
    let limit = 1i128.checked_shl(total - 1).filter(|_| total < i128::BITS);
    limit.is_none_or(|limit| (-limit..limit).contains(&number))
}
