//! The record layer against rustls, which makes the same records, and against wires that change them.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use rustls::Connection;
use rustls::crypto::aws_lc_rs::cipher_suite::{
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
};

use super::*;
use crate::net::testing::{TlsEnd, tls_pair, tls_pair_with};

/// A wire that a test can look at and change.
#[derive(Default)]
struct Wire(VecDeque<u8>);

impl Wire {
    /// Takes everything that the session has to send.
    fn drain(&mut self, session: &mut Session) {
        let all_written = session.write(|records| {
            self.0.extend(records);
            Ok(records.len())
        });
        assert!(all_written.unwrap());
    }

    /// Seals all of `bytes`.
    fn send(&mut self, session: &mut Session, bytes: &[u8]) {
        let mut done = 0;
        while done < bytes.len() {
            done += session.seal(&[], &bytes[done..]);
            self.drain(session);
        }
    }

    /// What the session reads into a buffer of this size.
    fn receive(&mut self, session: &mut Session, size: usize) -> Result<(Taken, Vec<u8>), Failure> {
        let mut buf = vec![0; size];
        let taken = session.take(&mut buf, |raw| match self.0.read(raw)? {
            0 if !raw.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            n_bytes => Ok(n_bytes),
        })?;
        if let Taken::Bytes(n_bytes) = taken {
            buf.truncate(n_bytes);
        }
        Ok((taken, buf))
    }
}

fn sessions(key_limit: u64) -> [Session; 2] {
    tls_pair().map(|(_, tls, slot)| Session::with_key_limit(tls, &slot, key_limit).unwrap())
}

fn pattern(n_bytes: usize) -> Vec<u8> {
    (0..n_bytes).map(|k| (k * 7 + k / 251) as u8).collect()
}

/// Writes with rustls.
fn write(stream: &mut TcpStream, tls: &mut Connection, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() || tls.wants_write() {
        let taken = tls.writer().write(rest).unwrap();
        rest = &rest[taken..];
        tls.write_tls(stream).unwrap();
    }
}

/// Reads with rustls.
fn read(stream: &mut TcpStream, tls: &mut Connection, n_bytes: usize) -> Vec<u8> {
    let mut found = vec![0; n_bytes];
    let mut done = 0;
    while done < n_bytes {
        match tls.reader().read(&mut found[done..]) {
            Ok(0) => panic!("the connection has ended"),
            Ok(taken) => done += taken,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                tls.read_tls(stream).unwrap();
                tls.process_new_packets().unwrap();
            }
        }
    }
    found
}

/// Both directions between this record layer and rustls, across changes of keys by either side.
fn talks_with_rustls([ours, theirs]: [TlsEnd; 2]) {
    let (mut stream, tls, slot) = ours;
    let (mut their_stream, mut their_tls, _) = theirs;
    let mut session = Session::with_key_limit(tls, &slot, 5).unwrap();
    for (round, n_bytes) in [1, 100, 16_384, 16_385, 200_000, 3].into_iter().enumerate() {
        let data = pattern(n_bytes);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut done = 0;
                while done < data.len() {
                    done += session.seal(
                        &data[done..][..n_bytes.min(1) * usize::from(done == 0)],
                        &data[(done + usize::from(done == 0)).min(n_bytes)..],
                    );
                    session.write(|records| stream.write(records)).unwrap();
                }
            });
            assert!(read(&mut their_stream, &mut their_tls, n_bytes) == data, "round {round}");
        });
        std::thread::scope(|scope| {
            scope.spawn(|| {
                if round % 2 == 1 {
                    // This asks for a new key of the other side, too.
                    their_tls.refresh_traffic_keys().unwrap();
                }
                write(&mut their_stream, &mut their_tls, &data);
            });
            let mut found = vec![0; n_bytes];
            let mut done = 0;
            while done < n_bytes {
                let taken = session.take(&mut found[done..], |raw| stream.read(raw)).unwrap();
                let Taken::Bytes(taken) = taken else { panic!("{taken:?}") };
                done += taken;
            }
            assert!(found == data, "round {round}");
        });
    }
    session.close();
    session.write(|records| stream.write(records)).unwrap();
    their_tls.read_tls(&mut their_stream).unwrap();
    assert!(their_tls.process_new_packets().unwrap().peer_has_closed());
    their_tls.send_close_notify();
    their_tls.write_tls(&mut their_stream).unwrap();
    let taken = session.take(&mut [0; 9], |raw| stream.read(raw)).unwrap();
    assert_eq!(taken, Taken::Goodbye);
    assert!(session.has_goodbye());
}

#[test]
fn rustls_understands_what_is_sent_and_is_understood() {
    for suite in
        [TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256]
    {
        talks_with_rustls(tls_pair_with(suite));
        let [server, client] = tls_pair_with(suite);
        talks_with_rustls([client, server]);
    }
}

#[test]
fn data_arrives_whatever_the_sizes_of_buffers() {
    let [mut a, mut b] = sessions(3);
    let mut wire = Wire::default();
    let data = pattern(150_000);
    wire.send(&mut a, &data);
    let (mut found, mut size) = (Vec::new(), 1);
    while found.len() < data.len() {
        let (_, part) = wire.receive(&mut b, size.min(data.len() - found.len())).unwrap();
        found.extend(part);
        size = size * 3 % 40_009 + 1;
    }
    assert!(found == data);
    assert!(matches!(wire.receive(&mut b, 10).unwrap(), (Taken::Bytes(0), _)));
}

#[test]
fn a_head_and_a_long_body_are_sealed_apart() {
    let [mut a, _] = sessions(KEY_LIMIT);
    assert_eq!(a.seal(&[1; 8], &[2; MAX_CONTENT_BYTES - 8]), MAX_CONTENT_BYTES);
    assert_eq!(a.seal(&[1; 8], &[2; MAX_CONTENT_BYTES - 7]), 8);
    assert_eq!(a.seal(&[], &[2; MAX_CONTENT_BYTES + 1]), MAX_CONTENT_BYTES);
    assert_eq!(a.seal(&[], &[]), 0);
}

#[test]
fn no_more_is_sealed_than_there_is_room_for() {
    let [mut a, mut b] = sessions(KEY_LIMIT);
    let piece = pattern(MAX_CONTENT_BYTES);
    let mut n_records = 0;
    while a.seal(&[], &piece) > 0 {
        n_records += 1;
    }
    assert_eq!(n_records, 8);
    // There is room for a goodbye all the same.
    a.close();
    let mut wire = Wire::default();
    wire.drain(&mut a);
    let mut found = 0;
    loop {
        match wire.receive(&mut b, 1 << 17).unwrap() {
            (Taken::Bytes(n_bytes), _) => found += n_bytes,
            (taken, _) => break assert_eq!(taken, Taken::Goodbye),
        }
    }
    assert_eq!(found, 8 * MAX_CONTENT_BYTES);
}

#[test]
fn no_changed_repeated_or_missing_record_is_believed() {
    type Change = fn(&mut Vec<Vec<u8>>);
    let changes: [(&str, Change); 7] = [
        ("a bit of the text", |records| records[1][7] ^= 1),
        ("a bit of the tag", |records| *records[1].last_mut().unwrap() ^= 0x80),
        ("the version", |records| records[1][2] = 4),
        ("the type", |records| records[1][0] = 22),
        ("one twice", |records| records[1] = records[0].clone()),
        ("one missing", |records| drop(records.remove(1))),
        ("two swapped", |records| records.swap(1, 2)),
    ];
    for (name, change) in changes {
        for size in [100, 101, 1000] {
            let [mut a, mut b] = sessions(KEY_LIMIT);
            let mut records = Vec::new();
            for record in 0..4_u8 {
                let mut wire = Wire::default();
                wire.send(&mut a, &[record; 100]);
                records.push(Vec::from(wire.0));
            }
            change(&mut records);
            let mut wire = Wire(records.concat().into());
            let mut buf = vec![0; 100];
            let mut failure = None;
            for _ in 0..4 {
                match wire.receive(&mut b, size) {
                    Ok((Taken::Bytes(n_bytes), found)) => {
                        assert!(n_bytes <= 100 && found.iter().all(|byte| *byte == 0), "{name}");
                        buf = found;
                    }
                    Ok((taken, _)) => panic!("{name}: {taken:?}"),
                    Err(error) => failure = Some(error),
                }
            }
            drop(buf);
            assert!(matches!(failure, Some(Failure::Tls(_))), "{name}: {failure:?}");
            // It stays so, and the peer is told.
            assert!(matches!(wire.receive(&mut b, size), Err(Failure::Tls(_))), "{name}");
            assert!(b.wants_write(), "{name}");
        }
    }
}

#[test]
fn records_that_are_too_long_or_short_are_refused() {
    for (length, expected) in [
        (0_u16, Error::DecryptError),
        (16, Error::DecryptError),
        ((1 << 14) + 257, Error::PeerSentOversizedRecord),
        (u16::MAX, Error::PeerSentOversizedRecord),
    ] {
        let [mut a, _] = sessions(KEY_LIMIT);
        let [high, low] = length.to_be_bytes();
        let mut wire = Wire([23, 3, 3, high, low].into());
        match wire.receive(&mut a, 100) {
            Err(Failure::Tls(error)) => assert_eq!(error, expected),
            other => panic!("{length}: {other:?}"),
        }
    }
}

#[test]
fn an_end_without_a_goodbye_is_told_from_one_with() {
    let [mut a, mut b] = sessions(KEY_LIMIT);
    assert_eq!(a.take(&mut [0; 4], |_| Ok(0)).unwrap(), Taken::Eof);
    let mut wire = Wire::default();
    wire.send(&mut a, b"last words");
    a.close();
    wire.drain(&mut a);
    assert_eq!(wire.receive(&mut b, 100).unwrap(), (Taken::Bytes(10), b"last words".to_vec()));
    assert_eq!(wire.receive(&mut b, 100).unwrap().0, Taken::Goodbye);
}

#[test]
fn alerts_of_the_peer_are_failures() {
    let [mut a, mut b] = sessions(KEY_LIMIT);
    let mut wire = Wire([23, 3, 3, 0, 20].into_iter().chain([0; 20]).collect());
    assert!(matches!(wire.receive(&mut a, 100), Err(Failure::Tls(Error::DecryptError))));
    wire.drain(&mut a);
    match wire.receive(&mut b, 100) {
        Err(Failure::Tls(error)) => {
            assert_eq!(error, Error::AlertReceived(AlertDescription::BadRecordMac));
        }
        other => panic!("{other:?}"),
    }
    assert!(!b.wants_write());
}

#[test]
fn records_that_bring_nothing_are_limited() {
    // A key limit of 0 changes the key before each record; many changes without data are refused.
    let [mut a, mut b] = sessions(0);
    let mut wire = Wire::default();
    wire.send(&mut a, &pattern(50_000));
    let mut found = 0;
    while found < 50_000 {
        let (Taken::Bytes(n_bytes), _) = wire.receive(&mut b, 1000).unwrap() else { panic!() };
        found += n_bytes;
    }
    for _ in 0..40 {
        a.sealer.ask_update();
        a.sealer.change_key();
        wire.drain(&mut a);
    }
    let failure = loop {
        match wire.receive(&mut b, 1000) {
            Ok((Taken::Bytes(0), _)) => panic!("all were taken"),
            Ok(_) => {}
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::Tls(Error::PeerMisbehaved(_))), "{failure:?}");
}
