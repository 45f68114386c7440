//! Arithmetic on public vectors. The operation is chosen outside of the loops over lanes, which the compiler turns into
//! vector instructions where the machine has them.
//!
//! Sources have as many lanes as the result or one that is repeated. `out` is overwritten.

#![warn(
    clippy::wildcard_enum_match_arm,
    reason = "a new instruction or operation must not compile unnoticed"
)]

use caucus_bytecode::Level;
use caucus_bytecode::operand::{Comparison, IntOp, PublicOp};
use caucus_core::algebra::Ring;

use crate::Kind;

/// Combines two vectors lane by lane.
fn zip<T: Copy, U>(a: &[T], b: &[T], out: &mut Vec<U>, op: impl Fn(T, T) -> U) {
    out.clear();
    match (a, b) {
        (a, b) if a.len() == b.len() => out.extend(a.iter().zip(b).map(|(a, b)| op(*a, *b))),
        (&[a], b) => out.extend(b.iter().map(|b| op(a, *b))),
        (a, &[b]) => out.extend(a.iter().map(|a| op(*a, b))),
        (a, b) => unreachable!("verified lanes: {} and {}", a.len(), b.len()),
    }
}

/// An operation on integers.
pub(crate) fn int_binary(op: IntOp, a: &[i64], b: &[i64], out: &mut Vec<i64>) -> Result<(), Kind> {
    match op {
        IntOp::Add => zip(a, b, out, i64::wrapping_add),
        IntOp::Sub => zip(a, b, out, i64::wrapping_sub),
        IntOp::Mul => zip(a, b, out, i64::wrapping_mul),
        IntOp::Div => {
            check_divisors(b, 0)?;
            zip(a, b, out, i64::wrapping_div);
        }
        IntOp::Mod => {
            check_divisors(b, 0)?;
            zip(a, b, out, i64::wrapping_rem);
        }
        IntOp::Shl => {
            check_shifts(b)?;
            zip(a, b, out, |a, b| a << b);
        }
        IntOp::Shr => {
            check_shifts(b)?;
            zip(a, b, out, |a, b| a >> b);
        }
        IntOp::And => zip(a, b, out, |a, b| a & b),
        IntOp::Or => zip(a, b, out, |a, b| a | b),
        IntOp::Xor => zip(a, b, out, |a, b| a ^ b),
        IntOp::Lt => zip(a, b, out, |a, b| i64::from(a < b)),
        IntOp::Le => zip(a, b, out, |a, b| i64::from(a <= b)),
        IntOp::Eq => zip(a, b, out, |a, b| i64::from(a == b)),
        IntOp::Ne => zip(a, b, out, |a, b| i64::from(a != b)),
    }
    Ok(())
}

/// An operation on public ring elements.
pub(crate) fn public_binary<R: Ring>(
    op: PublicOp,
    a: &[R],
    b: &[R],
    out: &mut Vec<R>,
) -> Result<(), Kind> {
    let bits =
        |op: fn(u128, u128) -> u128| move |a: R, b: R| R::from_u128(op(a.to_u128(), b.to_u128()));
    match op {
        PublicOp::Add => zip(a, b, out, |a, b| a + b),
        PublicOp::Sub => zip(a, b, out, |a, b| a - b),
        PublicOp::Mul => zip(a, b, out, |a, b| a * b),
        PublicOp::Div => {
            check_divisors(b, R::ZERO)?;
            zip(a, b, out, |a, b| R::from_u128(a.to_i128().wrapping_div(b.to_i128()) as u128));
        }
        PublicOp::Mod => {
            check_divisors(b, R::ZERO)?;
            zip(a, b, out, bits(|a, b| a % b));
        }
        PublicOp::Shl => {
            check_amounts(b)?;
            zip(a, b, out, bits(|a, b| shift(a, b, u128::checked_shl)));
        }
        PublicOp::Shr => {
            check_amounts(b)?;
            zip(a, b, out, bits(|a, b| shift(a, b, u128::checked_shr)));
        }
        PublicOp::And => zip(a, b, out, bits(|a, b| a & b)),
        PublicOp::Or => zip(a, b, out, bits(|a, b| a | b)),
        PublicOp::Xor => zip(a, b, out, bits(|a, b| a ^ b)),
    }
    Ok(())
}

/// A comparison of public ring elements in the signed representation.
pub(crate) fn compare_public<R: Ring>(op: Comparison, a: &[R], b: &[R], out: &mut Vec<i64>) {
    match op {
        Comparison::Lt => zip(a, b, out, |a, b| i64::from(a.to_i128() < b.to_i128())),
        Comparison::Le => zip(a, b, out, |a, b| i64::from(a.to_i128() <= b.to_i128())),
        Comparison::Eq => zip(a, b, out, |a, b| i64::from(a == b)),
        Comparison::Ne => zip(a, b, out, |a, b| i64::from(a != b)),
    }
}

/// Sums of `groups` equal blocks.
pub(crate) fn sum_blocks<T: Copy>(
    src: &[T],
    groups: usize,
    out: &mut Vec<T>,
    zero: T,
    add: impl Fn(T, T) -> T,
) {
    out.clear();
    let block = src.len().checked_div(groups).unwrap_or(0);
    let blocks = (0..groups).map(|group| &src[group * block..][..block]);
    out.extend(blocks.map(|block| block.iter().fold(zero, |sum, value| add(sum, *value))));
}

/// All of `base + Σ k·stride`, the last level fastest. `buffer` is overwritten, too.
pub(crate) fn iota(base: i64, levels: &[Level], out: &mut Vec<i64>, buffer: &mut Vec<i64>) {
    out.clear();
    out.push(base);
    for level in levels {
        std::mem::swap(out, buffer);
        out.clear();
        out.reserve(buffer.len().saturating_mul(level.count as usize));
        for start in buffer.iter() {
            let steps = 0..level.count as i64;
            out.extend(steps.map(|k| start.wrapping_add(k.wrapping_mul(level.stride))));
        }
    }
}

fn check_divisors<T: PartialEq>(divisors: &[T], zero: T) -> Result<(), Kind> {
    if divisors.contains(&zero) { Err(Kind::DivisionByZero) } else { Ok(()) }
}

fn check_shifts(amounts: &[i64]) -> Result<(), Kind> {
    match amounts.iter().find(|amount| !(0..64).contains(*amount)) {
        Some(amount) => Err(Kind::ShiftRange { amount: (*amount).into() }),
        None => Ok(()),
    }
}

/// Amounts are not negative. All others have a meaning: shifting by all bits or more gives zero.
fn check_amounts<R: Ring>(amounts: &[R]) -> Result<(), Kind> {
    match amounts.iter().map(|amount| amount.to_i128()).find(|amount| *amount < 0) {
        Some(amount) => Err(Kind::ShiftRange { amount }),
        None => Ok(()),
    }
}

fn shift(value: u128, amount: u128, by: fn(u128, u32) -> Option<u128>) -> u128 {
    u32::try_from(amount).ok().and_then(|amount| by(value, amount)).unwrap_or(0)
}
