//! Strings of packed bits: bit l is bit l mod 64 of word l div 64. Nothing depends on their contents but the results.

use super::packed::Packed;
use crate::Error;
use crate::strided::{Level, View, check_source};

/// Bits of a word.
pub(crate) const WORD: usize = u64::BITS as usize;

/// How two words become one.
pub(super) type Combine = fn(Packed, Packed) -> Packed;

/// Words of a string.
pub(crate) fn words(bits: usize) -> usize {
    bits.div_ceil(WORD)
}

/// The lowest bits of a word set.
fn low(bits: usize) -> u64 {
    if bits >= WORD { u64::MAX } else { (1 << bits) - 1 }
}

/// Clears what is behind the end of a string that has so many words as it needs.
pub(super) fn cut(string: &mut [Packed], bits: usize) {
    if let (Some(last), used @ 1..) = (string.last_mut(), bits % WORD) {
        *last = *last * Packed::new(low(used));
    }
}

/// One bit, 0 or 1.
pub(super) fn get(string: &[Packed], at: usize) -> u64 {
    string[at / WORD].bits() >> (at % WORD) & 1
}

/// Overwrites one bit with 0 or 1.
pub(super) fn set(string: &mut [Packed], at: usize, bit: u64) {
    let (word, place) = (&mut string[at / WORD], at % WORD);
    *word = Packed::new(word.bits() & !(1 << place) | bit << place);
}

/// The 64 bits from `at` on; behind the last word are zeros.
fn window(string: &[Packed], at: usize) -> u64 {
    let (word, shift) = (at / WORD, at % WORD);
    let bits = |word| string.get(word).map_or(0, |it: &Packed| it.bits());
    match shift {
        0 => bits(word),
        _ => bits(word) >> shift | bits(word + 1) << (WORD - shift),
    }
}

/// Overwrites `n` bits from `at` on with those that `source` gives for each distance from there, 64 at a time.
fn write(string: &mut [Packed], at: usize, n: usize, source: impl Fn(usize) -> u64) {
    let mut done = 0;
    while done < n {
        let (word, shift) = ((at + done) / WORD, (at + done) % WORD);
        let count = (WORD - shift).min(n - done);
        let mask = low(count) << shift;
        let old = string[word].bits();
        string[word] = Packed::new(old & !mask | source(done) << shift & mask);
        done += count;
    }
}

/// Appends `n` bits of another string, from `from` on, to a string of so many bits.
pub(super) fn append(string: &mut Vec<Packed>, bits: usize, source: (&[Packed], usize), n: usize) {
    string.resize(words(bits + n), Packed::ZEROS);
    let (other, from) = source;
    write(string, bits, n, |done| window(other, from + done));
}

/// All bits equal to one.
fn repeated(bit: u64) -> u64 {
    0u64.wrapping_sub(bit)
}

/// Combines two strings bit by bit; one bit on either side stands for as many as the other has.
pub(super) fn zip(
    (a, a_bits): (&[Packed], usize),
    (b, b_bits): (&[Packed], usize),
    out: &mut Vec<Packed>,
    op: Combine,
) {
    out.clear();
    let single = |string: &[Packed]| Packed::new(repeated(get(string, 0)));
    if a_bits == b_bits {
        out.extend(a.iter().zip(b).map(|(a, b)| op(*a, *b)));
    } else if a_bits == 1 {
        let a = single(a);
        out.extend(b.iter().map(|b| op(a, *b)));
        cut(out, b_bits);
    } else {
        let b = single(b);
        out.extend(a.iter().map(|a| op(*a, b)));
        cut(out, a_bits);
    }
}

/// The sum modulo 2 of `n` bits from `at` on.
pub(super) fn parity(string: &[Packed], at: usize, n: usize) -> u64 {
    let piece = |done: usize| window(string, at + done) & low(n - done);
    let sum = (0..n).step_by(WORD).fold(0, |sum, done| sum ^ piece(done));
    u64::from(sum.count_ones() % 2)
}

/// Reads a strided view into `out`; gives its length.
pub(super) fn pick(
    (string, bits): (&[Packed], usize),
    offset: i64,
    levels: &[Level],
    out: &mut Vec<Packed>,
) -> Result<usize, Error> {
    out.clear();
    let Some(view) = View::new(bits, offset, levels)? else {
        return Ok(0);
    };
    out.resize(words(view.lanes), Packed::ZEROS);
    let mut at = 0;
    view.for_each_run(|start, run| {
        let n = run.count as usize;
        match run.stride {
            1 => write(out, at, n, |done| window(string, start + done)),
            0 => {
                let bits = repeated(get(string, start));
                write(out, at, n, |_| bits);
            }
            stride => {
                let address = |lane: usize| (start as i64 + lane as i64 * stride) as usize;
                // Whole words of the result are put together before they are written.
                write(out, at, n, |done| {
                    let lanes = done..n.min(done + WORD);
                    let bit = |lane| get(string, address(lane)) << (lane - done);
                    lanes.fold(0, |word, lane| word | bit(lane))
                });
            }
        }
        at += n;
    });
    Ok(view.lanes)
}

/// Writes to a strided view as many bits, or one to all.
pub(super) fn put(
    (string, bits): (&mut [Packed], usize),
    offset: i64,
    levels: &[Level],
    (src, n): (&[Packed], usize),
) -> Result<(), Error> {
    let Some(view) = View::new(bits, offset, levels)? else {
        return check_source(0, n);
    };
    check_source(view.lanes, n)?;
    let is_single = n == 1;
    let mut at = 0;
    view.for_each_run(|start, run| {
        let count = run.count as usize;
        if run.stride == 1 && is_single {
            let bits = repeated(get(src, 0));
            write(string, start, count, |_| bits);
        } else if run.stride == 1 {
            write(string, start, count, |done| window(src, at + done));
        } else {
            for (lane, address) in run.addresses(start).enumerate() {
                let from = if is_single { 0 } else { at + lane };
                set(string, address, get(src, from));
            }
        }
        at += count;
    });
    Ok(())
}

/// Reads the bits at these addresses, which are inside of the string.
pub(super) fn gather(string: &[Packed], indices: &[i64], out: &mut Vec<Packed>) {
    out.clear();
    out.extend(indices.chunks(WORD).map(|part| {
        let bits = part.iter().enumerate();
        Packed::new(bits.fold(0, |word, (lane, idx)| word | get(string, *idx as usize) << lane))
    }));
}
