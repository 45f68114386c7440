//! Arithmetic on public ring elements and integers.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;
use caucus_core::algebra::{Ring, Z64, Z72, Z128};

use super::{fails, prints};
use crate::Kind;
use crate::kernel::public_binary;

const A: [i64; 5] = [7, -7, i64::MIN, 0, 12];
const B: [i64; 5] = [2, 3, -1, 5, 12];

/// What an operation on integers should give.
fn model(op: IntOp, a: i64, b: i64) -> i64 {
    let (wide_a, wide_b) = (i128::from(a), i128::from(b));
    let value = match op {
        IntOp::Add => wide_a + wide_b,
        IntOp::Sub => wide_a - wide_b,
        IntOp::Mul => wide_a * wide_b,
        IntOp::Div => wide_a / wide_b,
        IntOp::Mod => wide_a % wide_b,
        IntOp::Shl => wide_a << b,
        IntOp::Shr => wide_a >> b,
        IntOp::And => wide_a & wide_b,
        IntOp::Or => wide_a | wide_b,
        IntOp::Xor => wide_a ^ wide_b,
        IntOp::Lt => (a < b).into(),
        IntOp::Le => (a <= b).into(),
        IntOp::Eq => (a == b).into(),
        IntOp::Ne => (a != b).into(),
    };
    value as i64
}

#[test]
fn integers_are_computed_lane_by_lane() {
    use IntOp::*;
    let shifts = [0, 63, 1, 5, 12];
    for op in [Add, Sub, Mul, Div, Mod, Shl, Shr, And, Or, Xor, Lt, Le, Eq, Ne] {
        let b = if matches!(op, Shl | Shr) { shifts } else { B };
        let lanes: Vec<i64> = A.iter().zip(b).map(|(a, b)| model(op, *a, b)).collect();
        let first: Vec<i64> = b.iter().map(|b| model(op, A[1], *b)).collect();
        prints(&format!("{lanes:?}\n{first:?}\n"), |code| {
            let (a, b, single) = (code.ints(&A), code.ints(&b), code.int(A[1]));
            let (all, repeated) = (code.i(5), code.i(5));
            code.op(Op::IntBinary { op, dst: DstI(all), a, b });
            code.op(Op::IntBinary { op, dst: DstI(repeated), a: single, b });
            code.show_i(all);
            code.show_i(repeated);
        });
    }
}

#[test]
fn public_elements_are_compared_with_their_signs() {
    let compare = |op: fn(&i64, &i64) -> bool| {
        let lanes: Vec<i64> = A.iter().zip(&B).map(|(a, b)| op(a, b).into()).collect();
        format!("{lanes:?}\n")
    };
    let expected =
        [compare(i64::lt), compare(i64::le), compare(i64::eq), compare(i64::ne)].concat();
    prints(&expected, |code| {
        let (a, b) = (code.publics(&A), code.publics(&B));
        for op in [Comparison::Lt, Comparison::Le, Comparison::Eq, Comparison::Ne] {
            let dst = code.i(5);
            code.op(Op::ComparePublic { op, dst: DstI(dst), a, b });
            code.show_i(dst);
        }
    });
}

#[test]
fn public_elements_are_computed_lane_by_lane() {
    use PublicOp::*;
    let expected = "[22, 17]\n[18, -23]\n[40, -60]\n[10, -1]\n[0, 3]\n[80, 24]\n[5, 0]\n";
    prints(expected, |code| {
        let (a, b) = (code.publics(&[20, -3]), code.publics(&[2, 20]));
        let (positive, amounts) = (code.publics(&[20, 3]), code.publics(&[2, 3]));
        let cases = [
            (Add, a, b),
            (Sub, a, b),
            (Mul, a, b),
            (Div, positive, amounts),
            (Mod, positive, b),
            (Shl, positive, amounts),
            (Shr, positive, amounts),
        ];
        for (op, a, b) in cases {
            let dst = code.c(2);
            let signs = if op == Div { code.publics(&[2, -2]) } else { b };
            code.op(Op::PublicBinary { op, dst: DstC(dst), a, b: signs });
            code.show_c(dst);
        }
    });
}

fn in_ring<R: Ring>(op: PublicOp, a: i64, b: i64) -> i128 {
    let mut out = Vec::new();
    public_binary(op, &[R::from_i64(a)], &[R::from_i64(b)], &mut out).unwrap();
    out[0].to_i128()
}

#[test]
fn operations_on_representations_follow_the_size_of_the_ring() {
    let shr = |a, b| {
        [
            in_ring::<Z64>(PublicOp::Shr, a, b),
            in_ring::<Z72>(PublicOp::Shr, a, b),
            in_ring::<Z128>(PublicOp::Shr, a, b),
        ]
    };
    assert_eq!(shr(-1, 60), [15, 4095, (1 << 68) - 1]);
    assert_eq!(shr(-1, 63), [1, 511, (1 << 65) - 1]);
    assert_eq!(shr(-1, 1000), [0, 0, 0]);
    assert_eq!(in_ring::<Z64>(PublicOp::Shl, 1, 63), i64::MIN.into());
    assert_eq!(in_ring::<Z64>(PublicOp::Shl, 1, 64), 0);
    assert_eq!(in_ring::<Z72>(PublicOp::Shl, 1, 64), 1 << 64);
    assert_eq!(in_ring::<Z64>(PublicOp::Div, -7, 2), -3);
    assert_eq!(in_ring::<Z64>(PublicOp::Div, i64::MIN, -1), i64::MIN.into());
    assert_eq!(in_ring::<Z64>(PublicOp::Mod, -1, 10), 5); // 2^64 - 1 ends with 5.
    assert_eq!(in_ring::<Z128>(PublicOp::And, -1, 10), 10);
    assert_eq!(in_ring::<Z128>(PublicOp::Or, -16, 3), -13);
    assert_eq!(in_ring::<Z72>(PublicOp::Xor, -1, 0), -1);
}

#[test]
fn a_division_by_zero_names_the_line() {
    for op in [IntOp::Div, IntOp::Mod] {
        let (error, _) = fails(|code| {
            let (a, b, dst) = (code.int(4), code.ints(&[2, 0]), code.i(2));
            code.op(Op::IntBinary { op, dst: DstI(dst), a, b });
        });
        assert_eq!(error.to_string(), "test.mpc:3: division by zero");
    }
    for op in [PublicOp::Div, PublicOp::Mod] {
        let (error, _) = fails(|code| {
            let (a, b, dst) = (code.publics(&[4]), code.publics(&[0]), code.c(1));
            code.op(Op::PublicBinary { op, dst: DstC(dst), a, b });
        });
        assert!(matches!(error.kind, Kind::DivisionByZero));
    }
}

#[test]
fn a_division_of_no_lanes_cannot_fail() {
    prints("[]\n", |code| {
        let (a, b, dst) = (code.ints(&[]), code.int(0), code.i(0));
        code.op(Op::IntBinary { op: IntOp::Div, dst: DstI(dst), a, b });
        code.show_i(dst);
    });
}

#[test]
fn an_impossible_shift_is_an_error() {
    for (op, amount) in [(IntOp::Shl, 64), (IntOp::Shr, -1)] {
        let (error, _) = fails(|code| {
            let (a, b, dst) = (code.int(4), code.int(amount), code.i(1));
            code.op(Op::IntBinary { op, dst: DstI(dst), a, b });
        });
        let expected = format!("test.mpc:3: shift by {amount} bits is out of range");
        assert_eq!(error.to_string(), expected);
    }
    let (error, _) = fails(|code| {
        let (a, b, dst) = (code.publics(&[4]), code.publics(&[-1]), code.c(1));
        code.op(Op::PublicBinary { op: PublicOp::Shl, dst: DstC(dst), a, b });
    });
    assert!(matches!(error.kind, Kind::ShiftRange { amount: -1 }));
}
