//! A part of a product of matrices of 64-bit words that stays in registers.
//!
//! Compilers do not keep such sums in vectors of their own accord. `unsafe` as in [`wide`](mod@crate::wide): the code for
//! AVX-512 or AVX2 runs where the processor has it.

#![allow(unsafe_code, reason = "code for extensions of the instruction set, run where they exist")]

#[cfg(target_arch = "x86_64")]
use crate::wide::Width;

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile: words of a vector of 512 bits.
pub const COLUMNS: usize = 8;

/// The sums of a tile, row by row.
type Tile = [[u64; COLUMNS]; ROWS];

/// Adds the product of rows and a matrix of [`COLUMNS`] columns, modulo 2^64. Elements of rows that have none opposite,
/// and rows of the matrix, count as zero.
#[inline]
pub(crate) fn add_words(rows: [&[u64]; ROWS], right: &[[u64; COLUMNS]], sums: &mut Tile) {
    #[cfg(target_arch = "x86_64")]
    match crate::wide::width() {
        // SAFETY: the processor has these extensions, as the value that was found proves.
        Width::Bits512(_) => return unsafe { x86::add_words_512(rows, right, sums) },
        // SAFETY: likewise.
        Width::Bits256(_) => return unsafe { x86::add_words_256(rows, right, sums) },
        Width::Any => {}
    }
    add_plainly(rows, right, sums);
}

fn add_plainly(rows: [&[u64]; ROWS], right: &[[u64; COLUMNS]], sums: &mut Tile) {
    for (row, sums) in rows.iter().zip(sums) {
        for (factor, right) in row.iter().zip(right) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = sum.wrapping_add(factor.wrapping_mul(*right));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi64, _mm256_loadu_si256, _mm256_mul_epu32,
        _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_slli_epi64, _mm256_srli_epi64,
        _mm256_storeu_si256, _mm512_add_epi64, _mm512_loadu_si512, _mm512_mullo_epi64,
        _mm512_set1_epi64, _mm512_storeu_si512,
    };

    use super::{COLUMNS, ROWS, Tile};

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    pub(super) fn add_words_512(
        [r0, r1, r2, r3]: [&[u64]; ROWS],
        right: &[[u64; COLUMNS]],
        sums: &mut Tile,
    ) {
        let [mut s0, mut s1, mut s2, mut s3] =
            [load(&sums[0]), load(&sums[1]), load(&sums[2]), load(&sums[3])];
        // Iterators side by side need no checks of bounds.
        let factors = r0.iter().zip(r1).zip(r2.iter().zip(r3));
        for (((f0, f1), (f2, f3)), right) in factors.zip(right) {
            let right = load(right);
            s0 = _mm512_add_epi64(s0, times(*f0, right));
            s1 = _mm512_add_epi64(s1, times(*f1, right));
            s2 = _mm512_add_epi64(s2, times(*f2, right));
            s3 = _mm512_add_epi64(s3, times(*f3, right));
        }
        for (words, sum) in sums.iter_mut().zip([s0, s1, s2, s3]) {
            // SAFETY: eight words have 512 bits.
            unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), sum) };
        }
    }

    /// The processor multiplies words of 32 bits only: with a = a_0 + 2^32 a_1 and b likewise, the product is
    /// a_0 b_0 + 2^32 (a_0 b_1 + a_1 b_0). Both sums are kept apart to the end.
    #[target_feature(enable = "avx2")]
    pub(super) fn add_words_256(
        [r0, r1, r2, r3]: [&[u64]; ROWS],
        right: &[[u64; COLUMNS]],
        sums: &mut Tile,
    ) {
        // The sums of two rows and four columns fit the sixteen registers.
        for (rows, first) in [([r0, r1], 0), ([r2, r3], 2)] {
            for half in 0..2 {
                let mut low = [_mm256_setzero_si256(); 2];
                let mut high = [_mm256_setzero_si256(); 2];
                for ((f0, f1), right) in rows[0].iter().zip(rows[1]).zip(right) {
                    let right = load_half(right, half);
                    let right_high = _mm256_srli_epi64::<32>(right);
                    for (row, factor) in [*f0, *f1].into_iter().enumerate() {
                        let factor = _mm256_set1_epi64x(factor.cast_signed());
                        let factor_high = _mm256_srli_epi64::<32>(factor);
                        low[row] = _mm256_add_epi64(low[row], _mm256_mul_epu32(factor, right));
                        let mixed = _mm256_add_epi64(
                            _mm256_mul_epu32(factor, right_high),
                            _mm256_mul_epu32(factor_high, right),
                        );
                        high[row] = _mm256_add_epi64(high[row], mixed);
                    }
                }
                for (row, sums) in sums[first..][..2].iter_mut().enumerate() {
                    let sum = _mm256_add_epi64(low[row], _mm256_slli_epi64::<32>(high[row]));
                    let sum = _mm256_add_epi64(load_half(sums, half), sum);
                    // SAFETY: four words have 256 bits, and there are eight.
                    unsafe { _mm256_storeu_si256(sums[4 * half..][..4].as_mut_ptr().cast(), sum) };
                }
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load_half(words: &[u64; COLUMNS], half: usize) -> __m256i {
        // SAFETY: four words have 256 bits, and there are as many in the slice.
        unsafe { _mm256_loadu_si256(words[4 * half..][..4].as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn times(factor: u64, right: __m512i) -> __m512i {
        _mm512_mullo_epi64(_mm512_set1_epi64(factor.cast_signed()), right)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn load(words: &[u64; COLUMNS]) -> __m512i {
        // SAFETY: eight words have 512 bits.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints how long a tile takes: `cargo test --release -- --ignored --nocapture measure_tiles`.
    #[test]
    #[ignore = "a measurement"]
    fn measure_tiles() {
        let (row, right) = (vec![3; 256], vec![[5; COLUMNS]; 256]);
        let time = |what: &str, add: &dyn Fn([&[u64]; ROWS], &mut Tile)| {
            let mut sums = [[0; COLUMNS]; ROWS];
            let begin = std::time::Instant::now();
            (0..10_000).for_each(|_| add([&row; ROWS], std::hint::black_box(&mut sums)));
            println!("{what}: {:?} a tile of depth 256", begin.elapsed() / 10_000);
        };
        time("the best", &|rows, sums| add_words(rows, &right, sums));
        time("plain", &|rows, sums| add_plainly(rows, &right, sums));
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the extension.
            time("256 bits", &|rows, sums| unsafe { x86::add_words_256(rows, &right, sums) });
        }
    }

    #[test]
    fn this_machine_computes_what_every_machine_computes() {
        for depth in [0, 1, 2, 7, 256] {
            let word = |at: usize| (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let rows: Vec<u64> = (0..ROWS * depth).map(word).collect();
            let rows: [&[u64]; ROWS] = std::array::from_fn(|k| &rows[k * depth..][..depth]);
            let right: Vec<_> =
                (0..depth).map(|k| std::array::from_fn(|j| word(7 * k + 3 * j))).collect();
            let mut found = [[u64::MAX; COLUMNS]; ROWS];
            let mut expected = found;
            let before = found;
            add_words(rows, &right, &mut found);
            add_plainly(rows, &right, &mut expected);
            assert_eq!(found, expected, "{depth}");
            #[cfg(target_arch = "x86_64")]
            if std::is_x86_feature_detected!("avx2") {
                found = before;
                // SAFETY: the processor has the extension.
                unsafe { x86::add_words_256(rows, &right, &mut found) };
                assert_eq!(found, expected, "{depth} with 256 bits");
            }
        }
    }
}
