//! Strided and indexed access to plain slices: for the components of shares and for public vectors alike.
//!
//! Addresses are public. Every access is checked before anything is written.

use crate::Error;

/// One level of a strided view: `count` times, the address grows by `stride` elements.
///
/// A view is an offset and levels, the outermost first: lane (k1, k2, …), in row-major order, is at
/// `offset + k1 * stride1 + k2 * stride2 + …`. No levels are one lane. A stride of 0 repeats, a negative one goes
/// backwards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Level {
    /// How often.
    pub count: u64,
    /// Elements from one to the next.
    pub stride: i64,
}

/// The number of lanes of a view. Fails if there are more than 2^48, which no memory holds.
pub fn lanes(levels: &[Level]) -> Result<usize, Error> {
    const LIMIT: u128 = 1 << 48;
    if levels.iter().any(|level| level.count == 0) {
        return Ok(0);
    }
    let product =
        levels.iter().fold(1_u128, |lanes, level| lanes.saturating_mul(level.count.into()));
    if product > LIMIT {
        let [expected, found] = [LIMIT, product].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        return Err(Error::Malformed { what: "strided view (lanes, at most)", expected, found });
    }
    Ok(product as usize)
}

/// Reads the lanes of a view into `out`, which is overwritten. Fails if one is outside of `src`.
pub fn pick<T: Copy>(
    src: &[T],
    offset: i64,
    levels: &[Level],
    out: &mut Vec<T>,
) -> Result<(), Error> {
    out.clear();
    let Some(view) = View::new(src.len(), offset, levels)? else {
        return Ok(());
    };
    out.reserve(view.lanes);
    view.for_each_run(|start, run| match run.stride {
        1 => out.extend_from_slice(&src[start..start + run.count as usize]),
        0 => out.extend(std::iter::repeat_n(src[start], run.count as usize)),
        _ => out.extend(run.addresses(start).map(|address| src[address])),
    });
    Ok(())
}

/// Writes `src` to the lanes of a view of `dst`; one element goes to all lanes. Where lanes coincide the last one
/// stays. Fails without writing if a lane is outside of `dst` or `src` has another number of lanes.
pub fn put<T: Copy>(dst: &mut [T], offset: i64, levels: &[Level], src: &[T]) -> Result<(), Error> {
    let Some(view) = View::new(dst.len(), offset, levels)? else {
        return check_source(0, src.len());
    };
    check_source(view.lanes, src.len())?;
    if let [single] = *src {
        view.for_each_run(|start, run| match run.stride {
            1 => dst[start..start + run.count as usize].fill(single),
            _ => run.addresses(start).for_each(|address| dst[address] = single),
        });
        return Ok(());
    }
    let mut rest = src;
    view.for_each_run(|start, run| {
        let (lanes, after) = rest.split_at(run.count as usize);
        rest = after;
        if run.stride == 1 {
            dst[start..start + lanes.len()].copy_from_slice(lanes);
        } else {
            run.addresses(start).zip(lanes).for_each(|(address, lane)| dst[address] = *lane);
        }
    });
    Ok(())
}

/// Reads the elements at these addresses into `out`, which is overwritten. Fails if one is outside of `src`.
pub fn gather<T: Copy>(src: &[T], indices: &[i64], out: &mut Vec<T>) -> Result<(), Error> {
    out.clear();
    check_indices(indices, src.len())?;
    out.extend(indices.iter().map(|idx| src[*idx as usize]));
    Ok(())
}

/// Writes elements to these addresses; one element goes to all. Where addresses coincide the last one stays. Fails
/// without writing if an address is outside of `dst` or `src` has another number of elements.
pub fn scatter<T: Copy>(dst: &mut [T], indices: &[i64], src: &[T]) -> Result<(), Error> {
    check_indices(indices, dst.len())?;
    check_source(indices.len(), src.len())?;
    if let [single] = *src {
        indices.iter().for_each(|idx| dst[*idx as usize] = single);
    } else {
        indices.iter().zip(src).for_each(|(idx, element)| dst[*idx as usize] = *element);
    }
    Ok(())
}

pub(crate) fn check_indices(indices: &[i64], len: usize) -> Result<(), Error> {
    // A negative index becomes a number above all lengths.
    match indices.iter().find(|idx| **idx as u64 >= len as u64) {
        Some(&index) => Err(Error::OutOfRange { index, len }),
        None => Ok(()),
    }
}

pub(crate) fn check_source(lanes: usize, found: usize) -> Result<(), Error> {
    if found == lanes || found == 1 {
        return Ok(());
    }
    Err(Error::Malformed { what: "vector to store (lanes)", expected: lanes, found })
}

/// A view that is inside of a slice: at least one lane.
pub(crate) struct View {
    offset: usize,
    /// How many lanes it has.
    pub(crate) lanes: usize,
    outer: Vec<Level>,
    innermost: Level,
}

impl View {
    /// None if there are no lanes. Fails if one is not below `len`.
    pub(crate) fn new(len: usize, offset: i64, levels: &[Level]) -> Result<Option<Self>, Error> {
        let lanes = lanes(levels)?;
        if lanes == 0 {
            return Ok(None);
        }
        // Fewer than 2^48 lanes and strides of 64 bits: these sums stay below 2^127.
        let reach = |level: &Level| i128::from(level.count - 1) * i128::from(level.stride);
        let (mut lowest, mut highest) = (i128::from(offset), i128::from(offset));
        for reach in levels.iter().map(reach) {
            lowest += reach.min(0);
            highest += reach.max(0);
        }
        for extreme in [lowest, highest] {
            if extreme < 0 || extreme >= len as i128 {
                let limit = if extreme < 0 { i64::MIN } else { i64::MAX };
                return Err(Error::OutOfRange { index: extreme.try_into().unwrap_or(limit), len });
            }
        }
        let mut outer = merged(levels);
        let innermost = outer.pop().unwrap_or(Level { count: 1, stride: 1 });
        let offset = usize::try_from(offset).expect("the offset is between the extremes");
        Ok(Some(Self { offset, lanes, outer, innermost }))
    }

    /// Calls `body` with the first address of each run of the innermost level, in the order of lanes.
    pub(crate) fn for_each_run(&self, mut body: impl FnMut(usize, Level)) {
        let mut position = vec![0; self.outer.len()];
        let mut start = self.offset as i64;
        loop {
            body(start as usize, self.innermost);
            // Counts like an odometer: the last of the outer levels turns fastest.
            let mut idx = self.outer.len();
            loop {
                if idx == 0 {
                    return;
                }
                idx -= 1;
                let Level { count, stride } = self.outer[idx];
                if position[idx] + 1 < count {
                    position[idx] += 1;
                    start += stride;
                    break;
                }
                start -= position[idx] as i64 * stride;
                position[idx] = 0;
            }
        }
    }
}

impl Level {
    /// The addresses of one run, which are known to be inside of the slice.
    pub(crate) fn addresses(self, start: usize) -> impl Iterator<Item = usize> {
        (0..self.count as i64).map(move |k| (start as i64 + k * self.stride) as usize)
    }
}

/// The same lanes with as few levels as possible: rows that follow each other without a gap become one run.
fn merged(levels: &[Level]) -> Vec<Level> {
    let mut merged: Vec<Level> = Vec::with_capacity(levels.len());
    for &level in levels.iter().filter(|level| level.count != 1) {
        match merged.last_mut() {
            Some(outer)
                if i128::from(outer.stride) == level.count as i128 * level.stride as i128 =>
            {
                *outer = Level { count: outer.count * level.count, stride: level.stride };
            }
            _ => merged.push(level),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn levels(levels: &[(u64, i64)]) -> Vec<Level> {
        levels.iter().map(|&(count, stride)| Level { count, stride }).collect()
    }

    /// All addresses of a view, computed as its definition says.
    fn addresses(offset: i64, levels: &[Level]) -> Vec<i64> {
        match levels.split_first() {
            None => vec![offset],
            Some((level, inner)) => (0..level.count as i64)
                .flat_map(|k| addresses(offset + k * level.stride, inner))
                .collect(),
        }
    }

    fn any_view() -> impl Strategy<Value = (i64, Vec<Level>)> {
        let level = (0..5_u64, -7..8_i64).prop_map(|(count, stride)| Level { count, stride });
        (-3..60_i64, prop::collection::vec(level, 0..4))
    }

    proptest! {
        #[test]
        fn a_view_is_what_its_definition_says((offset, levels) in any_view(), len in 0..64_usize) {
            let src: Vec<u64> = (100..100 + len as u64).collect();
            let expected = addresses(offset, &levels);
            prop_assert_eq!(lanes(&levels).unwrap(), expected.len());
            let is_inside = expected.iter().all(|address| (0..len as i64).contains(address));
            let mut out = vec![1];
            let result = pick(&src, offset, &levels, &mut out);
            let (mut dst, mut model) = (src.clone(), src.clone());
            let new: Vec<u64> = (0..expected.len() as u64).collect();
            let stored = put(&mut dst, offset, &levels, &new);
            if is_inside {
                let picked: Vec<u64> = expected.iter().map(|address| src[*address as usize]).collect();
                prop_assert_eq!(&out, &picked);
                expected.iter().zip(&new).for_each(|(address, value)| model[*address as usize] = *value);
                prop_assert_eq!(&dst, &model);
                put(&mut dst, offset, &levels, &[7]).unwrap();
                expected.iter().for_each(|address| model[*address as usize] = 7);
                prop_assert_eq!(&dst, &model);
                gather(&src, &expected, &mut out).unwrap();
                prop_assert_eq!(out, picked);
            } else {
                let is_refused = |result| matches!(result, Err(Error::OutOfRange { .. }));
                prop_assert!(is_refused(result) && is_refused(stored));
                prop_assert!(is_refused(scatter(&mut dst, &expected, &new)));
                prop_assert!(is_refused(gather(&src, &expected, &mut out)));
                prop_assert_eq!(dst, model);
            }
        }
    }

    #[test]
    fn rows_without_gaps_are_one_run() {
        assert_eq!(merged(&levels(&[(3, 20), (1, 9), (5, 4), (4, 1)])), levels(&[(60, 1)]));
        assert_eq!(merged(&levels(&[(2, 21), (5, 4), (4, 1)])), levels(&[(2, 21), (20, 1)]));
        assert_eq!(merged(&levels(&[(2, 0), (3, 0)])), levels(&[(6, 0)]));
    }

    #[test]
    fn huge_views_are_refused_instead_of_overflowing() {
        let huge = levels(&[(1 << 40, 0), (1 << 40, 0)]);
        assert!(matches!(lanes(&huge), Err(Error::Malformed { .. })));
        assert!(matches!(pick(&[1], 0, &huge, &mut vec![]), Err(Error::Malformed { .. })));
        let far = levels(&[(3, i64::MAX), (3, i64::MAX)]);
        let result = pick(&[1], 0, &far, &mut vec![]);
        assert!(matches!(result, Err(Error::OutOfRange { index: i64::MAX, len: 1 })));
        assert_eq!(lanes(&levels(&[(u64::MAX, 1), (u64::MAX, 1), (0, 1)])).unwrap(), 0);
    }

    #[test]
    fn the_index_out_of_range_is_named() {
        let error = gather(&[1, 2, 3], &[0, -1, 7], &mut vec![]).unwrap_err();
        assert_eq!(error.to_string(), "index -1 is out of range for a length of 3");
        let error = put(&mut [1, 2, 3], 1, &levels(&[(3, 1)]), &[0; 3]).unwrap_err();
        assert_eq!(error.to_string(), "index 3 is out of range for a length of 3");
    }

    #[test]
    fn a_wrong_number_of_lanes_is_refused() {
        let mut dst = [1, 2, 3];
        for lanes in [0, 2, 4] {
            let src = vec![9; lanes];
            assert!(put(&mut dst, 0, &levels(&[(3, 1)]), &src).is_err());
            assert!(scatter(&mut dst, &[0, 1, 2], &src).is_err());
        }
        assert_eq!(dst, [1, 2, 3]);
    }
}
