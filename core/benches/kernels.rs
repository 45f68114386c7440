//! The kernels of this crate alone: randomness, arithmetic of rings, and encodings. One thread, without network.
//!
//! Criterion repeats each until its mean is known well and compares with the run before: that single runs of
//! `scripts/bench` cannot do for changes of a few percent.
#![allow(missing_docs, reason = "the macro makes a public function without a comment")]

use std::hint::black_box;

use caucus_core::algebra::{Ring, Z64, Z72, Z128};
use caucus_core::random::Seed;
use caucus_core::wide;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

/// Elements: of a piece that stays in the nearest cache, and of a vector that fits no cache.
const SIZES: [usize; 2] = [1 << 10, 1 << 22];

fn randomness(c: &mut Criterion) {
    let mut group = c.benchmark_group("generator");
    let mut prg = Seed::from_bytes([1; 32]).prg();
    for n_bytes in [8, 1 << 10, 1 << 14] {
        let mut out = vec![0; n_bytes];
        group.throughput(Throughput::Bytes(n_bytes as u64));
        group.bench_function(n_bytes.to_string(), |b| b.iter(|| prg.fill(black_box(&mut out))));
    }
}

/// The local part of a replicated product.
fn products<R: Ring>(group: &mut BenchmarkGroup<'_, criterion::measurement::WallTime>, name: &str) {
    let mut prg = Seed::from_bytes([2; 32]).prg();
    for lanes in SIZES {
        let mut random = || {
            let mut elements = R::zeros(lanes);
            R::fill_random(&mut prg, &mut elements);
            elements
        };
        let [a0, a1, b0, b1, mut out] = [(); 5].map(|()| random());
        group.throughput(Throughput::Elements(lanes as u64));
        group.bench_function(format!("{name}, {lanes}"), |b| {
            b.iter(|| {
                let (a, b) = (black_box([&a0, &a1]), black_box([&b0, &b1]));
                let out = &mut out[..];
                wide!(|| {
                    let lanes = out.len();
                    let [a0, a1, b0, b1] = [a[0], a[1], b[0], b[1]].map(|part| &part[..lanes]);
                    for lane in 0..lanes {
                        out[lane] = a0[lane] * (b0[lane] + b1[lane]) + a1[lane] * b0[lane];
                    }
                });
            });
        });
    }
}

fn arithmetic(c: &mut Criterion) {
    let mut group = c.benchmark_group("local product");
    products::<Z64>(&mut group, "64 bits");
    products::<Z72>(&mut group, "72 bits");
    products::<Z128>(&mut group, "128 bits");
}

fn encodings(c: &mut Criterion) {
    let mut group = c.benchmark_group("encoding of 72 bits");
    let lanes = SIZES[0];
    let mut elements = Z72::zeros(lanes);
    Z72::fill_random(&mut Seed::from_bytes([3; 32]).prg(), &mut elements);
    let mut bytes = Vec::new();
    group.throughput(Throughput::Elements(lanes as u64));
    group.bench_function("write", |b| {
        b.iter(|| {
            bytes.clear();
            Z72::encode(black_box(&elements), &mut bytes);
        });
    });
    group.bench_function("read", |b| {
        b.iter(|| Z72::decode(black_box(&bytes), &mut elements).expect("these are encodings"));
    });
}

criterion_group!(kernels, randomness, arithmetic, encodings);
criterion_main!(kernels);
