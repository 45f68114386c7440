//! Trees of all sizes, with summands drawn at random.

use caucus_core::algebra::{Ring, Z128};

use super::lanes::{last_row, table_of};
use super::*;
use crate::replicated::bits;
use crate::testing::{random_elements, test_prg};

/// What the tree gives for the lanes of both numbers, with summands of everything drawn at random.
fn result_of(tree: &Tree, a: &[Z128], v: &[Z128]) -> Vec<Packed> {
    let words = bits::words(a.len());
    let mut prg = test_prg(2);
    let mut random = |rows: usize| {
        let mut table = Packed::zeros(rows * words);
        Packed::fill_random(&mut prg, &mut table);
        table
    };
    let add = |a: &[Packed], b: &[Packed]| -> Vec<Packed> {
        a.iter().zip(b).map(|(a, b)| *a + *b).collect()
    };
    let masks = [(); 2].map(|()| random(tree.masks()));
    let all_masks = add(&masks[0], &masks[1]);
    let mut monomials = [random(tree.monomials()), random(tree.monomials())];
    let mut products = [random(tree.products()), random(tree.products())];
    let (mut made, mut multiplied) = (monomials[0].clone(), products[0].clone());
    tree.deal(&table_of(a, tree.places()), &all_masks, &mut made, &mut multiplied);
    monomials[1] = add(&monomials[0], &made);
    products[1] = add(&products[0], &multiplied);
    let bits = table_of(v, tree.places());
    let mut parts = [0, 1].map(|party| Part {
        values: tree.begin(party == 0, &bits, &monomials[party]),
        masks: masks[party].clone(),
        products: products[party].clone(),
    });
    let open = |level: usize, rows: usize, parts: &[Part; 2]| {
        let both = [0, 1].map(|party| {
            let part = &parts[party];
            let mut out = Packed::zeros(rows * words);
            tree.mask(level, &part.values, &part.masks, &mut out);
            out
        });
        add(&both[0], &both[1])
    };
    for (level, rows) in tree.opened().enumerate() {
        let opened = open(level, rows, &parts);
        for (party, part) in parts.iter_mut().enumerate() {
            part.values = tree.merge(level, party == 0, &opened, part);
        }
    }
    let masked = open(tree.opened().count(), 1, &parts);
    let last: Vec<_> = last_row(&all_masks, tree.masks()).collect();
    add(&masked, &last)
}

#[test]
fn trees_of_all_sizes_carry_and_compare() {
    // Blocks of words and single words after them, a block whose last word is not full, and one lane.
    for (places, lanes) in (1..=128).zip([600, 500, 1].into_iter().cycle()) {
        let all = u128::MAX >> (128 - places);
        let a: Vec<u128> = random_elements::<Z128>(&mut test_prg(places as u64), lanes)
            .iter()
            .map(|element| element.to_u128() & all)
            .collect();
        // Long runs of places that differ, with a carry into them or not, or one place that does not differ.
        let v: Vec<u128> = a
            .iter()
            .enumerate()
            .map(|(lane, a)| match lane % 4 {
                0 => !a & all,
                1 => !a ^ 1 << (lane / 4 % places),
                2 => (!a).wrapping_add(1 << (lane / 4 % places)),
                _ => a.rotate_left(64),
            })
            .map(|v| v & all)
            .collect();
        let elements = |numbers: &[u128]| -> Vec<Z128> {
            numbers.iter().map(|number| Z128::from_u128(*number)).collect()
        };
        for goal in [Goal::Carry, Goal::Differ] {
            let tree = Tree::new(goal, places);
            let found = result_of(&tree, &elements(&a), &elements(&v));
            for (lane, (a, v)) in a.iter().zip(&v).enumerate() {
                let expected = match goal {
                    Goal::Carry => a.checked_add(*v).is_none_or(|sum| sum > all),
                    Goal::Differ => a ^ v == all,
                };
                let bit = found[lane / 64].bits() >> (lane % 64) & 1 == 1;
                assert_eq!(bit, expected, "{goal:?} of {places} places, lane {lane}");
            }
        }
    }
}
