//! Operand types. Reading and writing registers are different types, so that an instruction's
//! dependencies, its text and its encoding follow from the table alone.

use std::fmt::{self, Display};

pub use crate::choice::{
    BinaryForm, Comparison, IntOp, Places, PublicOp, Requirement, Rounding, Use,
};
pub use crate::window::Window;
use crate::words::{DecodeError, Words};

/// The kinds of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// `s`: shares of secret ring elements.
    Secret,
    /// `c`: ring elements known to all parties.
    Public,
    /// `i`: 64-bit signed integers known to all parties.
    Int,
    /// `b`: shares of secret bits, one a lane.
    Bits,
}

impl Class {
    /// All classes, in the order of [`Class::index`].
    pub const ALL: [Self; Self::COUNT] = [Self::Secret, Self::Public, Self::Int, Self::Bits];

    /// How many classes there are.
    pub const COUNT: usize = 4;

    /// Position in tables by class.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The letter of the text form.
    pub fn letter(self) -> char {
        match self {
            Self::Secret => 's',
            Self::Public => 'c',
            Self::Int => 'i',
            Self::Bits => 'b',
        }
    }

    /// The class with this position.
    pub fn from_index(index: u32) -> Option<Self> {
        Self::ALL.get(index as usize).copied()
    }
}

/// A register: class and number. Its number of lanes is in the tape's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reg {
    /// Its class.
    pub class: Class,
    /// Its number within the class.
    pub index: u32,
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.class.letter(), self.index)
    }
}

/// A register or array of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// A register that is read.
    Read(Reg),
    /// A register that is written, whole.
    Write(Reg),
    /// An array that is read.
    ArrayRead(ArrayRef),
    /// An array of which some elements are written.
    ArrayWrite(ArrayRef),
}

/// What an operand refers to, for passes that look at or renumber references.
#[derive(Debug)]
pub enum Access<'a> {
    /// A register that is read.
    Read(Class, &'a mut u32),
    /// A register that is written, whole.
    Write(Class, &'a mut u32),
    /// An array that is read.
    ArrayRead(&'a mut ArrayRef),
    /// An array of which some elements are written.
    ArrayWrite(&'a mut ArrayRef),
    /// A jump target: an index into the tape's instructions.
    Label(&'a mut u32),
    /// A tape.
    Tape(&'a mut u32),
    /// An entry of the table of texts.
    Text(&'a mut u32),
    /// An entry of the table of constants.
    Constant(&'a mut u32),
}

/// What every operand type can do.
pub trait Operand: Sized + Clone {
    /// Name in the reference page.
    const KIND: &'static str;
    /// Appends the words.
    fn encode(&self, out: &mut Vec<i64>);
    /// Reads the words back.
    ///
    /// # Errors
    /// Truncated or not a value of this type.
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError>;
    /// Shows every reference to `visitor`.
    fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>));
    /// Shows every register and array to `visitor`, which cannot change them.
    fn look(&self, visitor: &mut impl FnMut(Mention));
    /// The text form.
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

macro_rules! register_operand {
    ($($(#[$doc:meta])* $name:ident, $class:ident, $access:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The register.
            pub fn reg(self) -> Reg {
                Reg { class: Class::$class, index: self.0 }
            }
        }

        impl Operand for $name {
            const KIND: &'static str = stringify!($name);
            fn encode(&self, out: &mut Vec<i64>) {
                out.push(i64::from(self.0));
            }
            fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
                words.take_u32().map(Self)
            }
            fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
                visitor(Access::$access(Class::$class, &mut self.0));
            }
            fn look(&self, visitor: &mut impl FnMut(Mention)) {
                visitor(Mention::$access(self.reg()));
            }
            fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.reg().fmt(f)
            }
        }
    )*};
}

register_operand! {
    /// A secret register that is written.
    DstS, Secret, Write;
    /// A secret register that is read.
    SrcS, Secret, Read;
    /// A public register that is written.
    DstC, Public, Write;
    /// A public register that is read.
    SrcC, Public, Read;
    /// An integer register that is written.
    DstI, Int, Write;
    /// An integer register that is read.
    SrcI, Int, Read;
    /// A register of secret bits that is written.
    DstB, Bits, Write;
    /// A register of secret bits that is read.
    SrcB, Bits, Read;
}

macro_rules! index_operand {
    ($($(#[$doc:meta])* $name:ident, $access:ident, $sigil:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub u32);

        impl Operand for $name {
            const KIND: &'static str = stringify!($name);
            fn encode(&self, out: &mut Vec<i64>) {
                out.push(i64::from(self.0));
            }
            fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
                words.take_u32().map(Self)
            }
            fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
                visitor(Access::$access(&mut self.0));
            }
            fn look(&self, _: &mut impl FnMut(Mention)) {}
            fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($sigil, "{}"), self.0)
            }
        }
    )*};
}

index_operand! {
    /// A jump target: the index of an instruction of the same tape.
    Label, Label, "@";
    /// A tape of the program.
    TapeRef, Tape, "tape";
    /// A text of the program's table.
    TextRef, Text, "text";
    /// A big integer of the program's table.
    ConstRef, Constant, "const";
}

/// An array: of the program (shared by all threads) or of the running tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArrayRef {
    /// Index into the program's arrays.
    Global(u32),
    /// Index into the tape's arrays: every thread that runs the tape has its own.
    Local(u32),
}

impl ArrayRef {
    pub(crate) fn word(self) -> i64 {
        match self {
            Self::Global(index) => i64::from(index),
            Self::Local(index) => -1 - i64::from(index),
        }
    }

    pub(crate) fn from_word(at: usize, word: i64) -> Result<Self, DecodeError> {
        let index = if word >= 0 { word } else { -1 - word };
        let index = u32::try_from(index).map_err(|_| DecodeError::OutOfRange { at, word })?;
        Ok(if word >= 0 { Self::Global(index) } else { Self::Local(index) })
    }
}

impl fmt::Display for ArrayRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global(index) => write!(f, "array{index}"),
            Self::Local(index) => write!(f, "local{index}"),
        }
    }
}

macro_rules! array_operand {
    ($($(#[$doc:meta])* $name:ident, $access:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub ArrayRef);

        impl Operand for $name {
            const KIND: &'static str = stringify!($name);
            fn encode(&self, out: &mut Vec<i64>) {
                out.push(self.0.word());
            }
            fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
                let at = words.position();
                let word = words.take()?;
                ArrayRef::from_word(at, word).map(Self)
            }
            fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
                visitor(Access::$access(&mut self.0));
            }
            fn look(&self, visitor: &mut impl FnMut(Mention)) {
                visitor(Mention::$access(self.0));
            }
            fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

array_operand! {
    /// An array that is read.
    ArrayIn, ArrayRead;
    /// An array that is written.
    ArrayOut, ArrayWrite;
}

/// An immediate 64-bit integer.
pub type Imm = i64;

impl Operand for i64 {
    const KIND: &'static str = "Imm";
    fn encode(&self, out: &mut Vec<i64>) {
        out.push(*self);
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        words.take()
    }
    fn visit(&mut self, _: &mut dyn FnMut(Access<'_>)) {}
    fn look(&self, _: &mut impl FnMut(Mention)) {}
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Operand for bool {
    const KIND: &'static str = "Flag";
    fn encode(&self, out: &mut Vec<i64>) {
        out.push(i64::from(*self));
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        let at = words.position();
        match words.take()? {
            0 => Ok(false),
            1 => Ok(true),
            word => Err(DecodeError::OutOfRange { at, word }),
        }
    }
    fn visit(&mut self, _: &mut dyn FnMut(Access<'_>)) {}
    fn look(&self, _: &mut impl FnMut(Mention)) {}
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// One dimension of a strided access: `count` steps of `stride` elements. Lanes are numbered with
/// the last level fastest; lane (k1, k2, …) is element `base + k1·stride1 + k2·stride2 + …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// Number of steps, at least 0.
    pub count: u64,
    /// Distance of neighbors; 0 repeats.
    pub stride: i64,
}

impl Operand for Level {
    const KIND: &'static str = "Level";
    fn encode(&self, out: &mut Vec<i64>) {
        out.push(i64::try_from(self.count).expect("counts are at most 2^40"));
        out.push(self.stride);
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        let at = words.position();
        let word = words.take()?;
        let count = u64::try_from(word).map_err(|_| DecodeError::OutOfRange { at, word })?;
        Ok(Self { count, stride: words.take()? })
    }
    fn visit(&mut self, _: &mut dyn FnMut(Access<'_>)) {}
    fn look(&self, _: &mut impl FnMut(Mention)) {}
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.count, self.stride)
    }
}

/// How many lanes a strided access has; `None` if the number does not fit.
pub fn lanes_of(levels: &[Level]) -> Option<u64> {
    levels.iter().try_fold(1u64, |lanes, level| lanes.checked_mul(level.count))
}

impl<T: Operand> Operand for Vec<T> {
    const KIND: &'static str = "list";
    fn encode(&self, out: &mut Vec<i64>) {
        out.push(i64::try_from(self.len()).expect("lists fit memory"));
        self.iter().for_each(|item| item.encode(out));
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        let len = words.take_len()?;
        (0..len).map(|_| T::decode(words)).collect()
    }
    fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
        self.iter_mut().for_each(|item| item.visit(visitor));
    }
    fn look(&self, visitor: &mut impl FnMut(Mention)) {
        self.iter().for_each(|item| item.look(visitor));
    }
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            item.text(f)?;
        }
        f.write_str("]")
    }
}

impl<T: Operand> Operand for Option<T> {
    const KIND: &'static str = "optional";
    fn encode(&self, out: &mut Vec<i64>) {
        out.push(i64::from(self.is_some()));
        self.iter().for_each(|item| item.encode(out));
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        if bool::decode(words)? { T::decode(words).map(Some) } else { Ok(None) }
    }
    fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
        self.iter_mut().for_each(|item| item.visit(visitor));
    }
    fn look(&self, visitor: &mut impl FnMut(Mention)) {
        self.iter().for_each(|item| item.look(visitor));
    }
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Some(item) => item.text(f),
            None => f.write_str("-"),
        }
    }
}

macro_rules! tuple_operand {
    ($($name:ident . $index:tt),*) => {
        impl<$($name: Operand),*> Operand for ($($name,)*) {
            const KIND: &'static str = "tuple";
            fn encode(&self, out: &mut Vec<i64>) {
                $(self.$index.encode(out);)*
            }
            fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
                Ok(($($name::decode(words)?,)*))
            }
            fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
                $(self.$index.visit(visitor);)*
            }
            fn look(&self, visitor: &mut impl FnMut(Mention)) {
                $(self.$index.look(visitor);)*
            }
            fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("(")?;
                $(
                    if $index > 0 {
                        f.write_str(" ")?;
                    }
                    self.$index.text(f)?;
                )*
                f.write_str(")")
            }
        }
    };
}

tuple_operand!(A.0, B.1);
tuple_operand!(A.0, B.1, C.2);
tuple_operand!(A.0, B.1, C.2, D.3);
tuple_operand!(A.0, B.1, C.2, D.3, E.4);

/// A piece of printed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A constant text.
    Text(TextRef),
    /// Integers; more than one lane prints as a list.
    Int(SrcI),
    /// Public ring elements in the signed representation.
    Public(SrcC),
    /// Fixed-point numbers, as C's `%g` prints them: public ring elements in the signed
    /// representation, divided by 2^`bits`, with `digits` significant digits; `NaN` where the
    /// numerator does not fit `total` bits.
    Fixed {
        /// The register with the numerators.
        src: SrcC,
        /// Binary digits after the point.
        bits: u32,
        /// Bits of a numerator with its sign.
        total: u32,
        /// Significant decimal digits, at least 1.
        digits: u32,
    },
    /// What this party holds of secrets, not the secrets: for debugging.
    Share(SrcS),
    /// The lowest bits of the lanes, the first one least significant, as one hexadecimal number.
    Hex(SrcC),
}

impl Operand for Part {
    const KIND: &'static str = "Part";
    fn encode(&self, out: &mut Vec<i64>) {
        let (kind, index) = match self {
            Self::Text(text) => (0, text.0),
            Self::Int(reg) => (1, reg.0),
            Self::Public(reg) => (2, reg.0),
            Self::Fixed { src, .. } => (3, src.0),
            Self::Share(reg) => (5, reg.0),
            Self::Hex(reg) => (8, reg.0),
        };
        out.extend([kind, i64::from(index)]);
        if let Self::Fixed { bits, total, digits, .. } = self {
            out.extend([bits, total, digits].map(|it| i64::from(*it)));
        }
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        let at = words.position();
        let kind = words.take()?;
        let index = words.take_u32()?;
        match kind {
            0 => Ok(Self::Text(TextRef(index))),
            1 => Ok(Self::Int(SrcI(index))),
            2 => Ok(Self::Public(SrcC(index))),
            3 => {
                let [bits, total, digits] =
                    [words.take_u32()?, words.take_u32()?, words.take_u32()?];
                Ok(Self::Fixed { src: SrcC(index), bits, total, digits })
            }
            5 => Ok(Self::Share(SrcS(index))),
            8 => Ok(Self::Hex(SrcC(index))),
            word => Err(DecodeError::OutOfRange { at, word }),
        }
    }
    fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
        match self {
            Self::Text(text) => text.visit(visitor),
            Self::Int(reg) => reg.visit(visitor),
            Self::Public(reg) | Self::Hex(reg) => reg.visit(visitor),
            Self::Fixed { src, .. } => src.visit(visitor),
            Self::Share(reg) => reg.visit(visitor),
        }
    }
    fn look(&self, visitor: &mut impl FnMut(Mention)) {
        match self {
            Self::Text(text) => text.look(visitor),
            Self::Int(reg) => reg.look(visitor),
            Self::Public(reg) | Self::Hex(reg) => reg.look(visitor),
            Self::Fixed { src, .. } => src.look(visitor),
            Self::Share(reg) => reg.look(visitor),
        }
    }
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.text(f),
            Self::Int(reg) => reg.text(f),
            Self::Public(reg) => reg.text(f),
            Self::Hex(reg) => {
                reg.text(f)?;
                f.write_str(":hex")
            }
            Self::Fixed { src, bits, total, digits } => {
                src.text(f)?;
                write!(f, "/2^{bits}:{digits}:{total}")
            }
            Self::Share(reg) => reg.text(f),
        }
    }
}
