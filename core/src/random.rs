//! Seeds, streams derived from them by label, and the bulk generator.
//!
//! All randomness of a run comes from seeds that are never used twice: what needs a stream derives one of its own
//! from a seed and a label that names protocol, purpose, thread, node and epoch.

#[cfg(target_arch = "x86_64")]
mod keystream;

use std::fmt;

use aes::Aes128;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// 32 secret bytes to derive streams from.
#[derive(Clone)]
pub struct Seed([u8; 32]);

/// What a derived seed is for. No two streams of a run have the same label.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Label<'a> {
    /// The protocol's name.
    pub protocol: &'a str,
    /// What the protocol needs the stream for.
    pub purpose: &'a str,
    /// The thread that uses the stream.
    pub thread: u32,
    /// The node that uses the stream: 0 for the main node, `k + 1` for worker `k`.
    pub node: u32,
    /// How often the work was begun anew.
    pub epoch: u32,
}

impl Seed {
    /// A fresh seed from the operating system.
    ///
    /// # Panics
    /// If the system has no randomness, without which nothing here is safe.
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system provides randomness");
        Self(bytes)
    }

    /// The seed that a peer sent, or one fixed for a test.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret bytes, to be sent to the peer that shares the seed.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seed for one purpose. Distinct labels give independent seeds.
    pub fn derive(&self, label: &Label<'_>) -> Self {
        let Label { protocol, purpose, thread, node, epoch } = *label;
        let fields: [&[u8]; 7] = [
            b"caucus derived seed, version 1",
            &self.0,
            protocol.as_bytes(),
            purpose.as_bytes(),
            &thread.to_le_bytes(),
            &node.to_le_bytes(),
            &epoch.to_le_bytes(),
        ];
        // The total length comes first: no encoding of a label then continues another, which SHA-256 would allow
        // to compute one derived seed from another.
        let total: usize = fields.iter().map(|field| 8 + field.len()).sum();
        let mut hash = Sha256::new();
        hash.update((total as u64).to_le_bytes());
        for field in fields {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        Self(hash.finalize().into())
    }

    /// The stream of this seed: the same bytes each time it is started.
    pub fn prg(&self) -> Prg {
        let (key, counter) = self.0.split_at(16);
        #[cfg(target_arch = "x86_64")]
        {
            const HALVES: &str = "a seed has 16 bytes of key and of counter";
            let [key, counter] = [key, counter].map(|half| half.try_into().expect(HALVES));
            if let Some(stream) = keystream::WideStream::new(key, counter) {
                return Prg(Stream::Wide(stream));
            }
        }
        let cipher = Ctr128BE::<Aes128>::new_from_slices(key, counter);
        Prg(Stream::Plain(cipher.expect("AES-128 takes 16 bytes of key and of counter")))
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// The bulk generator: AES-128 in counter mode, key and first counter taken from a [`Seed`].
///
/// The stream is the same on all machines: some make it faster than others.
pub struct Prg(Stream);

enum Stream {
    /// For any processor; it uses instructions for AES where there are some.
    Plain(Ctr128BE<Aes128>),
    /// For processors that encrypt four blocks at a time: two to three times as fast.
    #[cfg(target_arch = "x86_64")]
    Wide(keystream::WideStream),
}

impl Prg {
    /// Overwrites the buffer with the next bytes of the stream, however the stream is cut into buffers.
    pub fn fill(&mut self, out: &mut [u8]) {
        match &mut self.0 {
            Stream::Plain(cipher) => cipher.write_keystream(out),
            #[cfg(target_arch = "x86_64")]
            Stream::Wide(stream) => stream.fill(out),
        }
    }

    /// Overwrites the buffer with the next words of the stream, little endian.
    pub fn fill_u64(&mut self, out: &mut [u64]) {
        self.fill(bytemuck::cast_slice_mut(out));
        if cfg!(target_endian = "big") {
            out.iter_mut().for_each(|word| *word = word.swap_bytes());
        }
    }
}

impl fmt::Debug for Prg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prg(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Label<'_> =
        Label { protocol: "ring", purpose: "zero", thread: 1, node: 2, epoch: 3 };

    #[test]
    fn the_stream_is_aes_in_counter_mode() {
        // NIST SP 800-38A, F.5.1: the first two output blocks.
        let mut seed = [0; 32];
        let key = 0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c_u128;
        let counter = 0xf0f1_f2f3_f4f5_f6f7_f8f9_fafb_fcfd_feff_u128;
        seed[..16].copy_from_slice(&key.to_be_bytes());
        seed[16..].copy_from_slice(&counter.to_be_bytes());
        let mut found = [0xaa; 32];
        Seed::from_bytes(seed).prg().fill(&mut found);
        let blocks = [
            0xec8c_df73_9860_7cb0_f2d2_1675_ea9e_a1e4_u128,
            0x362b_7c3c_6773_5163_18a0_77d7_fc50_73ae_u128,
        ];
        assert_eq!(found[..16], blocks[0].to_be_bytes());
        assert_eq!(found[16..], blocks[1].to_be_bytes());
    }

    #[test]
    fn the_stream_does_not_depend_on_how_it_is_cut() {
        let seed = Seed::from_bytes([7; 32]);
        let mut whole = vec![0; 1000];
        seed.prg().fill(&mut whole);
        let mut prg = seed.prg();
        let mut pieces = vec![0; 1000];
        let (mut start, mut size) = (0, 1);
        while start < 1000 {
            let end = (start + size).min(1000);
            prg.fill(&mut pieces[start..end]);
            (start, size) = (end, size * 2 + 1);
        }
        assert_eq!(whole, pieces);
        let mut words = [0; 125];
        seed.prg().fill_u64(&mut words);
        assert_eq!(words[124].to_le_bytes(), whole[992..]);
    }

    #[test]
    fn each_field_of_a_label_gives_another_seed() {
        let seed = Seed::from_bytes([1; 32]);
        let labels = [
            LABEL,
            Label { protocol: "ringz", purpose: "ero", ..LABEL },
            Label { purpose: "one", ..LABEL },
            Label { thread: 2, ..LABEL },
            Label { node: 3, ..LABEL },
            Label { epoch: 1, ..LABEL },
        ];
        let mut derived: Vec<_> =
            labels.iter().map(|label| *seed.derive(label).as_bytes()).collect();
        assert_eq!(derived[0], *seed.derive(&LABEL).as_bytes());
        derived.push(*Seed::from_bytes([2; 32]).derive(&LABEL).as_bytes());
        derived.push(*seed.as_bytes());
        derived.sort_unstable();
        derived.dedup();
        assert_eq!(derived.len(), labels.len() + 2);
    }

    #[test]
    fn fresh_seeds_differ() {
        assert_ne!(Seed::generate().as_bytes(), Seed::generate().as_bytes());
    }

    #[test]
    fn a_seed_shows_nothing_of_itself() {
        assert_eq!(
            format!("{:?} {:?}", Seed::generate(), Seed::generate().prg()),
            "Seed(..) Prg(..)"
        );
    }
}
