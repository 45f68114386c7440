//! What operations on secret bits cost, and what is sent for them.

use std::sync::{Arc, Mutex};

use super::bits::{all_carries, expected, log2, traffic};
use super::*;
use crate::BitVector;

fn costs_are_as_stated<R: Ring>() {
    const LANES: usize = super::bits::LANES;
    let out = &BitShares::<2>::default;
    let equal = |rounds, bits, elements| expected::<R>(rounds, (bits, elements), (bits, elements));
    let bits = &BitShares::<2>::zeros(LANES);
    let found = traffic::<R>(|ring, net, _| ring.and_bits(net, bits, bits, &mut out()));
    assert_eq!(found, equal(1, 1, 0), "and_bits");
    let found = traffic::<R>(|ring, net, _| ring.open_bits(net, bits, &mut Opened::default()));
    assert_eq!(found, equal(1, 1, 0), "open_bits");
    let found = traffic::<R>(|ring, net, _| ring.lift_bits(net, bits, &mut Shares::default()));
    assert_eq!(found, equal(2, 0, 1), "lift_bits");
    for places in [1, 2, 33, R::BITS] {
        let found = traffic::<R>(|ring, net, a| ring.to_bits(net, a, places, &mut out()));
        let ands = all_carries(places - 1);
        assert!(u64::from(places + ands) <= u64::from(places) * (1 + log2(places)));
        let rounds = if places == 1 { 1 } else { 2 + log2(places - 1) };
        let stated = expected::<R>(rounds, (places + ands, 0), (places - 1 + ands, 0));
        assert_eq!(found, stated, "to_bits of {places}");
    }
    let values = &BitShares::<1>::zeros(LANES);
    for owner in 0..3 {
        let id = PartyId::new(owner);
        let found =
            traffic::<R>(|ring, net, _| ring.input_bits(net, id, Some(values), LANES, &mut out()));
        let mut stated = vec![(1, 0); 3];
        stated[id.index()].1 = LANES as u64 / 8;
        assert_eq!(found, stated, "input_bits of {id}");
    }
}

#[test]
fn costs_of_secret_bits_are_as_stated_in_every_ring() {
    costs_are_as_stated::<Z64>();
    costs_are_as_stated::<Z72>();
    costs_are_as_stated::<Z128>();
}

#[test]
fn secret_bits_that_are_local_or_empty_cost_nothing() {
    let found = cost::<Z64>(|ring, net| {
        let (mut out, empty) = (BitShares::default(), BitShares::zeros(0));
        ring.public_bits(&BitShares::zeros(70), &mut out)?;
        ring.random_bits(70, &mut out)?;
        ring.and_bits(net, &empty, &empty, &mut out)?;
        ring.open_bits(net, &empty, &mut Opened::default())?;
        ring.to_bits(net, &Shares::default(), 64, &mut out)?;
        ring.lift_bits(net, &empty, &mut Shares::default())?;
        ring.input_bits(net, PartyId::new(0), Some(&BitShares::zeros(0)), 0, &mut out)
    });
    assert_eq!(found, [(0, 0, 0); 3]);
}

/// Whatever the bits are, what each party sends and holds has about as many ones as zeros.
#[test]
fn messages_about_secret_bits_look_uniform() {
    const LANES: usize = 64 * 2048;
    println!("seed 9");
    for bit in [false, true] {
        let messages = world::<Replicated<Z64>, _>(9, |ring, net| {
            let sent = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&sent);
            net.set_tamper(Box::new(move |_, _, bytes| log.lock().unwrap().push(bytes.clone())));
            let [mut a, mut out, mut input] = [(); 3].map(|()| BitShares::default());
            let values = BitShares::from_bits((0..LANES).map(|_| bit));
            ring.public_bits(&values, &mut a).unwrap();
            ring.and_bits(net, &a, &a, &mut out).unwrap();
            ring.and_bits(net, &out, &a, &mut a.clone()).unwrap();
            for owner in [0, 1, 2].map(PartyId::new) {
                ring.input_bits(net, owner, Some(&values), LANES, &mut input).unwrap();
            }
            let mut elements = Shares::default();
            ring.lift_bits(net, &out, &mut elements).unwrap();
            assert!(elements.parts().into_iter().all(looks_uniform));
            std::mem::take(&mut *sent.lock().unwrap())
        });
        for (party, messages) in messages.iter().enumerate() {
            assert!(messages.len() >= 4);
            for (idx, message) in messages.iter().enumerate() {
                let mut words = vec![Z64::ZERO; message.len() / 8];
                Z64::decode(message, &mut words).unwrap();
                assert!(looks_uniform(&words), "message {idx} of P{party} on {bit}");
            }
        }
    }
}
