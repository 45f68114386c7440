//! Measures three-party replicated sharing over socket pairs, all parties in this process:
//! `cargo run --release -p caucus-protocols --example throughput [lanes]`.
#![allow(clippy::print_stdout, reason = "this prints its measurements")]

use std::time::{Duration, Instant};

use caucus_core::algebra::{Ring, Z64, Z72, Z128};
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_protocols::testing::world;
use caucus_protocols::{Error, Opened, Protocol, Replicated, Rounding, ShareVector, Shares};

fn main() {
    let lanes =
        std::env::args().nth(1).map_or(10_000_000, |lanes| lanes.parse().expect("a number"));
    println!(
        "seed 1, three parties on {} cores",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    products::<Z64>("2^64", lanes);
    products::<Z72>("2^72", lanes / 4);
    products::<Z128>("2^128", lanes / 4);
    measure::<Z64>("open", lanes, |ring, net, a, _| ring.open(net, a, &mut Opened::default()));
    measure::<Z64>("inner products of 100", lanes, |ring, net, a, out| {
        ring.dot(net, a, a, a.len() / 100, out)
    });
    measure::<Z64>("private input", lanes, |ring, net, a, out| {
        ring.input(net, PartyId::new(0), Some(a.component(0)), a.len(), out)
    });
    measure::<Z64>("secret random", lanes, |ring, _, a, out| {
        ring.random(a.len(), out);
        Ok(())
    });
    measure::<Z64>("less than zero, 64 bits", lanes / 10, |ring, net, a, out| {
        ring.less_than_zero(net, a, 64, out)
    });
    measure::<Z64>("equal to zero, 64 bits", lanes / 10, |ring, net, a, out| {
        ring.equal_zero(net, a, 64, out)
    });
    measure::<Z64>("decomposition, 32 bits", lanes / 40, |ring, net, a, out| {
        ring.decompose(net, a, 32, out)
    });
    for (name, rounding) in [("likely", Rounding::Probabilistic), ("nearest", Rounding::Nearest)] {
        let name = format!("{name} quotient by 2^16 of 62 bits");
        measure::<Z64>(&name, lanes / 10, |ring, net, a, out| {
            ring.truncate(net, a, 16, 62, rounding, out)
        });
    }
    measure::<Z64>("shuffle", lanes / 10, |ring, net, a, out| ring.shuffle(net, a.len(), a, out));
    for (lanes, name) in [(lanes / 1000, "10,000 if not told otherwise"), (lanes / 100, "more")] {
        measure::<Z64>(&format!("sort by 63 bits, {name}"), lanes, |ring, net, a, out| {
            ring.sort(net, &[(a, 63)], a, out)
        });
    }
    for size in [128, 512] {
        let seconds = run::<Z64>(size * size, |ring, net, a, out| {
            ring.matmul(net, a, a, (size, size, size), out)
        });
        let rate = (size as f64).powi(3) / seconds.as_secs_f64();
        println!("matrix product {size}: {seconds:?}, {:.0} million multiply-adds/s", rate / 1e6);
    }
    const ROUNDS: u32 = 10_000;
    let seconds = run::<Z64>(1, |ring, net, a, out| {
        for _ in 0..ROUNDS {
            ring.mul(net, a, a, out)?;
        }
        Ok(())
    });
    println!("dependent products: {:?} a round", seconds / ROUNDS);
}

fn products<R: Ring>(ring: &str, lanes: usize) {
    measure::<R>(&format!("products modulo {ring}"), lanes, |ring, net, a, out| {
        ring.mul(net, a, a, out)
    });
    measure::<R>(&format!("products modulo {ring} by 100,000"), lanes, |ring, net, a, out| {
        const BATCH: usize = 100_000;
        let parts = [0, 1].map(|idx| a.component(idx)[..BATCH].to_vec());
        let batch = Shares::from_components(parts);
        (0..a.len() / BATCH).try_for_each(|_| ring.mul(net, &batch, &batch, out))
    });
}

fn measure<R: Ring>(name: &str, lanes: usize, operation: impl Operation<R>) {
    let seconds = run(lanes, operation);
    println!(
        "{name}: {seconds:?} for {lanes}, {:.1} million/s",
        lanes as f64 / seconds.as_secs_f64() / 1e6
    );
}

trait Operation<R: Ring>:
    Fn(&mut Replicated<R>, &mut Net, &Shares<R, 2>, &mut Shares<R, 2>) -> Result<(), Error> + Sync
{
}

impl<R: Ring, F> Operation<R> for F where
    F: Fn(&mut Replicated<R>, &mut Net, &Shares<R, 2>, &mut Shares<R, 2>) -> Result<(), Error>
        + Sync
{
}

/// The median of five times, of the slowest party. What the first one allocates is used by the others.
fn run<R: Ring>(lanes: usize, operation: impl Operation<R>) -> Duration {
    const TIMES: usize = 5;
    let parties = world::<Replicated<R>, _>(1, |ring, net| {
        let [mut a, mut out] = [Shares::default(), Shares::default()];
        ring.random(lanes, &mut a);
        [(); TIMES].map(|()| {
            net.barrier().expect("the parties are honest");
            let start = Instant::now();
            operation(ring, net, &a, &mut out).expect("the parties are honest");
            start.elapsed()
        })
    });
    let slowest = |time: usize| parties.iter().map(|times| times[time]).max();
    let mut times: Vec<_> = (0..TIMES).filter_map(slowest).collect();
    times.sort_unstable();
    times[TIMES / 2]
}
