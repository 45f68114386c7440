//! The operations: what replicated sharing among three parties computes and sends for each, as tight loops.

use crate::tile::{self, COLUMNS, ROWS};
use crate::wide;
use crate::wire::{Wire, exchange};

/// Words that are worked on at a time.
const PIECE: usize = 1024;
/// Words of lanes for which P0 deals bits of a comparison at once.
const SECTION: usize = 256;

pub(crate) struct Party {
    me: usize,
    next: Wire,
    previous: Wire,
    operation: String,
    size: usize,
    streams: [Stream; 2],
    a: [Vec<u64>; 2],
    b: [Vec<u64>; 2],
    out: [Vec<u64>; 2],
}

/// The generator: the engine's kernel where the processor has what it needs.
struct Stream(Kind);

enum Kind {
    #[cfg(target_arch = "x86_64")]
    Wide(crate::keystream::WideStream),
    Plain(ctr::Ctr128BE<aes::Aes128>),
}

impl Stream {
    fn new(seed: u8) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(stream) = crate::keystream::WideStream::new([seed; 16], [0; 16]) {
            return Self(Kind::Wide(stream));
        }
        use ctr::cipher::KeyIvInit;
        Self(Kind::Plain(ctr::Ctr128BE::new(&[seed; 16].into(), &[0; 16].into())))
    }

    fn fill(&mut self, out: &mut [u64]) {
        match &mut self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Wide(stream) => stream.fill(bytemuck::cast_slice_mut(out)),
            Kind::Plain(stream) => {
                use ctr::cipher::StreamCipher;
                stream.write_keystream(bytemuck::cast_slice_mut(out));
            }
        }
    }
}

impl Party {
    pub(crate) fn new(me: usize, next: Wire, previous: Wire, operation: &str, size: usize) -> Self {
        let mut streams = [me as u8, ((me + 2) % 3) as u8].map(Stream::new);
        // Operands of a product; a matrix has the square of its size.
        let lanes = match operation {
            "matmul" => size * size,
            "rounds" => 1,
            "generate" => 1 << 11,
            "compare" => {
                size.div_ceil(64).max(328 * SECTION.min(size.div_ceil(64)).div_ceil(64)) * 64
            }
            _ => size,
        };
        let mut vectors = || {
            let mut vectors = [(); 2].map(|()| vec![0; lanes]);
            vectors.iter_mut().for_each(|vector| streams[0].fill(vector));
            vectors
        };
        let [a, b, out] = [vectors(), vectors(), vectors()];
        Self { me, next, previous, operation: operation.to_owned(), size, streams, a, b, out }
    }

    /// Returns when all have called it.
    pub(crate) fn barrier(&mut self) {
        let operation = std::mem::replace(&mut self.operation, "product".to_owned());
        let size = std::mem::replace(&mut self.size, 1);
        self.run();
        self.run();
        (self.operation, self.size) = (operation, size);
    }

    pub(crate) fn run(&mut self) {
        let size = self.size;
        match self.operation.as_str() {
            "product" => self.product(size),
            "rounds" => (0..size).for_each(|_| self.product(1)),
            "and" => self.and(size),
            "open" => self.open(size),
            "input" => self.deal(size),
            "matmul" => self.matmul(size),
            "compare" => self.compare(size),
            "generate" => {
                let words = &mut self.out[0];
                (0..size.div_ceil(words.len())).for_each(|_| self.streams[0].fill(words));
            }
            other => panic!("there is no operation {other}"),
        }
    }

    fn product(&mut self, lanes: usize) {
        self.multiply(lanes, |x, y| x.wrapping_mul(y), u64::wrapping_add, u64::wrapping_sub);
    }

    fn and(&mut self, words: usize) {
        self.multiply(words, |x, y| x & y, |x, y| x ^ y, |x, y| x ^ y);
    }

    #[inline(always)]
    fn multiply(
        &mut self,
        lanes: usize,
        mul: impl Fn(u64, u64) -> u64 + Copy,
        add: impl Fn(u64, u64) -> u64 + Copy,
        sub: impl Fn(u64, u64) -> u64 + Copy,
    ) {
        let Self { streams: [first, second], a: [a0, a1], b: [b0, b1], out: [z, received], .. } =
            self;
        let mut scratch = [0; PIECE];
        let make = |start: usize, piece: &mut [u8]| {
            let piece: &mut [u64] = bytemuck::cast_slice_mut(piece);
            for (start, z) in (start / 8..).step_by(PIECE).zip(piece.chunks_mut(PIECE)) {
                let n = z.len();
                first.fill(z);
                second.fill(&mut scratch[..n]);
                let [a0, a1, b0, b1] = [&*a0, &*a1, &*b0, &*b1].map(|part| &part[start..start + n]);
                wide!(|| {
                    for lane in 0..n {
                        let product =
                            add(mul(a0[lane], add(b0[lane], b1[lane])), mul(a1[lane], b0[lane]));
                        z[lane] = add(z[lane], sub(product, scratch[lane]));
                    }
                });
            }
        };
        let [data, buf] = [z, received].map(|part| bytemuck::cast_slice_mut(&mut part[..lanes]));
        exchange(&mut self.previous, &mut self.next, data, make, buf, |_, _| {});
    }

    fn open(&mut self, lanes: usize) {
        let Self { a: [a0, a1], out: [_, received], b: [b0, _], .. } = self;
        // What is sent is the second component, as it lies.
        let usage = |start: usize, piece: &mut [u8]| {
            let piece: &mut [u64] = bytemuck::cast_slice_mut(piece);
            let [a0, b0] = [&*a0, &*b0].map(|part| &part[start / 8..][..piece.len()]);
            wide!(|| {
                for (value, (a0, b0)) in piece.iter_mut().zip(a0.iter().zip(b0)) {
                    *value = value.wrapping_add(a0.wrapping_add(*b0));
                }
            });
        };
        let [data, buf] = [a1, received].map(|part| bytemuck::cast_slice_mut(&mut part[..lanes]));
        exchange(&mut self.previous, &mut self.next, data, |_, _| {}, buf, usage);
    }

    /// P0 masks values and sends them to P2; P1 has the masks.
    fn deal(&mut self, lanes: usize) {
        let Self { streams: [stream, other], a: [values, _], out: [z, masks], .. } = self;
        match self.me {
            0 => {
                let make = |start: usize, piece: &mut [u8]| {
                    let piece: &mut [u64] = bytemuck::cast_slice_mut(piece);
                    let (start, n) = (start / 8, piece.len());
                    let (masks, values) = (&mut masks[start..start + n], &values[start..start + n]);
                    stream.fill(masks);
                    wide!(|| {
                        for lane in 0..n {
                            piece[lane] = values[lane].wrapping_sub(masks[lane]);
                        }
                    });
                };
                let data = bytemuck::cast_slice_mut(&mut z[..lanes]);
                exchange(&mut self.previous, &mut self.next, data, make, &mut [], |_, _| {});
            }
            1 => other.fill(&mut z[..lanes]),
            _ => {
                let buf = bytemuck::cast_slice_mut(&mut masks[..lanes]);
                exchange(&mut self.previous, &mut self.next, &mut [], |_, _| {}, buf, |_, _| {});
            }
        }
    }

    /// The bytes, the rounds and the conjunctions of a comparison of 64 bits: P0 deals 328 bits of each lane, in sections,
    /// P1 and P2 make about 1,100 conjunctions of them and exchange 27, 6 and 1 bits, then the result becomes an element
    /// in two more steps, the first of which is P0's again.
    fn compare(&mut self, lanes: usize) {
        let words = lanes.div_ceil(64);
        for first in (0..words).step_by(SECTION) {
            let section = SECTION.min(words - first);
            self.deal(328 * section);
            self.conjunctions(if self.me == 0 { 286 } else { 1100 } * section);
        }
        for rows in [27, 6, 1] {
            self.and(words * rows * 2 / 3);
        }
        self.deal(lanes);
        self.product(lanes * 2 / 3);
    }

    /// Conjunctions of words that lie in a near cache, summed up.
    fn conjunctions(&mut self, words: usize) {
        let Self { a: [a, _], b: [b, _], out: [sums, _], .. } = self;
        let n = PIECE.min(a.len());
        let (a, b, sums) = (&a[..n], &b[..n], &mut sums[..n]);
        for _ in 0..words.div_ceil(n) {
            wide!(|| sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum ^= a & b));
        }
    }

    fn matmul(&mut self, n: usize) {
        let Self { streams: [first, second], a, b, out: [z, received], .. } = self;
        first.fill(z);
        second.fill(received);
        wide!(|| z.iter_mut().zip(&*received).for_each(|(z, other)| *z = z.wrapping_sub(*other)));
        let sums: Vec<u64> = b[0].iter().zip(&b[1]).map(|(x, y)| x.wrapping_add(*y)).collect();
        multiply_add(&a[0], &sums, n, z);
        multiply_add(&a[1], &b[0], n, z);
        let [data, buf] = [z, received].map(|part| bytemuck::cast_slice_mut(&mut part[..]));
        exchange(&mut self.previous, &mut self.next, data, |_, _| {}, buf, |_, _| {});
    }
}

/// A product of square matrices, added to `out`, tile by tile: all sums of a tile stay in registers.
fn multiply_add(a: &[u64], b: &[u64], n: usize, out: &mut [u64]) {
    const DEPTH: usize = 256;
    assert!(n.is_multiple_of(COLUMNS) && n.is_multiple_of(ROWS), "{n} is no multiple of a tile");
    let mut packed = vec![[0; COLUMNS]; DEPTH.min(n)];
    for k in (0..n).step_by(DEPTH) {
        let depth = DEPTH.min(n - k);
        for column in (0..n).step_by(COLUMNS) {
            for (idx, packed) in packed[..depth].iter_mut().enumerate() {
                packed.copy_from_slice(&b[(k + idx) * n + column..][..COLUMNS]);
            }
            for row in (0..n).step_by(ROWS) {
                let factors = std::array::from_fn(|idx| &a[(row + idx) * n + k..][..depth]);
                let mut sums = [[0; COLUMNS]; ROWS];
                tile::add_words(factors, &packed[..depth], &mut sums);
                for (idx, sums) in sums.iter().enumerate() {
                    let out = &mut out[(row + idx) * n + column..][..COLUMNS];
                    out.iter_mut().zip(sums).for_each(|(out, sum)| *out = out.wrapping_add(*sum));
                }
            }
        }
    }
}
