//! What a protocol can do with vectors of secrets.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::{Label, Seed};

use crate::cost::{Cost, Operation};
use crate::sharded::Shards;
use crate::{BitShares, BitVector, Checked, Error, Opened, ShareVector};

/// What all parties know to name this run: mixed into the label of every stream of randomness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionId {
    bytes: [u8; 32],
    is_predictable: bool,
}

impl SessionId {
    /// The session with this identifier, which no other session has.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self { bytes, is_predictable: false }
    }

    /// A session whose randomness follows from this number alone, so that a run can be repeated. **Insecure**: who
    /// knows the number knows all secrets. For tests and for looking for faults.
    pub fn predictable(seed: u64) -> Self {
        let mut bytes = *b"caucus predictable session......";
        bytes[24..].copy_from_slice(&seed.to_le_bytes());
        Self { bytes, is_predictable: true }
    }

    /// The identifier.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// A party's own seed, from which all its randomness in this session is derived: fresh, unless the session is
    /// predictable.
    pub(crate) fn own_seed(&self, party: PartyId) -> Seed {
        if !self.is_predictable {
            return Seed::generate();
        }
        let node = u32::try_from(party.index()).expect("parties are few");
        let label =
            Label { protocol: "insecure", purpose: "a party's seed", thread: 0, node, epoch: 0 };
        Seed::from_bytes(self.bytes).derive(&label)
    }
}

/// The dimensions of a matrix product, in elements: `rows`×`inner` times `inner`×`columns`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MatMulDims {
    /// Rows of the left matrix and of the result.
    pub rows: usize,
    /// Columns of the left matrix, rows of the right one.
    pub inner: usize,
    /// Columns of the right matrix and of the result.
    pub columns: usize,
}

impl From<(usize, usize, usize)> for MatMulDims {
    fn from((rows, inner, columns): (usize, usize, usize)) -> Self {
        Self { rows, inner, columns }
    }
}

/// What one owner gives: `n` values, which only the owner has.
#[derive(Clone, Copy)]
pub struct Given<'a, R> {
    /// Whose they are.
    pub owner: PartyId,
    /// At the owner, the values; ignored at the others.
    pub values: Option<&'a [R]>,
    /// How many.
    pub n: usize,
}

/// To which integer a quotient by a power of two is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rounding {
    /// The next one below, also of negative numbers.
    Floor,
    /// The nearest one; of two equally near ones the greater.
    Nearest,
    /// The next one below or the one above that, whatever is cheapest; numbers without remainder are exact. With
    /// shares that are uniform, as those of products are, the greater one is the more likely the nearer it is.
    Probabilistic,
}

/// Whether a permutation is applied or undone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// Applied.
    Forward,
    /// Undone.
    Backward,
}

/// Which places of a number of n bits are weighed: n bits that follow from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Places {
    /// Its own, in two's complement, the least significant first.
    Each,
    /// Of the n - 1 places below the sign the one that leads is 1, then comes the sign. Place e leads a positive number
    /// x if 2^e ≤ x < 2^(e+1), and a negative one if 2^e < -x ≤ 2^(e+1), but place 0 also leads -1. None leads 0.
    Leading,
}

/// Arithmetic on secrets in a ring: the state of one thread of one party.
///
/// Every operation takes vectors and costs a constant number of rounds; on empty vectors it costs nothing. All parties
/// call the same operations in the same order with the same lengths. Results are written to `out`, whose length and
/// content before do not matter. After an error the state and the `Net` must not be used any more.
///
/// Methods panic if lengths do not fit together as they say: whoever calls them knows the lengths.
pub trait Protocol: Sized + Send {
    /// What secrets are elements of.
    type Ring: Ring;
    /// What one party holds of a vector of secrets.
    type Vector: ShareVector<Self::Ring>;
    /// What one party holds of a vector of secret bits.
    type Bits: BitVector;
    /// The name that users type.
    const NAME: &'static str;

    /// Agrees on seeds with the peers: once per process, by its main thread.
    fn setup(net: &mut Net, session: &SessionId) -> Result<Self, Error>;

    /// What [`setup`](Self::setup) costs; `None` if the protocol does not state what it costs.
    fn setup_cost() -> Option<Cost> {
        None
    }

    /// What an operation costs, whoever its owner or receiver is; `None` if the protocol does not state it.
    fn cost(_operation: &Operation) -> Option<Cost> {
        None
    }

    /// The state of another thread, with streams of randomness of its own: no two forks share one, even of the same
    /// thread number. All parties fork the same thread numbers in the same order; forks of different numbers may
    /// come in any order.
    fn fork(&self, thread: u32) -> Self;

    /// The number of parties.
    fn n_parties(&self) -> usize;

    /// This party.
    fn me(&self) -> PartyId;

    /// Shares values that all parties know, without communication. They are not hidden.
    fn public(&self, values: &[Self::Ring], out: &mut Self::Vector);

    /// Adds values that all parties know, without communication. A single lane on either side is added to all lanes
    /// of the other.
    fn add_public(&self, a: &Self::Vector, b: &[Self::Ring], out: &mut Self::Vector);

    /// Shares `n` values that only `owner` knows, and gives as `values`. One round.
    ///
    /// Fails if the owner's values are missing or not `n`; at the other parties `values` are ignored.
    fn input(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&[Self::Ring]>,
        n: usize,
        out: &mut Self::Vector,
    ) -> Result<(), Error>;

    /// Shares values of several owners, each as [`input`](Self::input) does, and gives them one after the other. One
    /// round if the protocol can; else one for each owner.
    fn input_each(
        &mut self,
        net: &mut Net,
        inputs: &[Given<'_, Self::Ring>],
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        out.clear();
        let mut part = Self::Vector::default();
        for given in inputs {
            self.input(net, given.owner, given.values, given.n, &mut part)?;
            out.append(&part);
        }
        Ok(())
    }

    /// Multiplies lane by lane. Equal lengths. One round.
    fn mul(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error>;

    /// Multiplies `out` by `a`, lane by lane. Equal lengths. One round. Long vectors are multiplied in their own memory
    /// where the protocol can.
    fn mul_in_place(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let b = std::mem::take(out);
        self.mul(net, a, &b, out)
    }

    /// Cuts both vectors into `results` equal blocks and computes the inner product of each pair. Equal lengths, a
    /// multiple of `results`. One round, with communication for `results` lanes.
    fn dot(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        results: usize,
        out: &mut Self::Vector,
    ) -> Result<(), Error>;

    /// Multiplies matrices given row by row. One round, with communication for the lanes of the result.
    fn matmul(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        dims: impl Into<MatMulDims>,
        out: &mut Self::Vector,
    ) -> Result<(), Error>;

    /// 1 in each lane whose low `bits` bits are a negative number in two's complement, 0 in the others.
    ///
    /// Rounds in the order of the logarithm of `bits`, for any number of lanes: so too the next three operations.
    ///
    /// # Panics
    /// If `bits` is 0 or more than the ring has.
    fn less_than_zero(
        &mut self,
        _net: &mut Net,
        _a: &Self::Vector,
        _bits: u32,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "comparisons" })
    }

    /// 1 in each lane whose low `bits` bits are all zero, 0 in the others.
    ///
    /// # Panics
    /// If `bits` is 0 or more than the ring has.
    fn equal_zero(
        &mut self,
        _net: &mut Net,
        _a: &Self::Vector,
        _bits: u32,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "tests for equality" })
    }

    /// The low `bits` bits of each lane, least significant first, as secrets that are 0 or 1. Of n lanes, bit j of
    /// lane k is lane j·n + k of the result.
    ///
    /// # Panics
    /// If `bits` is 0 or more than the ring has.
    fn decompose(
        &mut self,
        _net: &mut Net,
        _a: &Self::Vector,
        _bits: u32,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "decomposition into bits" })
    }

    /// Divides by 2^`shift`. Lanes are integers from -2^(`bits`-1) to 2^(`bits`-1) - 1; the quotient of another
    /// one may be anything. If `bits` is all that the ring has, [`Rounding::Nearest`] adds the half modulo the ring.
    ///
    /// # Panics
    /// If `shift` is not below `bits`, or `bits` is more than the ring has.
    fn truncate(
        &mut self,
        _net: &mut Net,
        _a: &Self::Vector,
        _shift: u32,
        _bits: u32,
        _rounding: Rounding,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "division by powers of two" })
    }

    /// Permutes `rows` equal rows uniformly at random, by a permutation that no party learns.
    ///
    /// # Panics
    /// If the length is not a multiple of `rows`, or there are more than 2^31: so too the other operations on rows.
    fn shuffle(
        &mut self,
        _net: &mut Net,
        _rows: usize,
        _a: &Self::Vector,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "shuffles" })
    }

    /// Permutes rows as [`shuffle`](Self::shuffle) does that are spread over the nodes of each party: `a` are those of
    /// this node, which gets as many back. All members of `shards` call it, at all parties.
    fn shuffle_shards(
        &mut self,
        _net: &mut Net,
        _shards: &mut Shards<'_>,
        _a: &Self::Vector,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "shuffles among nodes" })
    }

    /// Draws a permutation of `n` items that no party knows, and keeps it until the end of the run, for all threads.
    /// The number by which [`permute`](Self::permute) finds it is the same at all parties.
    fn new_permutation(&mut self, _net: &mut Net, _n: usize) -> Result<i64, Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "secret permutations" })
    }

    /// Appends what this party knows of the permutations that are kept, for a run that goes on with them later.
    fn write_kept(&self, _out: &mut Vec<u8>) {}

    /// Takes back what [`write_kept`](Self::write_kept) has written at the same party; false if it is anything else.
    fn read_kept(&mut self, bytes: &[u8]) -> bool {
        bytes.is_empty()
    }

    /// Permutes rows by the permutation with this number, or undoes that. Fails if there is none, or it is for
    /// another number of rows.
    fn permute(
        &mut self,
        _net: &mut Net,
        _number: i64,
        _direction: Direction,
        _rows: usize,
        _a: &Self::Vector,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "secret permutations" })
    }

    /// Rearranges as many rows as `numbers` has lanes: forward, row i goes to the place that lane i tells; backward,
    /// the row that lane i tells goes to place i. Neither tells anything of the numbers, which must be a permutation of
    /// 0, 1, …; if they are not, it fails, and all parties may learn which they are, but not in which order.
    fn rearrange(
        &mut self,
        _net: &mut Net,
        _numbers: &Self::Vector,
        _direction: Direction,
        _a: &Self::Vector,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "secret permutations" })
    }

    /// Sorts rows by keys: vectors with a lane for each row, of which the low bits count that stand beside them, as
    /// numbers that are not negative. The first key counts most. Rows with equal keys keep their order.
    ///
    /// # Panics
    /// If the keys have different lengths, or a number of bits is 0 or more than the ring has, or there are no keys.
    fn sort(
        &mut self,
        _net: &mut Net,
        _keys: &[(&Self::Vector, u32)],
        _a: &Self::Vector,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "sorting" })
    }

    /// Shares bits that all parties know, without communication. They are not hidden.
    fn public_bits(&self, _values: &BitShares<1>, _out: &mut Self::Bits) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "secret bits" })
    }

    /// Makes `n` uniform secret bits that no party knows, without communication.
    fn random_bits(&mut self, _n: usize, _out: &mut Self::Bits) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "random bits" })
    }

    /// Shares `n` bits that only `owner` knows, and gives as `values`: as [`input`](Self::input). One round.
    fn input_bits(
        &mut self,
        _net: &mut Net,
        _owner: PartyId,
        _values: Option<&BitShares<1>>,
        _n: usize,
        _out: &mut Self::Bits,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "private input of bits" })
    }

    /// The conjunction lane by lane. Equal lengths. One round.
    fn and_bits(
        &mut self,
        _net: &mut Net,
        _a: &Self::Bits,
        _b: &Self::Bits,
        _out: &mut Self::Bits,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "products of bits" })
    }

    /// Tells all parties the bits, as elements 0 and 1. One round.
    fn open_bits(
        &mut self,
        _net: &mut Net,
        _a: &Self::Bits,
        _out: &mut Opened<Self::Ring>,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "opening bits" })
    }

    /// The low `bits` bits of each lane as secret bits, in the order of [`decompose`](Self::decompose). Rounds in the
    /// order of the logarithm of `bits`.
    ///
    /// # Panics
    /// If `bits` is 0 or more than the ring has.
    fn to_bits(
        &mut self,
        _net: &mut Net,
        _a: &Self::Vector,
        _bits: u32,
        _out: &mut Self::Bits,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "conversion to bits" })
    }

    /// Secrets 0 and 1 in the ring, lane by lane. A constant number of rounds.
    fn lift_bits(
        &mut self,
        _net: &mut Net,
        _a: &Self::Bits,
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "conversion from bits" })
    }

    /// Sums of weights over the places of each lane that are 1. Each `bits` weights give a row of results: of n lanes,
    /// lane j·n + k of the result is the sum of the j-th weights for lane k.
    ///
    /// # Panics
    /// If `bits` is 0 or more than the ring has.
    fn weigh(
        &mut self,
        _net: &mut Net,
        _a: &Self::Vector,
        _bits: u32,
        _places: Places,
        _weights: &[Self::Ring],
        _out: &mut Self::Vector,
    ) -> Result<(), Error> {
        Err(Error::Unsupported { protocol: Self::NAME, operation: "weighing of places" })
    }

    /// Tells all parties the values. One round.
    fn open(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        out: &mut Opened<Self::Ring>,
    ) -> Result<(), Error>;

    /// Tells one party the values, which it returns; the others return none. One round.
    ///
    /// They are unchecked like those of [`open`](Self::open): they must not leave before [`check`](Self::check) has
    /// passed.
    fn open_to(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        to: PartyId,
    ) -> Result<Option<Vec<Self::Ring>>, Error>;

    /// Makes `n` uniform secrets that no party knows, without communication.
    fn random(&mut self, n: usize, out: &mut Self::Vector);

    /// This party's summand of each value: the sum over all parties is the value. For a client that adds them up; it
    /// learns nothing but the values.
    fn write_summand(&self, a: &Self::Vector) -> Vec<Self::Ring>;

    /// Fails if anything opened or received since the last check may be wrong. Nothing that depends on secrets leaves
    /// the computation before this returns.
    fn check(&mut self, net: &mut Net) -> Result<Checked, Error>;
}
