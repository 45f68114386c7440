//! One program for all machines: loops compiled several times, of which each machine runs the fastest.
//!
//! This is one of the few files with `unsafe` code. The argument is always the same: code compiled for an extension of
//! the instruction set is run only where the processor says that it has the extension.

#![allow(unsafe_code, reason = "code for extensions of the instruction set, run where they exist")]

/// Runs the body of a closure, whose loops are compiled for the widest vectors that this machine has.
///
/// The body contains the loops itself or calls functions that are always inlined: what is not inlined stays as it is.
/// It must be worth a few nanoseconds. It is compiled once for each width, as a closure of its own: one closure that all
/// widths share would be inlined only if it is small.
#[macro_export]
macro_rules! wide {
    (|| $body:expr) => {
        match $crate::wide::width() {
            $crate::wide::Width::Bits512(width) => width.run(|| $body),
            $crate::wide::Width::Bits256(width) => width.run(|| $body),
            $crate::wide::Width::Any => $body,
        }
    };
}

/// The vectors that loops are compiled for.
#[derive(Clone, Copy)]
pub enum Width {
    /// 512 bits: AVX-512.
    Bits512(Bits512),
    /// 256 bits: AVX2.
    Bits256(Bits256),
    /// What all machines of this kind have.
    Any,
}

/// Proof that the processor has AVX-512.
#[derive(Clone, Copy)]
pub struct Bits512(());

/// Proof that the processor has AVX2.
#[derive(Clone, Copy)]
pub struct Bits256(());

/// The widest vectors that this machine has.
#[inline]
pub fn width() -> Width {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512dq")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vl")
        {
            return Width::Bits512(Bits512(()));
        }
        if std::is_x86_feature_detected!("avx2") {
            return Width::Bits256(Bits256(()));
        }
    }
    Width::Any
}

impl Bits512 {
    /// Runs a closure that is compiled for these vectors, if it is inlined.
    #[inline]
    pub fn run<T>(self, body: impl FnOnce() -> T) -> T {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: the processor has these extensions, as a value of this type proves.
            unsafe { x86::with_512_bits(body) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        body()
    }
}

impl Bits256 {
    /// Runs a closure that is compiled for these vectors, if it is inlined.
    #[inline]
    pub fn run<T>(self, body: impl FnOnce() -> T) -> T {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: the processor has this extension, as a value of this type proves.
            unsafe { x86::with_256_bits(body) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        body()
    }
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
        assert_eq!(crate::wide!(|| body()), expected);
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            assert_eq!(Bits256(()).run(body), expected);
        }
    }
}
