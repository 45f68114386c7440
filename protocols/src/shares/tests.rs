//! What local operations on shares do.

use caucus_core::algebra::{Z64, Z72, Z128};
use proptest::prelude::*;

use super::*;

fn shares<R: Ring>(first: &[i64], second: &[i64]) -> Shares<R, 2> {
    let part = |values: &[i64]| values.iter().map(|value| R::from_i64(*value)).collect();
    Shares::from_components([part(first), part(second)])
}

fn values<R: Ring>(shares: &Shares<R, 2>) -> [Vec<i64>; 2] {
    shares.parts().map(|part| part.iter().map(|element| element.to_i64()).collect())
}

#[test]
fn lanes_are_written_with_all_components() {
    let mut bytes = vec![9];
    shares::<Z64>(&[1, 3], &[2, -1]).write_full(&mut bytes);
    let mut expected = vec![9, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
    expected.extend([3, 0, 0, 0, 0, 0, 0, 0].into_iter().chain([255; 8]));
    assert_eq!(bytes, expected);
    assert_eq!(<Shares<Z64, 2> as ShareVector<Z64>>::FULL_BYTES, 16);
    assert_eq!(<Shares<Z72, 2> as ShareVector<Z72>>::FULL_BYTES, 18);
}

#[test]
fn written_shares_of_another_length_are_refused() {
    let mut bytes = Vec::new();
    shares::<Z72>(&[1, 3], &[2, 4]).write_full(&mut bytes);
    assert_eq!(values(&Shares::<Z72, 2>::read_full(&bytes, 2).unwrap()), [[1, 3], [2, 4]]);
    for n_bytes in 0..bytes.len() {
        assert!(Shares::<Z72, 2>::read_full(&bytes[..n_bytes], 2).is_err());
    }
    assert!(Shares::<Z72, 2>::read_full(&bytes, usize::MAX).is_err());
    bytes.push(0);
    let error = Shares::<Z72, 2>::read_full(&bytes, 2).unwrap_err();
    assert_eq!(error.to_string(), "malformed shares (bytes): expected 36, found 37");
}

fn round_trip<R: Ring>(lanes: usize) {
    let numbers: Vec<i64> =
        (0..lanes as i64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64)).collect();
    let negated: Vec<i64> = numbers.iter().map(|n| !n).collect();
    let original = shares::<R>(&numbers, &negated);
    let mut bytes = Vec::new();
    original.write_full(&mut bytes);
    let read = Shares::<R, 2>::read_full(&bytes, lanes).unwrap();
    assert!(read.parts() == original.parts());
}

proptest! {
    #[test]
    fn written_shares_are_read_back(lanes in 0..1500_usize) {
        round_trip::<Z64>(lanes);
        round_trip::<Z72>(lanes);
        round_trip::<Z128>(lanes);
    }
}

#[test]
fn a_single_lane_stands_for_all() {
    let (many, single) = (shares::<Z64>(&[1, 2, 3], &[4, 5, 6]), shares::<Z64>(&[10], &[20]));
    let mut out = shares(&[7], &[7]);
    many.add(&single, &mut out);
    assert_eq!(values(&out), [[11, 12, 13], [24, 25, 26]]);
    single.sub(&many, &mut out);
    assert_eq!(values(&out), [[9, 8, 7], [16, 15, 14]]);
    single.scale(&[Z64::from_i64(2), Z64::from_i64(-1)], &mut out);
    assert_eq!(values(&out), [[20, -10], [40, -20]]);
    single.add(&Shares::default(), &mut out);
    assert!(out.is_empty());
}

#[test]
#[should_panic(expected = "vectors of 2 and 3 lanes do not fit together")]
fn unequal_lengths_are_a_bug() {
    shares::<Z64>(&[1, 2], &[3, 4]).add(&Shares::zeros(3), &mut Shares::default());
}

#[test]
fn blocks_are_summed_in_each_component() {
    let mut out = Shares::zeros(9);
    shares::<Z64>(&[1, 2, 3, 4], &[5, 6, 7, 8]).sum(&mut out, 2);
    assert_eq!(values(&out), [[3, 7], [11, 15]]);
}

#[test]
fn views_reach_all_components() {
    let mut memory = shares::<Z64>(&[0, 1, 2, 3, 4, 5], &[10, 11, 12, 13, 14, 15]);
    let columns = [Level { count: 3, stride: 1 }, Level { count: 2, stride: 3 }];
    let mut out = Shares::default();
    memory.pick(0, &columns, &mut out).unwrap();
    assert_eq!(values(&out), [[0, 3, 1, 4, 2, 5], [10, 13, 11, 14, 12, 15]]);
    memory.put(1, &[Level { count: 2, stride: 2 }], &shares(&[-1], &[-2])).unwrap();
    assert_eq!(values(&memory), [[0, -1, 2, -1, 4, 5], [10, -2, 12, -2, 14, 15]]);
    memory.gather(&[5, 0, 5], &mut out).unwrap();
    assert_eq!(values(&out), [[5, 0, 5], [15, 10, 15]]);
    memory.scatter(&[4, 0], &shares(&[8, 9], &[18, 19])).unwrap();
    assert_eq!(values(&memory), [[9, -1, 2, -1, 8, 5], [19, -2, 12, -2, 18, 15]]);
    assert!(memory.put(5, &[Level { count: 2, stride: 1 }], &shares(&[0], &[0])).is_err());
    assert!(memory.scatter(&[0, 6], &shares(&[0], &[0])).is_err());
    assert_eq!(values(&memory), [[9, -1, 2, -1, 8, 5], [19, -2, 12, -2, 18, 15]]);
}

#[test]
fn lengths_change_in_all_components() {
    let mut memory = shares::<Z64>(&[1], &[2]);
    memory.append(&shares(&[3, 4], &[5, 6]));
    memory.resize(4);
    assert_eq!(values(&memory), [[1, 3, 4, 0], [2, 5, 6, 0]]);
    let mut copy = Shares::zeros(7);
    copy.copy_from(&memory);
    memory.resize(1);
    assert_eq!((values(&memory), copy.len()), ([vec![1], vec![2]], 4));
    memory.clear();
    assert!(memory.is_empty());
}

#[test]
fn shares_show_nothing_of_themselves() {
    assert_eq!(format!("{:?}", shares::<Z64>(&[12345], &[1])), "Shares<Z64, 2>(1 lanes)");
}
