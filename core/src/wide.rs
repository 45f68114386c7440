//! One program for all machines: loops compiled several times, of which each machine runs the fastest.
//!
//! This is one of the few files with `unsafe` code. The argument is always the same: code compiled for an extension of
//! the instruction set is run only where the processor says that it has the extension.

#![allow(unsafe_code, reason = "code for extensions of the instruction set, run where they exist")]

/// Runs `body`, whose loops are compiled for the widest vectors that this machine has.
///
/// `body` is a closure that contains the loops itself or calls functions that are always inlined: what is not inlined
/// stays as it is. It must be worth a few nanoseconds.
#[inline]
pub fn wide<T>(body: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512dq")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vl")
        {
            // SAFETY: the processor has these extensions.
            return unsafe { x86::with_512_bits(body) };
        }
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has this extension.
            return unsafe { x86::with_256_bits(body) };
        }
    }
    body()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    pub(super) fn with_512_bits<T>(body: impl FnOnce() -> T) -> T {
        body()
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn with_256_bits<T>(body: impl FnOnce() -> T) -> T {
        body()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All variants that this machine has give what the plain one gives.
    #[test]
    fn all_variants_compute_the_same() {
        let a: Vec<u64> = (0..1000_u64).map(|k| k.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let body = || {
            a.iter()
                .zip(a.iter().rev())
                .map(|(a, b)| a.wrapping_mul(*b) ^ (a >> 3))
                .collect::<Vec<u64>>()
        };
        let expected = body();
        assert_eq!(wide(body), expected);
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has this extension.
            assert_eq!(unsafe { x86::with_256_bits(body) }, expected);
        }
    }
}
