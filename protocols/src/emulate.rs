//! The reference: one process that plays all parties, with the values in the clear.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::{Prg, Seed};

use crate::kernel::{self, block_len};
use crate::permutation::{self, Kept, Permutation};
use crate::sharded::Shards;
use crate::shares::local;
use crate::stream::{Forks, SessionSeed};
use crate::{
    BitShares, BitVector, Checked, Direction, Error, MatMulDims, Opened, Places, Protocol,
    Rounding, SessionId, ShareVector, Shares,
};

/// Computation in the clear, by one process alone. Offers no security at all: it is what the others are compared with.
///
/// The process has the inputs of all parties, whoever the owner is, and everything is opened to it, whoever it is
/// opened to. Nothing is sent.
pub struct Emulate<R: Ring> {
    seed: SessionSeed,
    forks: Forks,
    random: Prg,
    permutations: Prg,
    /// The number of the thread whose state this is.
    thread: u32,
    /// The permutations that programs keep.
    kept: Kept<Permutation>,
    ring: std::marker::PhantomData<R>,
}

impl<R: Ring> Emulate<R> {
    /// The protocol with this seed; [`setup`](Protocol::setup) takes a fresh one.
    pub(crate) fn with_seed(seed: &Seed, session: &SessionId) -> Self {
        let seed = SessionSeed::new(Self::NAME, seed, session);
        Self::on_thread(seed, Forks::new(), Kept::new(), 0)
    }

    fn on_thread(seed: SessionSeed, forks: Forks, kept: Kept<Permutation>, thread: u32) -> Self {
        let place = forks.place(thread);
        let [random, permutations] =
            ["random", "permutation"].map(|purpose| seed.stream(purpose, place));
        let ring = std::marker::PhantomData;
        Self { seed, forks, random, permutations, thread, kept, ring }
    }
}

impl<R: Ring> Protocol for Emulate<R> {
    type Ring = R;
    type Vector = Shares<R, 1>;
    type Bits = BitShares<1>;
    const NAME: &'static str = "emulate";

    fn setup(net: &mut Net, session: &SessionId) -> Result<Self, Error> {
        if net.n_parties() != 1 {
            let (protocol, found) = (Self::NAME, net.n_parties());
            return Err(Error::WrongParties { protocol, expected: 1, found });
        }
        Ok(Self::with_seed(&session.own_seed(PartyId::new(0)), session))
    }

    fn fork(&self, thread: u32) -> Self {
        Self::on_thread(self.seed.clone(), self.forks.clone(), self.kept.clone(), thread)
    }

    fn n_parties(&self) -> usize {
        1
    }

    fn me(&self) -> PartyId {
        PartyId::new(0)
    }

    fn public(&self, values: &[R], out: &mut Self::Vector) {
        let [out] = out.parts_mut();
        out.clear();
        out.extend_from_slice(values);
    }

    fn add_public(&self, a: &Self::Vector, b: &[R], out: &mut Self::Vector) {
        local::zip(a.component(0), b, out.component_mut(0), |a, b| a + b);
    }

    fn input(
        &mut self,
        _net: &mut Net,
        owner: PartyId,
        values: Option<&[R]>,
        n: usize,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        self.public(owned_input(owner, values, n)?, out);
        Ok(())
    }

    fn mul(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        assert_eq!(a.len(), b.len(), "factors have equal lengths");
        local::zip(a.component(0), b.component(0), out.component_mut(0), |a, b| a * b);
        Ok(())
    }

    fn dot(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        results: usize,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        assert_eq!(a.len(), b.len(), "factors have equal lengths");
        let block = block_len(a.len(), results);
        let blocks = (0..results).map(|idx| idx * block..(idx + 1) * block);
        let (a, b) = (a.component(0), b.component(0));
        let [out] = out.parts_mut();
        out.clear();
        out.extend(blocks.map(|block| kernel::dot(&a[block.clone()], &b[block])));
        Ok(())
    }

    fn matmul(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        dims: impl Into<MatMulDims>,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let dims = dims.into();
        out.clear();
        out.resize(dims.rows * dims.columns);
        kernel::matmul_add(a.component(0), b.component(0), dims, out.component_mut(0));
        Ok(())
    }

    fn less_than_zero(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        check_bits::<R>(bits);
        map(a, out, |value| R::from_u128(value.to_u128() >> (bits - 1) & 1));
        Ok(())
    }

    fn equal_zero(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        check_bits::<R>(bits);
        map(a, out, |value| R::from_u128(u128::from(signed(value, bits) == 0)));
        Ok(())
    }

    fn decompose(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        check_bits::<R>(bits);
        let bit_of = |value: &R, bit| R::from_u128(value.to_u128() >> bit & 1);
        let values = a.component(0);
        let [out] = out.parts_mut();
        out.clear();
        out.extend((0..bits).flat_map(|bit| values.iter().map(move |value| bit_of(value, bit))));
        Ok(())
    }

    /// Where the result may be one of two, it is the nearer one.
    fn truncate(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        shift: u32,
        bits: u32,
        rounding: Rounding,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        check_shift::<R>(shift, bits);
        let floor = |value, bits| R::from_u128((signed(value, bits) >> shift) as u128);
        let half = 1 << shift >> 1;
        match rounding {
            Rounding::Floor => map(a, out, |value| floor(value, bits)),
            Rounding::Nearest => {
                let wide = R::BITS.min(bits + 1);
                map(a, out, |value| floor(value + R::from_u128(half), wide));
            }
            Rounding::Probabilistic => map(a, out, |value| {
                let is_upper = value.to_u128() & half != 0;
                floor(value, bits) + R::from_u128(is_upper.into())
            }),
        }
        Ok(())
    }

    fn shuffle(
        &mut self,
        _net: &mut Net,
        rows: usize,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        permutation::width(a.len(), rows);
        let permutation = Permutation::random(&mut self.permutations, rows);
        *out.component_mut(0) = permutation.rows(a.component(0));
        Ok(())
    }

    fn shuffle_shards(
        &mut self,
        _net: &mut Net,
        shards: &mut Shards<'_>,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let [mut stream] = shards.common([&mut self.permutations])?;
        let permutation = Permutation::random(&mut stream, shards.rows());
        *out.component_mut(0) = shards.permute(&permutation, a.component(0))?;
        Ok(())
    }

    fn new_permutation(&mut self, _net: &mut Net, n: usize) -> Result<i64, Error> {
        let permutation = Permutation::random(&mut self.permutations, n);
        Ok(self.kept.keep(self.thread, permutation))
    }

    fn write_kept(&self, out: &mut Vec<u8>) {
        self.kept.write(|permutation| vec![permutation], out);
    }

    fn read_kept(&mut self, bytes: &[u8]) -> bool {
        self.kept.read(bytes, Permutation::alone)
    }

    fn permute(
        &mut self,
        _net: &mut Net,
        number: i64,
        direction: Direction,
        rows: usize,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let permutation = self.kept.get(number)?;
        permutation::check_items(permutation.len(), rows)?;
        *out.component_mut(0) = directed(&permutation, direction).rows(a.component(0));
        Ok(())
    }

    fn rearrange(
        &mut self,
        _net: &mut Net,
        numbers: &Self::Vector,
        direction: Direction,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let numbers = numbers.component(0).iter().map(|number| number.to_u128());
        let permutation = Permutation::to_places(numbers)?;
        *out.component_mut(0) = directed(&permutation, direction).rows(a.component(0));
        Ok(())
    }

    fn sort(
        &mut self,
        _net: &mut Net,
        keys: &[(&Self::Vector, u32)],
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let rows = check_keys(keys);
        let key_of = |row: usize| -> Vec<u128> {
            let low = |(key, bits): &(&Self::Vector, u32)| {
                key.component(0)[row].to_u128() & (u128::MAX >> (u128::BITS - bits))
            };
            keys.iter().map(low).collect()
        };
        let mut sorted: Vec<_> = (0..rows).map(|row| (key_of(row), row)).collect();
        sorted.sort_unstable();
        let width = permutation::width(a.len(), rows);
        let [out] = out.parts_mut();
        out.clear();
        for (_, row) in sorted {
            out.extend_from_slice(&a.component(0)[row * width..][..width]);
        }
        Ok(())
    }

    fn public_bits(&self, values: &BitShares<1>, out: &mut Self::Bits) -> Result<(), Error> {
        out.copy_from(values);
        Ok(())
    }

    fn random_bits(&mut self, n: usize, out: &mut Self::Bits) -> Result<(), Error> {
        out.refill(n, |[words]| self.random.fill(bytemuck::cast_slice_mut(words)));
        Ok(())
    }

    fn input_bits(
        &mut self,
        _net: &mut Net,
        owner: PartyId,
        values: Option<&BitShares<1>>,
        n: usize,
        out: &mut Self::Bits,
    ) -> Result<(), Error> {
        out.copy_from(owned_bits(owner, values, n)?);
        Ok(())
    }

    fn and_bits(
        &mut self,
        _net: &mut Net,
        a: &Self::Bits,
        b: &Self::Bits,
        out: &mut Self::Bits,
    ) -> Result<(), Error> {
        assert_eq!(a.len(), b.len(), "factors have equal lengths");
        a.mask(b, out);
        Ok(())
    }

    fn open_bits(
        &mut self,
        _net: &mut Net,
        a: &Self::Bits,
        out: &mut Opened<R>,
    ) -> Result<(), Error> {
        *out.values_mut() = a.bits().map(element).collect();
        Ok(())
    }

    fn to_bits(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Bits,
    ) -> Result<(), Error> {
        check_bits::<R>(bits);
        let values = a.component(0);
        let row = |bit| values.iter().map(move |value| value.to_u128() >> bit & 1 == 1);
        *out = BitShares::from_bits((0..bits).flat_map(row));
        Ok(())
    }

    fn lift_bits(
        &mut self,
        _net: &mut Net,
        a: &Self::Bits,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out.component_mut(0) = a.bits().map(element).collect();
        Ok(())
    }

    fn weigh(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        places: Places,
        weights: &[R],
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        check_bits::<R>(bits);
        let [out] = out.parts_mut();
        out.clear();
        for weights in weights.chunks_exact(bits as usize) {
            out.extend(a.component(0).iter().map(|value| {
                let set = set_places(signed(*value, bits), bits, places);
                let weight = |(place, weight): (usize, &R)| {
                    if set >> place & 1 == 1 { *weight } else { R::ZERO }
                };
                weights.iter().enumerate().map(weight).sum::<R>()
            }));
        }
        Ok(())
    }

    fn open(&mut self, _net: &mut Net, a: &Self::Vector, out: &mut Opened<R>) -> Result<(), Error> {
        out.values_mut().clear();
        out.values_mut().extend_from_slice(a.component(0));
        Ok(())
    }

    fn open_to(
        &mut self,
        _net: &mut Net,
        a: &Self::Vector,
        _to: PartyId,
    ) -> Result<Option<Vec<R>>, Error> {
        Ok(Some(a.component(0).to_vec()))
    }

    fn random(&mut self, n: usize, out: &mut Self::Vector) {
        out.resize(n);
        R::fill_random(&mut self.random, out.component_mut(0));
    }

    fn write_summand(&self, a: &Self::Vector) -> Vec<R> {
        a.component(0).to_vec()
    }

    fn check(&mut self, _net: &mut Net) -> Result<Checked, Error> {
        Ok(Checked::passed())
    }
}

fn directed(permutation: &Permutation, direction: Direction) -> Permutation {
    match direction {
        Direction::Forward => permutation.clone(),
        Direction::Backward => permutation.inverse(),
    }
}

/// The number of rows that these keys have.
///
/// # Panics
/// If their lengths differ, a number of bits is impossible, or there are no keys.
pub(crate) fn check_keys<R: Ring, V: ShareVector<R>>(keys: &[(&V, u32)]) -> usize {
    let (first, _) = keys.first().expect("rows are sorted by at least one key");
    for (key, bits) in keys {
        assert_eq!(key.len(), first.len(), "keys have equal lengths");
        check_bits::<R>(*bits);
    }
    first.len()
}

/// 1 or 0.
fn element<R: Ring>(bit: bool) -> R {
    R::from_u128(bit.into())
}

fn map<R: Ring>(a: &Shares<R, 1>, out: &mut Shares<R, 1>, op: impl Fn(R) -> R) {
    let [out] = out.parts_mut();
    out.clear();
    out.extend(a.component(0).iter().map(|value| op(*value)));
}

/// The low bits as a number in two's complement.
fn signed<R: Ring>(value: R, bits: u32) -> i128 {
    let unused = u128::BITS - bits;
    (value.to_u128() << unused) as i128 >> unused
}

/// The places that are weighed of a number of `bits` bits, and are 1.
pub(crate) fn set_places(value: i128, bits: u32, places: Places) -> u128 {
    if places == Places::Each {
        return value as u128;
    }
    let size = if value < 0 { !value | 1 } else { value };
    let leading: u128 = if size == 0 { 0 } else { 1 << size.ilog2() };
    leading | u128::from(value < 0) << (bits - 1)
}

/// Compares a number of bits with that of the ring.
///
/// # Panics
/// If it is 0 or greater.
pub(crate) fn check_bits<R: Ring>(bits: u32) {
    let most = R::BITS;
    assert!((1..=most).contains(&bits), "{bits} bits of an element of {most} bits");
}

/// Compares the number of bits to remove with that of a number.
///
/// # Panics
/// If it is not smaller, or the number has more bits than the ring.
pub(crate) fn check_shift<R: Ring>(shift: u32, bits: u32) {
    check_bits::<R>(bits);
    assert!(shift < bits, "a number of {bits} bits is shifted by {shift}");
}

/// The values that the owner of an input gives, if they are as many as they must be.
pub(crate) fn owned_input<R>(
    owner: PartyId,
    values: Option<&[R]>,
    n: usize,
) -> Result<&[R], Error> {
    let values = values.ok_or(Error::NoInput { owner })?;
    if values.len() != n {
        let found = values.len();
        return Err(Error::Malformed { what: "private input (values)", expected: n, found });
    }
    Ok(values)
}

/// The bits that the owner of an input gives, if they are as many as they must be.
pub(crate) fn owned_bits(
    owner: PartyId,
    values: Option<&BitShares<1>>,
    n: usize,
) -> Result<&BitShares<1>, Error> {
    let values = values.ok_or(Error::NoInput { owner })?;
    if values.len() != n {
        let found = values.len();
        return Err(Error::Malformed { what: "private input (bits)", expected: n, found });
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use caucus_core::algebra::{Z64, Z72, Z128};

    use super::*;
    use crate::testing::conformance;

    #[test]
    fn it_computes_what_the_ring_says() {
        println!("seed 1");
        conformance::<Emulate<Z64>>(1);
        conformance::<Emulate<Z72>>(1);
        conformance::<Emulate<Z128>>(1);
    }

    #[test]
    fn quotients_are_rounded_as_asked() {
        let net = &mut Net::alone();
        let mut protocol = Emulate::<Z64>::setup(net, &SessionId::new([0; 32])).unwrap();
        let [mut a, mut out] = [Shares::default(), Shares::default()];
        protocol.public(&[-7, -6, -5, -4, 4, 5, 6, 7].map(Z64::from_i64), &mut a);
        let floor = [-2, -2, -2, -1, 1, 1, 1, 1].map(Z64::from_i64);
        let nearest = [-2, -1, -1, -1, 1, 1, 2, 2].map(Z64::from_i64);
        for (rounding, expected) in [
            (Rounding::Floor, floor),
            (Rounding::Nearest, nearest),
            (Rounding::Probabilistic, nearest),
        ] {
            protocol.truncate(net, &a, 2, 4, rounding, &mut out).unwrap();
            assert_eq!(out.component(0), expected, "{rounding:?}");
        }
    }

    #[test]
    fn bits_come_in_order_of_their_places() {
        let net = &mut Net::alone();
        let mut protocol = Emulate::<Z64>::setup(net, &SessionId::new([0; 32])).unwrap();
        let [mut a, mut out] = [Shares::default(), Shares::default()];
        protocol.public(&[-1, 2, 8].map(Z64::from_i64), &mut a);
        protocol.decompose(net, &a, 3, &mut out).unwrap();
        assert_eq!(out.component(0), [1, 0, 0, 1, 1, 0, 1, 0, 0].map(Z64::from_i64));
        protocol.less_than_zero(net, &a, 4, &mut out).unwrap();
        assert_eq!(out.component(0), [1, 0, 1].map(Z64::from_i64));
        protocol.equal_zero(net, &a, 3, &mut out).unwrap();
        assert_eq!(out.component(0), [0, 0, 1].map(Z64::from_i64));
    }

    #[test]
    #[should_panic(expected = "65 bits of an element of 64 bits")]
    fn more_bits_than_the_ring_has_are_refused() {
        check_bits::<Z64>(65);
    }

    #[test]
    #[should_panic(expected = "a number of 8 bits is shifted by 8")]
    fn a_shift_by_all_bits_is_refused() {
        check_shift::<Z64>(8, 8);
    }

    #[test]
    fn several_parties_are_refused() {
        let mut nets = Net::local_mesh(2);
        let result = Emulate::<Z64>::setup(&mut nets[0], &SessionId::new([0; 32]));
        let error = result.err().unwrap();
        assert_eq!(error.to_string(), "protocol `emulate` is for 1 parties, found 2");
    }

    #[test]
    fn a_missing_or_short_input_is_refused() {
        let net = &mut Net::alone();
        let mut protocol = Emulate::<Z64>::setup(net, &SessionId::new([0; 32])).unwrap();
        let (owner, mut out) = (PartyId::new(2), Shares::default());
        let error = protocol.input(net, owner, None, 2, &mut out).unwrap_err();
        assert_eq!(error.to_string(), "no private input of P2 was given");
        let error = protocol.input(net, owner, Some(&[Z64::ONE]), 2, &mut out).unwrap_err();
        assert_eq!(error.to_string(), "malformed private input (values): expected 2, found 1");
    }
}
