//! What reads the messages of parties, as a function for `fuzz/`: it may not panic, whatever the bytes are.

use crate::wire::{Elements, parse_specification};

/// A name, what is done with bytes, and valid examples of them.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// All of this crate.
pub const TARGETS: &[Target] = &[("specification", specification, specification_examples)];

/// The first message of a party; the bytes are elements of the ring that it names, too.
fn specification(bytes: &[u8]) {
    match parse_specification(1, bytes) {
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.chars().any(char::is_control), "{shown:?} would reach a terminal");
        }
        Ok(bits) => {
            let elements = Elements::new(bits);
            let values: Vec<_> = elements.decode(bytes).collect();
            assert!(values.iter().all(|value| elements.reduce(*value) == *value));
            let signed = values.iter().map(|value| elements.signed(*value));
            assert!(values.iter().copied().eq(signed.map(|value| elements.reduce(value as u128))));
        }
    }
}

fn specification_examples() -> Vec<Vec<u8>> {
    let words = |words: [u32; 3]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let refusal = [&u32::from(b'E').to_le_bytes()[..], b"there is no such client"].concat();
    vec![words([u32::from(b'R'), 64, 64]), words([u32::from(b'R'), 72, 72]), refusal]
}
