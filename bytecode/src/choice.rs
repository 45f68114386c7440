//! Operands that are one of a few choices, such as which operation on two integers is meant.

use std::fmt;

use crate::operand::{Access, Mention, Operand};
use crate::words::{DecodeError, Words};

macro_rules! choice_operand {
    ($($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $number:literal $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item),*
        }

        impl $name {
            /// Number and name of each choice.
            pub const CHOICES: &'static [(i64, &'static str)] = &[$(($number, $text)),*];
        }

        impl Operand for $name {
            const KIND: &'static str = stringify!($name);
            fn encode(&self, out: &mut Vec<i64>) {
                out.push(match self { $(Self::$item => $number),* });
            }
            fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
                let at = words.position();
                match words.take()? {
                    $($number => Ok(Self::$item),)*
                    word => Err(DecodeError::OutOfRange { at, word }),
                }
            }
            fn visit(&mut self, _: &mut dyn FnMut(Access<'_>)) {}
            fn look(&self, _: &mut impl FnMut(Mention)) {}
            fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$item => $text),* })
            }
        }
    )*};
}

choice_operand! {
    /// Operations on two 64-bit integers; arithmetic wraps.
    IntOp {
        /// Sum.
        Add = 0 "add",
        /// Difference.
        Sub = 1 "sub",
        /// Product.
        Mul = 2 "mul",
        /// Quotient towards zero; division by zero is a run-time error.
        Div = 3 "div",
        /// Remainder with the sign of the dividend; division by zero is a run-time error.
        Mod = 4 "mod",
        /// Shift to the left by 0 to 63.
        Shl = 5 "shl",
        /// Arithmetic shift to the right by 0 to 63.
        Shr = 6 "shr",
        /// Bitwise and.
        And = 7 "and",
        /// Bitwise or.
        Or = 8 "or",
        /// Bitwise exclusive or.
        Xor = 9 "xor",
        /// 1 if less, else 0.
        Lt = 10 "lt",
        /// 1 if less or equal, else 0.
        Le = 11 "le",
        /// 1 if equal, else 0.
        Eq = 12 "eq",
        /// 1 if different, else 0.
        Ne = 13 "ne",
    }
    /// What happens to the part of an array that goes with a chunk of a distributed loop.
    Use {
        /// It is sent to whoever computes the chunk.
        Read = 0 "read",
        /// It comes back. Every element of it is written.
        Write = 1 "write",
        /// It is sent and comes back: not every element is certain to be written, or some are read.
        Update = 2 "update",
    }
    /// Operations on two public ring elements.
    PublicOp {
        /// Sum.
        Add = 0 "add",
        /// Difference.
        Sub = 1 "sub",
        /// Product.
        Mul = 2 "mul",
        /// Quotient of the signed representations, towards zero.
        Div = 3 "div",
        /// Remainder of the unsigned representations.
        Mod = 4 "mod",
        /// Shift of the unsigned representation to the left.
        Shl = 5 "shl",
        /// Shift of the unsigned representation to the right.
        Shr = 6 "shr",
        /// Bitwise and of the unsigned representations.
        And = 7 "and",
        /// Bitwise or of the unsigned representations.
        Or = 8 "or",
        /// Bitwise exclusive or of the unsigned representations.
        Xor = 9 "xor",
    }
    /// How a quotient by a power of two becomes an integer.
    Rounding {
        /// Towards minus infinity.
        Floor = 0 "floor",
        /// To the nearest integer, halves up.
        Nearest = 1 "nearest",
        /// Cheaper than the others: the floor, or one more.
        Probabilistic = 2 "probabilistic",
    }
    /// What a checked run requires of a number.
    Requirement {
        /// It is a signed number of so many bits.
        Fits = 0 "fits",
        /// It is not 0, as a divisor.
        NotZero = 1 "notzero",
        /// It is not negative, as the argument of a square root.
        NotNegative = 2 "notnegative",
        /// It is greater than 0, as the argument of a logarithm.
        Positive = 3 "positive",
    }
    /// The numbers of a binary input file, all little-endian.
    BinaryForm {
        /// Signed integers of 8 bytes.
        Int64 = 0 "int64",
        /// Floating-point numbers of 8 bytes.
        Double = 1 "double",
        /// Floating-point numbers of 4 bytes.
        Float = 2 "float",
        /// Ring elements, in as many bytes as these have.
        Raw = 3 "raw",
    }
    /// What of a number of n bits is weighed: n bits that follow from it.
    Places {
        /// Its own, in two's complement, the least significant first.
        Each = 0 "each",
        /// Of the n - 1 places below the sign, the one that leads is 1, then comes the sign. The
        /// place e leads a positive number from 2^e to 2^(e+1) - 1, and a negative one whose
        /// magnitude is 1 or 2 if e is 0, else from 2^e + 1 to 2^(e+1). None leads 0.
        Leading = 1 "leading",
    }
    /// Comparisons of two public ring elements in the signed representation.
    Comparison {
        /// Less.
        Lt = 0 "lt",
        /// Less or equal.
        Le = 1 "le",
        /// Equal.
        Eq = 2 "eq",
        /// Different.
        Ne = 3 "ne",
    }
}
