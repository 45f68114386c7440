//! What operations cost: compared with what the protocol states.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;

use super::{Conform, world};
use crate::cost::{Cost, Operation};
use crate::{
    BitShares, Direction, Error, Given, Opened, Places, Protocol, Rounding, SessionId, ShareVector,
};

/// Numbers of lanes around those of words, and one whose messages are long.
const LANES: [u64; 6] = [0, 1, 63, 64, 65, 70_001];

/// Checks every cost that a protocol states.
pub(super) fn conformance<P: Conform>(seed: u64) {
    if let Some(stated) = P::setup_cost() {
        let nets = Net::local_mesh(P::PARTIES);
        let found = std::thread::scope(|scope| {
            let threads: Vec<_> = nets
                .into_iter()
                .map(|mut net| {
                    scope.spawn(move || {
                        P::setup(&mut net, &SessionId::new([1; 32])).expect("parties are honest");
                        net.flush().expect("parties are honest");
                        sent(&net)
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().expect("no panic")).collect::<Vec<_>>()
        });
        assert_eq!(joined(&found, "setup"), stated, "setup");
    }
    for lanes in LANES {
        for operation in operations(P::Ring::BITS, lanes) {
            // Of few values, not every owner gives one.
            if matches!(operation, Operation::Input { owners, .. } if owners > lanes.max(1)) {
                continue;
            }
            let Some(stated) = P::cost(&operation) else { continue };
            let found = world::<P, _>(seed, |protocol, net| {
                let before = sent(net);
                call(protocol, net, &operation).expect("the parties are honest");
                let after = sent(net);
                Cost { rounds: after.rounds - before.rounds, bytes: after.bytes - before.bytes }
            });
            let name = format!("{operation:?}, seed {seed}");
            assert_eq!(joined(&found, &name), stated, "{name}");
        }
    }
}

fn sent(net: &Net) -> Cost {
    let stats = net.stats();
    Cost { rounds: stats.rounds, bytes: stats.bytes_sent() }
}

/// All parties together, who have equally many rounds.
fn joined(parties: &[Cost], name: &str) -> Cost {
    let [first, others @ ..] = parties else { panic!("no parties") };
    let mut sum = *first;
    for other in others {
        assert_eq!(other.rounds, first.rounds, "rounds of {name}");
        sum.bytes += other.bytes;
    }
    sum
}

fn operations(ring_bits: u32, lanes: u64) -> Vec<Operation> {
    let mut all = vec![
        Operation::Input { owners: 1, lanes },
        Operation::Input { owners: 2, lanes },
        Operation::Input { owners: 3, lanes },
        Operation::Mul { lanes },
        Operation::Dot { results: lanes },
        Operation::MatMul { results: lanes },
        Operation::Open { lanes },
        Operation::OpenTo { lanes },
        Operation::Permute { lanes },
        Operation::NewPermutation,
        Operation::InputBits { lanes },
        Operation::AndBits { lanes },
        Operation::OpenBits { lanes },
        Operation::LiftBits { lanes },
    ];
    for bits in [1, 2, 3, 31, 32, 33, ring_bits - 1, ring_bits] {
        // Long vectors of many bits say nothing new.
        if lanes > 1000 && bits > 3 {
            continue;
        }
        all.push(Operation::LessThanZero { lanes, bits });
        all.push(Operation::EqualZero { lanes, bits });
        all.push(Operation::Decompose { lanes, bits });
        all.push(Operation::ToBits { lanes, bits });
        for shift in [0, 1, bits / 2, bits - 1] {
            for rounding in [Rounding::Floor, Rounding::Nearest, Rounding::Probabilistic] {
                if shift < bits {
                    all.push(Operation::Truncate { lanes, shift, bits, rounding });
                }
            }
        }
        for places in [Places::Each, Places::Leading] {
            for (used, rows) in [(0, 1), (bits, 1), (bits.div_ceil(2), 3)] {
                let (used, rows) = (used.into(), rows);
                all.push(Operation::Weigh { lanes, bits, places, used, rows });
            }
        }
    }
    for width in [0, 1, 3] {
        let rows = lanes.min(1000);
        for backward in [false, true] {
            all.push(Operation::Rearrange { rows, lanes: rows * width, backward });
        }
        for keys in [vec![1], vec![3], vec![4], vec![1, 1], vec![2, ring_bits, 5]] {
            all.push(Operation::Sort { rows, lanes: rows * width, keys });
        }
    }
    all
}

/// Does it, with whatever values.
fn call<P: Protocol>(protocol: &mut P, net: &mut Net, operation: &Operation) -> Result<(), Error> {
    let owner = PartyId::new((protocol.n_parties() - 1) as u8);
    let (mut out, mut bits_out) = (P::Vector::default(), P::Bits::default());
    let mut opened = Opened::default();
    let secrets = |lanes: u64| P::Vector::zeros(lanes as usize);
    let secret_bits = |protocol: &P, lanes: u64| {
        let mut shared = P::Bits::default();
        let zeros = BitShares::from_bits((0..lanes).map(|_| false));
        protocol.public_bits(&zeros, &mut shared).map(|()| shared)
    };
    match *operation {
        Operation::Input { owners: 1, lanes } => {
            let values = vec![P::Ring::ONE; lanes as usize];
            protocol.input(net, owner, Some(&values), values.len(), &mut out)
        }
        Operation::Input { owners, lanes } => {
            // All but the last give one value, if there are enough.
            let values = vec![P::Ring::ONE; lanes as usize];
            let mut rest = values.len();
            let inputs = (0..owners as usize).map(|party| {
                let n = if party + 1 == owners as usize { rest } else { rest.min(1) };
                rest -= n;
                let owner = PartyId::new((party % protocol.n_parties()) as u8);
                Given { owner, values: Some(&values[..n]), n }
            });
            let inputs: Vec<_> = inputs.collect();
            protocol.input_each(net, &inputs, &mut out)
        }
        Operation::Mul { lanes } => protocol.mul(net, &secrets(lanes), &secrets(lanes), &mut out),
        Operation::Dot { results } => {
            let factor = secrets(3 * results);
            protocol.dot(net, &factor, &factor, results as usize, &mut out)
        }
        Operation::MatMul { results } => {
            let (a, b) = (secrets(5 * results), secrets(5));
            protocol.matmul(net, &a, &b, (results as usize, 5, 1), &mut out)
        }
        Operation::Open { lanes } => protocol.open(net, &secrets(lanes), &mut opened),
        Operation::OpenTo { lanes } => protocol.open_to(net, &secrets(lanes), owner).map(drop),
        Operation::LessThanZero { lanes, bits } => {
            protocol.less_than_zero(net, &secrets(lanes), bits, &mut out)
        }
        Operation::EqualZero { lanes, bits } => {
            protocol.equal_zero(net, &secrets(lanes), bits, &mut out)
        }
        Operation::Decompose { lanes, bits } => {
            protocol.decompose(net, &secrets(lanes), bits, &mut out)
        }
        Operation::Truncate { lanes, shift, bits, rounding } => {
            protocol.truncate(net, &secrets(lanes), shift, bits, rounding, &mut out)
        }
        Operation::Weigh { lanes, bits, places, used, rows } => {
            // The first row has the places that are used; the others are zero.
            let is_used = |at: u64| at < used && rows > 0;
            let weights = (0..rows * u64::from(bits)).map(|at| match is_used(at) {
                true => P::Ring::ONE,
                false => P::Ring::ZERO,
            });
            let weights: Vec<_> = weights.collect();
            protocol.weigh(net, &secrets(lanes), bits, places, &weights, &mut out)
        }
        Operation::Permute { lanes } => {
            protocol.shuffle(net, lanes as usize, &secrets(lanes), &mut out)
        }
        Operation::NewPermutation => protocol.new_permutation(net, 10).map(drop),
        Operation::Rearrange { rows, lanes, backward } => {
            let places: Vec<_> = (0..rows).map(|row| P::Ring::from_u128(row.into())).collect();
            let mut numbers = P::Vector::default();
            protocol.public(&places, &mut numbers);
            let direction = if backward { Direction::Backward } else { Direction::Forward };
            protocol.rearrange(net, &numbers, direction, &secrets(lanes), &mut out)
        }
        Operation::Sort { rows, lanes, ref keys } => {
            let key = secrets(rows);
            let keys: Vec<_> = keys.iter().map(|bits| (&key, *bits)).collect();
            protocol.sort(net, &keys, &secrets(lanes), &mut out)
        }
        Operation::InputBits { lanes } => {
            let values = BitShares::from_bits((0..lanes).map(|lane| lane % 2 == 0));
            protocol.input_bits(net, owner, Some(&values), lanes as usize, &mut bits_out)
        }
        Operation::AndBits { lanes } => {
            let factor = secret_bits(protocol, lanes)?;
            protocol.and_bits(net, &factor, &factor, &mut bits_out)
        }
        Operation::OpenBits { lanes } => {
            let shared = secret_bits(protocol, lanes)?;
            protocol.open_bits(net, &shared, &mut opened)
        }
        Operation::ToBits { lanes, bits } => {
            protocol.to_bits(net, &secrets(lanes), bits, &mut bits_out)
        }
        Operation::LiftBits { lanes } => {
            let shared = secret_bits(protocol, lanes)?;
            protocol.lift_bits(net, &shared, &mut out)
        }
    }
}
