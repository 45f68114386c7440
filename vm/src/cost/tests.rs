//! Prices of single instructions. Whole programs are compared with their runs elsewhere.

use caucus_bytecode::op::TABLE;
use caucus_bytecode::operand::Class;
use caucus_bytecode::words::Words;
use caucus_core::algebra::Z64;
use caucus_protocols::{Emulate, Replicated};

use super::*;

fn facts(lanes: &dyn Fn(Reg) -> u64) -> Facts<'_> {
    Facts { lanes, number: &|reg| (reg < 10).then_some(i64::from(reg % 3)), constants: &[] }
}

fn ring(op: &Op) -> Price {
    price::<Replicated<Z64>>(op, &facts(&|reg| if reg.class == Class::Secret { 100 } else { 1 }))
}

#[test]
fn every_interactive_instruction_has_a_price() {
    for info in TABLE {
        let mut words = vec![0; 16];
        words[0] = info.code;
        let op = Op::decode(&mut Words::new(&words)).unwrap();
        let price = price::<Replicated<Z64>>(&op, &facts(&|_| 1));
        let stored = matches!(op, Op::StoreShares { .. } | Op::LoadShares { .. });
        let open = stored || info.effect == Effect::Socket;
        assert_eq!(price == Price::Unknown, open, "{}", info.mnemonic);
    }
}

#[test]
fn a_protocol_without_costs_has_no_prices() {
    let op = Op::OpenToS { player: SrcI(0), dst: caucus_bytecode::operand::DstC(0), src: SrcS(0) };
    assert_eq!(price::<Emulate<Z64>>(&op, &facts(&|_| 1)), Price::Unknown);
}

#[test]
fn owners_of_inputs_share_a_round_but_no_message() {
    let bytes = |players: &[u32]| {
        let inputs = players.iter().map(|it| (DstS(0), SrcI(*it), 0)).collect();
        match ring(&Op::InputS { inputs }) {
            Price::Exactly(cost) => (cost.rounds, cost.bytes, true),
            Price::AtMost(cost) => (cost.rounds, cost.bytes, false),
            Price::Unknown => panic!("ring states all costs"),
        }
    };
    assert_eq!(bytes(&[0, 3, 6]), (1, 2400 + 8, true));
    assert_eq!(bytes(&[0, 1, 3]), (1, 2400 + 16, true));
    assert_eq!(bytes(&[10]), (1, 800 + 8, true));
    assert_eq!(bytes(&[10, 1]), (1, 1600 + 16, false));
}
