//! The kernels of this crate alone: matrices, sums, and reading vectors of shares and of bits. One thread, without
//! network. What three parties need together is measured by `scripts/bench` and `examples/throughput.rs`.
#![allow(missing_docs, reason = "the macro makes a public function without a comment")]

use std::hint::black_box;

use caucus_core::algebra::{Ring, Z64};
use caucus_core::net::Net;
use caucus_core::random::Seed;
use caucus_protocols::{
    BitShares, BitVector, Emulate, Level, Protocol, SessionId, ShareVector, Shares,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Lanes of a vector that fits the second cache with its result.
const LANES: usize = 1 << 14;

fn random(n: usize) -> Vec<Z64> {
    let mut elements = Z64::zeros(n);
    Z64::fill_random(&mut Seed::from_bytes([1; 32]).prg(), &mut elements);
    elements
}

fn shares(n: usize) -> Shares<Z64, 2> {
    Shares::from_components([random(n), random(n)])
}

/// In the clear, a product of matrices is the kernel and nothing else.
fn matrices(c: &mut Criterion) {
    let mut group = c.benchmark_group("matrix product");
    let mut net = Net::alone();
    let mut protocol = Emulate::<Z64>::setup(&mut net, &SessionId::new([0; 32]))
        .expect("in the clear nothing is agreed on");
    for n in [16, 128, 512] {
        let [a, b] = [(); 2].map(|()| Shares::from_components([random(n * n)]));
        let mut out = Shares::default();
        group.throughput(Throughput::Elements((n * n * n) as u64));
        group.bench_function(n.to_string(), |bench| {
            bench.iter(|| {
                let (a, b) = (black_box(&a), black_box(&b));
                protocol.matmul(&mut net, a, b, (n, n, n), &mut out).expect("nobody else is asked");
            });
        });
    }
}

fn local(c: &mut Criterion) {
    let mut group = c.benchmark_group("shares");
    let (a, b, public) = (shares(LANES), shares(LANES), random(LANES));
    let mut out = Shares::default();
    group.throughput(Throughput::Elements(LANES as u64));
    group.bench_function("add", |bench| bench.iter(|| black_box(&a).add(&b, &mut out)));
    group.bench_function("scale", |bench| bench.iter(|| black_box(&a).scale(&public, &mut out)));
    group.bench_function("sum of all", |bench| bench.iter(|| black_box(&a).sum(&mut out, 1)));
    let rows = LANES as u64 / 128;
    let patterns = [
        ("in order", vec![Level { count: LANES as u64, stride: 1 }]),
        ("by columns", vec![Level { count: 128, stride: 1 }, Level { count: rows, stride: 128 }]),
        ("reversed", vec![Level { count: LANES as u64, stride: -1 }]),
    ];
    for (name, levels) in patterns {
        let start = if levels[0].stride < 0 { LANES as i64 - 1 } else { 0 };
        group.bench_function(format!("read {name}"), |bench| {
            bench.iter(|| black_box(&a).pick(start, &levels, &mut out).expect("it lies within"));
        });
    }
}

fn bits(c: &mut Criterion) {
    let mut group = c.benchmark_group("bits");
    let n = 64 * LANES;
    let public = BitShares::from_bits((0..n).map(|lane| lane % 3 == 0));
    let (a, b) = (BitShares::<2>::zeros(n), BitShares::<2>::zeros(n));
    let mut out = BitShares::default();
    group.throughput(Throughput::Elements(n as u64));
    group.bench_function("xor", |bench| bench.iter(|| black_box(&a).xor(&b, &mut out)));
    group.bench_function("mask", |bench| bench.iter(|| black_box(&a).mask(&public, &mut out)));
    let levels = [Level { count: n as u64 - 1, stride: 1 }];
    group.bench_function("read shifted", |bench| {
        bench.iter(|| black_box(&a).pick(1, &levels, &mut out).expect("it lies within"));
    });
}

criterion_group!(kernels, matrices, local, bits);
criterion_main!(kernels);
