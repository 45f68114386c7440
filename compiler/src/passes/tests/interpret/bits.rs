//! Instructions on secret bits, which are integers 0 and 1 here.

use caucus_bytecode::Op;

use super::pattern;
use crate::ir::Reg;

/// The low bits of numbers: rows with one bit of each.
pub(super) fn rows(values: &[i64], bits: i64) -> Vec<i64> {
    (0..bits).flat_map(|bit| values.iter().map(move |value| value >> bit & 1)).collect()
}

/// What an instruction writes.
pub(super) fn results(
    op: &Op,
    get: &dyn Fn(Reg) -> Vec<i64>,
    lanes: &dyn Fn(Reg) -> usize,
) -> Vec<(Reg, Vec<i64>)> {
    let wide = |reg: Reg, lanes: usize| {
        let value = get(reg);
        if value.len() == 1 { vec![value[0]; lanes] } else { value }
    };
    let zip = |dst: Reg, a: Reg, b: Reg, f: fn(i64, i64) -> i64| {
        let (a, b) = (wide(a, lanes(dst)), wide(b, lanes(dst)));
        (dst, a.iter().zip(&b).map(|(a, b)| f(*a, *b)).collect())
    };
    match op {
        Op::MoveB { dst, src } => vec![(dst.reg(), wide(src.reg(), lanes(dst.reg())))],
        Op::PickB { dst, src, offset, levels } => {
            let src = get(src.reg());
            let picked = pattern(*offset, levels).into_iter().map(|at| src[at as usize]);
            vec![(dst.reg(), picked.collect())]
        }
        Op::ConcatB { dst, parts } => {
            vec![(dst.reg(), parts.iter().flat_map(|part| get(part.reg())).collect())]
        }
        Op::XorB { dst, a, b } => vec![zip(dst.reg(), a.reg(), b.reg(), |a, b| a ^ b)],
        Op::XorBC { dst, a, b } => vec![zip(dst.reg(), a.reg(), b.reg(), |a, b| a ^ (b & 1))],
        Op::AndBC { dst, a, b } => vec![zip(dst.reg(), a.reg(), b.reg(), |a, b| a & b)],
        Op::SumB { dst, src } => {
            let (src, groups) = (get(src.reg()), lanes(dst.reg()));
            let block = src.len().checked_div(groups).unwrap_or(0);
            let parity = |group| src[group * block..][..block].iter().fold(0, |sum, it| sum ^ it);
            vec![(dst.reg(), (0..groups).map(parity).collect())]
        }
        Op::AndB { products } => {
            let and = |a: i64, b: i64| a & b;
            products.iter().map(|(dst, a, b)| zip(dst.reg(), a.reg(), b.reg(), and)).collect()
        }
        Op::OpenB { openings } => {
            openings.iter().map(|(dst, src)| (dst.reg(), get(src.reg()))).collect()
        }
        Op::SecretFromBits { parts } => {
            parts.iter().map(|(dst, src)| (dst.reg(), get(src.reg()))).collect()
        }
        Op::BitsFromSecret { parts } => {
            let rows =
                parts.iter().map(|(dst, src, bits)| (dst.reg(), rows(&get(src.reg()), *bits)));
            rows.collect()
        }
        Op::BitsFromPublic { dst, src, bits } => vec![(dst.reg(), rows(&get(src.reg()), *bits))],
        other => panic!("the test machine does not know {other}"),
    }
}
