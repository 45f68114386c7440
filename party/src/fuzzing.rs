//! What reads bytes from outside, as functions for `fuzz/`: none may panic or take much memory, whatever the bytes are.

use std::path::Path;
use std::time::Duration;

use caucus_core::fuzzing::{Target, assert_settled, example, link_from};
use caucus_core::ids::{NodeId, PartyId};
use caucus_core::wire;
use caucus_vm::InputPiece;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::agree::Proposal;
use crate::checkpoint::file as checkpoint;
use crate::download::{Address, Host};
use crate::inputs::column::Column;
use crate::inputs::manifest::Manifest;
use crate::nodes::message::{self, FromWorker, ToWorker};
use crate::storage::file::{HEADER, Header};
use crate::storage::journal::Journal;

/// All of this crate.
pub const TARGETS: &[Target] = &[
    ("proposal", proposal, proposal_examples),
    ("node-messages", node_messages, node_message_examples),
    ("inputs", inputs, input_examples),
    ("manifest", manifest, manifest_examples),
    ("urls", urls, url_examples),
    ("stored", stored, stored_examples),
];

/// What another party is about to do.
fn proposal(bytes: &[u8]) {
    if let Ok(proposal) = Proposal::from_bytes(bytes) {
        assert_settled(&proposal);
        assert!(proposal.difference(&proposal).is_none(), "a proposal differs from itself");
    }
}

fn proposal_examples() -> Vec<Vec<u8>> {
    let me = NodeId::main(PartyId::new(1));
    let program = caucus_bytecode::Program::default();
    let workers = Some(2);
    let made = Proposal::new(me, 3, "ring", &program, workers, Some([1; 32]), Default::default());
    vec![made.to_bytes()]
}

/// A message among the nodes of a party, of the kind that the first byte chooses.
fn node_messages(bytes: &[u8]) {
    match bytes.split_first() {
        Some((0, rest)) => received::<ToWorker>(rest),
        Some((_, rest)) => received::<FromWorker>(rest),
        None => {}
    }
}

/// Receives all messages that these bytes have.
fn received<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let (mut link, _socket) = link_from(NodeId::main(PartyId::new(1)), bytes);
    while let Ok(message) = message::receive::<T>(&mut link, Duration::from_secs(5)) {
        assert_settled(&message);
    }
}

fn node_message_examples() -> Vec<Vec<u8>> {
    let assign = ToWorker::Assign { tape: 1, number: -3, attempt: 4, bytes: 800 };
    let abort = ToWorker::Abort { cause: "P1 was lost".into() };
    let done = FromWorker::Done { bytes: 800, figures: Default::default() };
    vec![
        example(0, &assign),
        example(0, &abort),
        example(1, &done),
        example(1, &FromWorker::Ready { port: 15000, traced: true }),
    ]
}

/// The text of private inputs: the first byte tells whether fractions are taken.
fn inputs(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else { return };
    let Ok((column, surplus)) = Column::read(text, kind & 1 == 1, Some(3)) else { return };
    assert_eq!(surplus.is_some(), column.len() > 3, "the number that is too much has no place");
    for bits in [0, 16] {
        let mut taken = 0;
        column.hand_over(0..column.len(), bits, &mut |piece| {
            taken += match piece {
                InputPiece::Small(small) => small.len(),
                InputPiece::Large(_) => 1,
            };
        });
        assert_eq!(taken, column.len(), "all numbers are handed over");
    }
}

fn input_examples() -> Vec<Vec<u8>> {
    let texts =
        ["\x001 -2\t+3\n\n123456789012345678901234567890\n", "\x011 2.5\n-0.25e3 7 .5 1E-4\n"];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// A list of parts and where they are.
fn manifest(bytes: &[u8]) {
    if let Err(what) = Manifest::parse(bytes, Path::new("manifest.json")) {
        assert!(!what.is_empty());
    }
}

fn manifest_examples() -> Vec<Vec<u8>> {
    let digest = "0a".repeat(32);
    let text = format!(
        r#"{{"hosts": ["data.example", "other.example:8443"], "ca": "ca.pem", "retries": 2, "parts": [
            {{"part": 3, "url": "https://data.example/3.txt", "bytes": 10, "sha256": "{digest}"}}]}}"#
    );
    vec![text.into_bytes()]
}

/// An address, and behind a line's end where it redirects to; then a host.
fn urls(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let [first, second, third] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let Ok(address) = Address::parse(first) else { return };
    // What is behind a question mark is often a password.
    assert!(!address.to_string().contains('?') && !format!("{address:?}").contains('?'));
    let redirected = address.redirected(second);
    if let (Some(host), Ok(redirected)) = (Host::parse(third), redirected) {
        let _ = host.has(&redirected);
    }
}

fn url_examples() -> Vec<Vec<u8>> {
    let texts = [
        "https://Data.example:8443/a/b.txt?token=x\n/c\ndata.example:8443",
        "https://[::1]/a\n//other.example/b\nother.example",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// Files of shares, journals and checkpoints: what they begin with, then with digests that fit.
fn stored(bytes: &[u8]) {
    let Some((len, rest)) = bytes.split_first() else { return };
    let (head, data) = rest.split_at(usize::from(*len).min(rest.len()));
    let mut start = rest.to_vec();
    start.resize(HEADER as usize, 0);
    for header in [Header::parse(&start), Header::parse(&Header::sealed(head))] {
        header.inspect(assert_settled);
    }
    let journal = [&Journal::sealed(head, data)[..], data].concat();
    for file in [rest, &journal] {
        if let Ok(Some(journal)) = Journal::parse(&mut &file[..]) {
            assert_settled(&journal.head);
        }
    }
    let checkpoint = [&checkpoint::sealed(head, data)[..], data].concat();
    for file in [rest, &checkpoint] {
        if let Ok((head, _)) = checkpoint::parse(file) {
            assert_settled(&head);
        }
    }
}

fn stored_examples() -> Vec<Vec<u8>> {
    let mark = (7_u64, [1_u8; 32]);
    let header = (("ring", 64_u32, 3_u32, "P1", 16_u32), mark, 4_u64, [2_u8; 32]);
    let task = ("ring", 64_u32, "program-1", [3_u8; 32], vec![5_i64], None::<[u8; 32]>);
    let none = Vec::<(u8, u32, u64)>::new();
    let positions =
        (vec![(1_u8, 0_u32, 9_u64)], none.clone(), none, 3_u64, Some(mark), vec![14000_i64]);
    let checkpoint = (("P1", 3_u32), task, mark, Some("program.mpc:3"), positions, 4_u64);
    let heads = [
        wire::to_bytes(&header),
        wire::to_bytes(&(header, 0_u64, 64_u64, 4_u64)),
        wire::to_bytes(&checkpoint),
    ];
    heads.map(|head| [&[head.len() as u8][..], &head, b"data"].concat()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tuples of the examples are encoded as the types that are read.
    #[test]
    fn examples_of_files_are_what_is_read() {
        let [header, journal, checkpoint] = stored_examples().try_into().unwrap();
        let head = |example: &[u8]| example[1..=usize::from(example[0])].to_vec();
        assert!(Header::parse(&Header::sealed(&head(&header))).is_some());
        let file = [&Journal::sealed(&head(&journal), b"data")[..], b"data"].concat();
        assert!(Journal::parse(&mut &file[..]).unwrap().is_some());
        let file = [&checkpoint::sealed(&head(&checkpoint), b"data")[..], b"data"].concat();
        assert!(checkpoint::parse(&file).is_ok());
    }
}
