//! Strings of bits do what plain slices of bits do.

use proptest::prelude::*;

use super::*;
use crate::strided;

/// A vector of two components, and what each of them holds.
fn vector(parts: &[Vec<bool>; 2]) -> BitShares<2> {
    let pack = |part: &Vec<bool>| BitShares::from_bits(part.iter().copied()).parts()[0].to_vec();
    BitShares::from_parts(parts.each_ref().map(pack), parts[0].len())
}

fn bools(vector: &BitShares<2>) -> [Vec<bool>; 2] {
    vector.parts.each_ref().map(|part| {
        assert_eq!(part.len(), words(vector.lanes));
        let mut clean = part.clone();
        string::cut(&mut clean, vector.lanes);
        assert!(clean == *part, "unused bits are zero");
        BitShares::from_parts([part.clone()], vector.lanes).bits().collect()
    })
}

fn any_parts(most: usize) -> impl Strategy<Value = [Vec<bool>; 2]> {
    (0..most).prop_flat_map(|n| {
        let bits = || prop::collection::vec(any::<bool>(), n);
        (bits(), bits()).prop_map(|(a, b)| [a, b])
    })
}

fn any_view() -> impl Strategy<Value = (i64, Vec<Level>)> {
    let stride = prop_oneof![-2..3_i64, Just(1), Just(-70_i64), Just(65)];
    let level = (0..90_u64, stride).prop_map(|(count, stride)| Level { count, stride });
    let shallow = prop::collection::vec(level, 0..2);
    let deep = (0..4_u64, -9..10_i64, 0..9_u64, -3..4_i64).prop_map(|(a, x, b, y)| {
        vec![Level { count: a, stride: x }, Level { count: b, stride: y }]
    });
    (-2..200_i64, prop_oneof![shallow, deep])
}

/// The same on each component as slices of bits.
fn model<T>(
    parts: &[Vec<bool>; 2],
    op: impl Fn(&[bool], &mut Vec<bool>) -> Result<T, Error>,
) -> Result<[Vec<bool>; 2], Error> {
    let mut res = [vec![], vec![]];
    for (part, res) in parts.iter().zip(&mut res) {
        op(part, res)?;
    }
    Ok(res)
}

proptest! {
    #[test]
    fn views_read_and_write_what_slices_do(
        parts in any_parts(300),
        (offset, levels) in any_view(),
        fill in any::<bool>(),
    ) {
        let src = vector(&parts);
        let mut out = BitShares::zeros(7);
        let found = src.pick(offset, &levels, &mut out);
        let expected = model(&parts, |part, out| strided::pick(part, offset, &levels, out));
        prop_assert_eq!(found.is_ok(), expected.is_ok());
        let Ok(expected) = expected else { return Ok(()) };
        prop_assert_eq!(bools(&out), expected.clone());
        // What was read, inverted, is written back; then one bit to all lanes.
        let inverted = expected.map(|part| part.iter().map(|bit| !bit).collect::<Vec<_>>());
        let mut dst = src.clone();
        dst.put(offset, &levels, &vector(&inverted)).unwrap();
        let mut plain = parts.clone();
        for (plain, inverted) in plain.iter_mut().zip(&inverted) {
            strided::put(plain, offset, &levels, inverted).unwrap();
        }
        prop_assert_eq!(bools(&dst), plain.clone());
        if !inverted[0].is_empty() {
            let single = [vec![fill], vec![!fill]];
            dst.put(offset, &levels, &vector(&single)).unwrap();
            for (plain, single) in plain.iter_mut().zip(&single) {
                strided::put(plain, offset, &levels, single).unwrap();
            }
            prop_assert_eq!(bools(&dst), plain);
        }
    }

    #[test]
    fn lanes_are_combined_joined_and_summed(a in any_parts(200), b in any_parts(200), bit in any::<bool>()) {
        let n = a[0].len().min(b[0].len());
        let [a, b] = [a, b].map(|parts| parts.map(|part| part[..n].to_vec()));
        let (x, y) = (vector(&a), vector(&b));
        let mut out = BitShares::zeros(3);
        let zip = |a: &[bool], b: &[bool], op: fn(bool, bool) -> bool| -> Vec<bool> {
            a.iter().zip(b).map(|(a, b)| op(*a, *b)).collect()
        };
        x.xor(&y, &mut out);
        prop_assert_eq!(bools(&out), [zip(&a[0], &b[0], |a, b| a ^ b), zip(&a[1], &b[1], |a, b| a ^ b)]);
        let single = vector(&[vec![bit], vec![!bit]]);
        let ones = [vec![bit; n], vec![!bit; n]];
        for (left, right) in [(&x, &single), (&single, &x)] {
            left.xor(right, &mut out);
            let expected = [zip(&a[0], &ones[0], |a, b| a ^ b), zip(&a[1], &ones[1], |a, b| a ^ b)];
            prop_assert_eq!(bools(&out), expected);
        }
        let public = BitShares::from_bits(b[0].iter().copied());
        x.mask(&public, &mut out);
        prop_assert_eq!(bools(&out), [zip(&a[0], &b[0], |a, b| a & b), zip(&a[1], &b[0], |a, b| a & b)]);
        x.mask(&BitShares::from_bits([bit].into_iter()), &mut out);
        prop_assert_eq!(bools(&out), a.clone().map(|part| part.iter().map(|it| it & bit).collect::<Vec<_>>()));
        let mut joined = x.clone();
        joined.append(&y);
        joined.append(&x);
        let expected = [0, 1].map(|part| [&a[part][..], &b[part], &a[part]].concat());
        prop_assert_eq!(bools(&joined), expected.clone());
        if n > 0 {
            joined.sum(&mut out, 3);
            let parity = |part: &[bool]| part.chunks(n).map(|it| it.iter().fold(false, |a, b| a ^ b)).collect::<Vec<_>>();
            prop_assert_eq!(bools(&out), expected.map(|part| parity(&part)));
            joined.resize(n + 1);
            prop_assert_eq!(bools(&joined), [0, 1].map(|part| [&a[part][..], &b[part][..1]].concat()));
        }
    }

    #[test]
    fn indices_choose_lanes(parts in any_parts(200), indices in prop::collection::vec(-1..210_i64, 0..150)) {
        let src = vector(&parts);
        let mut out = BitShares::zeros(3);
        let found = src.gather(&indices, &mut out);
        let expected = model(&parts, |part, out| strided::gather(part, &indices, out));
        prop_assert_eq!(found.is_ok(), expected.is_ok());
        let Ok(expected) = expected else { return Ok(()) };
        prop_assert_eq!(bools(&out), expected.clone());
        let (mut dst, mut plain) = (src.clone(), parts.clone());
        let reversed = expected.map(|part| part.into_iter().rev().collect::<Vec<_>>());
        dst.scatter(&indices, &vector(&reversed)).unwrap();
        for (plain, reversed) in plain.iter_mut().zip(&reversed) {
            strided::scatter(plain, &indices, reversed).unwrap();
        }
        prop_assert_eq!(bools(&dst), plain);
    }
}

#[test]
fn shares_of_bits_show_nothing_of_themselves() {
    let bits = BitShares::from_bits([true, false, true].into_iter());
    assert_eq!(format!("{bits:?}"), "BitShares<1>(3 lanes)");
}

#[test]
#[should_panic(expected = "equal lengths")]
fn vectors_of_unequal_lengths_are_refused() {
    BitShares::<1>::zeros(2).xor(&BitShares::zeros(3), &mut BitShares::default());
}

#[test]
fn the_bytes_of_bits_are_read_back_and_other_lengths_refused() {
    for lanes in [0, 1, 63, 64, 65, 200] {
        let words = |seed: u64| (1..).map(move |k: u64| k.wrapping_mul(seed | 1));
        let part = |seed| BitShares::<1>::from_words(words(seed), lanes).parts()[0].to_vec();
        let bits = BitShares::<2>::from_parts([part(0x9e37_79b9_7f4a_7c15), part(77)], lanes);
        let mut bytes = Vec::new();
        bits.write_full(&mut bytes);
        assert_eq!(bytes.len(), BitShares::<2>::full_bytes(lanes));
        let back = BitShares::<2>::read_full(&bytes, lanes).unwrap();
        assert!(back.parts() == bits.parts() && back.len() == lanes);
        bytes.push(0);
        assert!(BitShares::<2>::read_full(&bytes, lanes).is_err());
    }
}
