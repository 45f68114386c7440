//! What a node makes of bytes that an honest one would not send. The other end here is a bare socket.

use std::io::Write;

use super::super::call::{Call, Collective};
use super::super::frame::{Key, Lane};
use super::*;

/// A communicator of two whose other member is this socket.
fn with_stranger() -> (Comm, UnixStream) {
    let nodes = members_of(P0, 1);
    let (ours, theirs) = UnixStream::pair().unwrap();
    let links = vec![None, Some(Link::from_unix(ours, nodes[1]).unwrap())];
    let mut comm = Comm::from_links("world", nodes[0], nodes, links, AbortFlag::new());
    comm.set_deadline(Duration::from_secs(10));
    (comm, theirs)
}

fn message(id: u32, bytes: u64, prefix: u32) -> Frame {
    let key = Key { context: 0, lane: Lane::Tag(1) };
    Frame::Message { key, element: u64::TYPE, id, bytes, prefix }
}

/// CX4: nothing that comes is more than vectors of numbers whose type and length this node knows; anything else ends the
/// connection, with the peer's name, and says what was wrong.
#[test]
fn cx4_what_is_no_frame_ends_the_connection() {
    let call = Call {
        collective: Collective::Barrier,
        element: ElementType(0),
        root: None,
        len: None,
        detail: 0,
    };
    let agree = Frame::Agree { context: 0, number: 0, round: 0, call };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (vec![0xff; 32], "an unknown frame"),
        (b"\x80\x04\x95cos\nsystem\n(S'touch /tmp/pwned'\ntR.".to_vec(), "an unknown frame"),
        (message(0, 80, 1 << 20).to_bytes().to_vec(), "an unknown frame"),
        (Frame::More { id: 5, n_bytes: 8 }.to_bytes().to_vec(), "was not announced"),
        (
            [&message(0, 80, 0).to_bytes()[..], &Frame::More { id: 0, n_bytes: 80 }.to_bytes()]
                .concat(),
            "was not asked for",
        ),
        (
            [&message(0, 80, 8).to_bytes()[..], &[0; 8], &message(0, 8, 0).to_bytes()].concat(),
            "two messages of one number",
        ),
        (Frame::Credit { messages: 1, bytes: 0 }.to_bytes().to_vec(), "credit for more"),
        (
            Frame::Fail { context: 0, number: 0, n_bytes: 1 << 30 }.to_bytes().to_vec(),
            "a text of 1073741824 bytes",
        ),
        ([agree.to_bytes(), agree.to_bytes()].concat(), "it says twice what it does"),
    ];
    for (bytes, what) in cases {
        let (mut comm, mut stranger) = with_stranger();
        stranger.write_all(&bytes).unwrap();
        let error = comm.recv::<u64>(1, Tag(9), 1).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Lost { .. }), "{text}");
        assert!(
            text.contains("P0.W0 was lost: malformed message") && text.contains(what),
            "{text}"
        );
    }
}

/// A length from the wire is compared with what was asked for before anything is allocated.
#[test]
fn an_announced_length_allocates_nothing() {
    let (mut comm, mut stranger) = with_stranger();
    stranger.write_all(&message(0, u64::MAX, 0).to_bytes()).unwrap();
    let envelope = comm.probe(Some(1), Tag(1)).unwrap();
    assert_eq!(envelope.bytes, u64::MAX);
    let error = comm.recv::<u64>(1, Tag(1), 10).unwrap_err().to_string();
    assert!(error.contains("found 18446744073709551615 bytes of u64"), "{error}");
    // Neither while this node waits for something else.
    comm.set_deadline(Duration::from_millis(100));
    assert!(comm.recv::<u64>(1, Tag(2), 1).is_err());
    let engine = comm.lock();
    assert_eq!(engine.spare_bytes, 0);
}

/// Who sends more than its window allows is not listened to any more.
#[test]
fn a_window_that_is_not_kept_ends_the_connection() {
    let (mut comm, mut stranger) = with_stranger();
    let n_messages = super::super::port::WINDOW_MESSAGES + 1;
    let writer = thread::spawn(move || {
        for id in 0..n_messages {
            if stranger.write_all(&message(id, 0, 0).to_bytes()).is_err() {
                break;
            }
        }
        stranger
    });
    let error = comm.recv::<u64>(1, Tag(9), 1).unwrap_err().to_string();
    assert!(error.contains("more was sent than this node can keep"), "{error}");
    drop(writer.join());
}

/// CX9: the end of a connection is a loss, also in the middle of a frame.
#[test]
fn cx9_the_end_of_a_connection_is_a_loss() {
    for bytes in [&[][..], &[1; 5], &message(0, 80, 80).to_bytes()] {
        let (mut comm, mut stranger) = with_stranger();
        stranger.write_all(bytes).unwrap();
        drop(stranger);
        let began = Instant::now();
        let error = comm.recv::<u64>(1, Tag(1), 10).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(1));
        assert!(matches!(error, Error::Lost { .. }), "{error}");
        assert_eq!(error.peer(), Some(comm.names()[1]));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(0..14_u8, 0..600)) {
        let (mut comm, mut stranger) = with_stranger();
        comm.set_deadline(Duration::from_millis(5));
        stranger.write_all(&bytes).unwrap();
        drop(stranger);
        let _ = comm.recv::<u64>(1, Tag(1), 10);
        let _ = comm.barrier();
        let _ = comm.shrink();
    }
}
