//! What comparisons, bits and divisions cost, and what is sent for them.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{Places, Rounding};

/// Lanes that fill words.
pub(super) const LANES: usize = 640;

/// Rounds, and bytes that each party sends without headers.
pub(super) fn traffic<R: Ring>(
    operation: impl Fn(&mut Replicated<R>, &mut Net, &Shares<R, 2>) -> Result<(), Error> + Sync,
) -> Vec<(u64, u64)> {
    let sent = |net: &Net| {
        let stats = net.stats();
        let messages: u64 = stats.links.iter().map(|(_, link)| link.messages_sent).sum();
        (stats.rounds, stats.bytes_sent() - messages * HEADER_BYTES)
    };
    world(1, |protocol: &mut Replicated<R>, net| {
        let mut a = Shares::default();
        protocol.random(LANES, &mut a);
        let before = sent(net);
        operation(protocol, net, &a).unwrap();
        let after = sent(net);
        (after.0 - before.0, after.1 - before.1)
    })
}

/// The logarithm, rounded up.
pub(super) fn log2(places: u32) -> u64 {
    places.next_power_of_two().trailing_zeros().into()
}

/// Rounds of one bit of so many places, bits per lane that P0 sends for it, and bits that the others send.
///
/// Blocks of four places have 15 monomials, of three 7, and so on. Four neighbors open 7 bits for 22 products, of which
/// the lowest ones save one and 7, because they need not propagate.
fn tree(places: u32, is_carry: bool) -> (u64, u32, u32) {
    let (blocks, rest) = (places / 4, places % 4);
    let (mut rounds, mut dealt, mut opened) = (2, 15 * blocks + (1 << rest) - 1, 1);
    let mut groups = blocks + u32::from(rest > 0);
    while groups > 1 {
        for group in (0..groups).step_by(4) {
            let members = (groups - group).min(4);
            let (products, bits) = match (is_carry, members, group == 0) {
                (_, 1, _) => (0, 0),
                (false, members, _) => ((1 << members) - 1 - members, members),
                (true, 2, true) => (1, 2),
                (true, 3, true) => (5, 4),
                (true, _, true) => (15, 6),
                (true, 2, false) => (2, 3),
                (true, 3, false) => (8, 5),
                (true, _, false) => (22, 7),
            };
            dealt += products;
            opened += bits;
        }
        groups = groups.div_ceil(4);
        rounds += 1;
    }
    (rounds, dealt, opened)
}

/// Conjunctions for all carries.
pub(super) fn all_carries(places: u32) -> u32 {
    let groups = (0..u32::BITS).map(|step| 1_u32 << step).take_while(|group| *group < places);
    let places_of = |group| (0..places).filter(move |place| place & group != 0);
    groups
        .map(|group| places_of(group).map(|place| 1 + u32::from(place >= 2 * group)).sum::<u32>())
        .sum()
}

/// Rounds and bytes if P0 sends `dealt` and the others `others` of bits and elements per lane.
pub(super) fn expected<R: Ring>(
    rounds: u64,
    dealt: (u32, u32),
    others: (u32, u32),
) -> Vec<(u64, u64)> {
    let bytes = |(bits, elements): (u32, u32)| {
        u64::from(bits) * LANES as u64 / 8 + u64::from(elements) * (LANES * R::BYTES) as u64
    };
    [dealt, others, others].map(|sent| (rounds, bytes(sent))).to_vec()
}

fn costs_are_as_stated<R: Ring>() {
    let out = &Shares::<R, 2>::default;
    for bits in [1, 2, 3, 11, 32, 33, R::BITS] {
        let found = traffic::<R>(|ring, net, a| ring.less_than_zero(net, a, bits, &mut out()));
        let (rounds, dealt, opened) = if bits == 1 { (1, 0, 0) } else { tree(bits - 1, true) };
        assert!(dealt <= 6 * bits && opened <= bits);
        let log4 = log2(bits - u32::from(bits > 1)).div_ceil(2).max(1);
        assert_eq!(rounds + 1, if bits == 1 { 2 } else { 2 + log4 });
        let stated = expected::<R>(rounds + 1, (dealt, 1), (opened, 1));
        assert_eq!(found, stated, "less_than_zero of {bits}");

        let found = traffic::<R>(|ring, net, a| ring.equal_zero(net, a, bits, &mut out()));
        let (rounds, dealt, opened) = tree(bits, false);
        let stated = expected::<R>(rounds + 1, (dealt, 1), (opened, 1));
        assert_eq!(found, stated, "equal_zero of {bits}");

        let rounds = if bits == 1 { 3 } else { 4 + log2(bits - 1) };
        let found = traffic::<R>(|ring, net, a| ring.decompose(net, a, bits, &mut out()));
        let ands = all_carries(bits - 1);
        assert!(u64::from(ands) <= log2(bits) * u64::from(bits));
        let stated = expected::<R>(rounds, (bits + ands, bits), (bits - 1 + ands, bits));
        assert_eq!(found, stated, "decompose of {bits}");
    }
    for (shift, bits) in [(1, 2), (16, 31), (16, 62), (62, 63)] {
        for rounding in [Rounding::Floor, Rounding::Nearest, Rounding::Probabilistic] {
            let found = traffic::<R>(|ring, net, a| {
                ring.truncate(net, a, shift, bits, rounding, &mut out())
            });
            let is_whole = rounding == Rounding::Nearest && bits + 1 == R::BITS;
            let stated = match rounding {
                Rounding::Probabilistic => expected::<R>(2, (0, 2), (0, 1)),
                _ if is_whole => whole::<R>(),
                _ => {
                    let (rounds, dealt, opened) = tree(shift, true);
                    expected::<R>(rounds + 1, (dealt, 3), (opened, 2))
                }
            };
            assert_eq!(found, stated, "{rounding:?} of {bits} by {shift}");
        }
    }
    for rounding in [Rounding::Floor, Rounding::Nearest, Rounding::Probabilistic] {
        let found =
            traffic::<R>(|ring, net, a| ring.truncate(net, a, 16, R::BITS, rounding, &mut out()));
        assert_eq!(found, whole::<R>(), "{rounding:?} of whole elements");
    }
}

/// Conjunctions of rows with all before them.
fn all_before(rows: u32) -> u32 {
    let groups = (0..u32::BITS).map(|step| 1_u32 << step).take_while(|group| *group < rows);
    groups.map(|group| (0..rows).filter(|row| row & group != 0).count() as u32).sum()
}

fn sums_cost_as_stated<R: Ring>() {
    let out = &Shares::<R, 2>::default;
    for bits in [1, 2, 3, 32, 33, R::BITS] {
        for n_rows in [1, 3] {
            // The highest place has no weight.
            let mut weights = vec![R::ONE; (n_rows * bits) as usize];
            if bits > 1 {
                weights
                    .iter_mut()
                    .skip(bits as usize - 1)
                    .step_by(bits as usize)
                    .for_each(|weight| *weight = R::ZERO);
            }
            let dealt = (bits - 1).max(1);
            let own = if bits == 1 { 3 } else { 4 + log2(bits - 1) };
            let ands = all_carries(bits - 1);
            let found = traffic::<R>(|ring, net, a| {
                ring.weigh(net, a, bits, Places::Each, &weights, &mut out())
            });
            let stated = expected::<R>(own, (bits + ands, dealt), (bits - 1 + ands, n_rows));
            assert_eq!(found, stated, "weigh of {bits}");
            let found = traffic::<R>(|ring, net, a| {
                ring.weigh(net, a, bits, Places::Leading, &weights, &mut out())
            });
            let (more, ands) = match bits {
                1 => (0, ands),
                _ => (log2(bits), ands + all_before(bits)),
            };
            let sent = (bits - 1 + ands, n_rows);
            let stated = expected::<R>(own + more, (bits + ands, dealt), sent);
            assert_eq!(found, stated, "weigh of {bits} by the leading place");
        }
    }
}

/// What division of numbers costs that take all bits of the ring.
fn whole<R: Ring>() -> Vec<(u64, u64)> {
    let sent = R::BITS + all_carries(R::BITS);
    expected::<R>(4 + log2(R::BITS), (sent, 3), (sent, 2))
}

#[test]
fn costs_of_bits_are_as_stated_in_every_ring() {
    sums_cost_as_stated::<Z64>();
    sums_cost_as_stated::<Z72>();
    sums_cost_as_stated::<Z128>();
    costs_are_as_stated::<Z64>();
    costs_are_as_stated::<Z72>();
    costs_are_as_stated::<Z128>();
}

#[test]
fn nothing_is_sent_for_no_lanes_or_no_shift() {
    let found = cost::<Z64>(|ring, net| {
        let (empty, mut out) = (Shares::default(), Shares::zeros(3));
        ring.less_than_zero(net, &empty, 64, &mut out)?;
        ring.equal_zero(net, &empty, 64, &mut out)?;
        ring.decompose(net, &empty, 64, &mut out)?;
        ring.truncate(net, &empty, 16, 62, Rounding::Floor, &mut out)?;
        assert_eq!(out.len(), 0);
        ring.truncate(net, &Shares::zeros(10), 0, 62, Rounding::Nearest, &mut out)
    });
    assert_eq!(found, [(0, 0, 0); 3]);
}

/// Whatever the secrets are, each message has about as many ones as zeros, at each place of a word.
#[test]
fn messages_look_uniform() {
    println!("seed 9");
    for value in [0, 1, -1, i64::MIN] {
        let messages = world::<Replicated<Z64>, _>(9, |ring, net| {
            let sent = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&sent);
            net.set_tamper(Box::new(move |_, _, bytes| log.lock().unwrap().push(bytes.clone())));
            let [mut a, mut out] = [Shares::default(), Shares::default()];
            ring.public(&vec![Z64::from_i64(value); 64 * LANES], &mut a);
            ring.less_than_zero(net, &a, 64, &mut out).unwrap();
            ring.equal_zero(net, &a, 64, &mut out).unwrap();
            ring.decompose(net, &a, 9, &mut out).unwrap();
            ring.truncate(net, &a, 16, 62, Rounding::Probabilistic, &mut out).unwrap();
            ring.truncate(net, &a, 16, 62, Rounding::Floor, &mut out).unwrap();
            ring.truncate(net, &a, 16, 64, Rounding::Nearest, &mut out).unwrap();
            assert!(out.parts().into_iter().all(looks_uniform));
            std::mem::take(&mut *sent.lock().unwrap())
        });
        for (party, messages) in messages.iter().enumerate() {
            assert!(messages.len() > 20);
            for (idx, message) in messages.iter().enumerate() {
                let mut words = vec![Z64::ZERO; message.len() / 8];
                Z64::decode(message, &mut words).unwrap();
                assert!(looks_uniform(&words), "message {idx} of P{party} on {value}");
            }
        }
    }
}
