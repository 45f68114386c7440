//! What all parties must see alike of external clients, who connect to each of them separately.
//!
//! Connections are accepted in one order everywhere, and what a client sends to all parties is compared before it is
//! used. With its own nodes a party need not compare anything: they are connected to it alone.

use std::time::{Duration, Instant};

use caucus_bytecode::operand::{DstC, DstI, SrcI};
use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Step;
use caucus_protocols::Protocol;
use sha2::{Digest, Sha256};

use super::Frame;
use crate::{Arrival, Kind, Payload};

/// How many of those who wait the parties tell each other at a time.
const LISTED: usize = 64;
/// Length of a list: whether all take their own, how many are listed, the listed ones.
const LIST_BYTES: usize = 2 + LISTED * size_of::<u64>();
/// After so long without anybody who has connected to all parties, each takes whoever came first to it: programs whose
/// clients connect to one party only mean that.
const OWN_AFTER: Duration = Duration::from_secs(3);
/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(20);
/// Bytes of a statement on a message before the hash: whether it came from a client, and the connection.
const HEAD_BYTES: usize = 1 + 8;

/// What must be the same at all parties.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    /// What one client sends; parties may read from different clients.
    OfValues,
    /// The client, too.
    OfClient,
}

impl<P: Protocol> Frame<'_, P> {
    /// Accepts the connection of somebody who has connected to all parties: the one whom P0 has known for longest.
    pub(super) fn accept(&mut self, dst: DstI, port: SrcI) -> Result<(), Kind> {
        let _proof = self.turn_outside()?;
        let port = self.ints.scalar(port.0);
        let started = Instant::now();
        let mut waiting_for_common: Option<Instant> = None;
        loop {
            let arrivals = self.shared.host.arrivals(port, started.elapsed())?;
            // Waiting costs a byte now and then; lists are exchanged once there may be somebody to accept.
            let ready = self.gather(&[u8::from(!arrivals.is_empty())])?;
            if ready.iter().any(|ready| *ready == [0]) {
                waiting_for_common = None;
                continue;
            }
            let own = waiting_for_common.is_some_and(|since| since.elapsed() > OWN_AFTER);
            let lists = self.gather(&encode_list(&arrivals, own))?;
            let lists: Vec<_> = lists.iter().map(|list| decode_list(list)).collect();
            let [(own, first), others @ ..] = lists.as_slice() else {
                unreachable!("there is at least one party");
            };
            let is_common = |key: &&u64| others.iter().all(|(_, theirs)| theirs.contains(key));
            let chosen = match first.iter().find(is_common) {
                Some(key) => Some(decode(*key)),
                None if *own => arrivals.first().copied(),
                None => None,
            };
            if let Some(who) = chosen {
                self.ints.set_scalar(dst.0, self.shared.host.accept(port, who)?);
                return Ok(());
            }
            waiting_for_common.get_or_insert_with(Instant::now);
            std::thread::sleep(PAUSE);
        }
    }

    /// Receives the masked inputs of a client.
    pub(super) fn receive_masked(&mut self, socket: SrcI, values: &[DstC]) -> Result<(), Kind> {
        let lanes = values.iter().map(|dst| self.publics.lanes(dst.0));
        let message = self.receive(socket, Payload::Public, lanes.sum(), P::Ring::BYTES)?;
        self.compare(socket, &message, Sameness::OfClient)?;
        self.set_publics(&message, values)
    }

    /// Receives what a client sends to one party alone.
    pub(super) fn receive_own(
        &mut self,
        player: SrcI,
        socket: SrcI,
        values: &[DstC],
    ) -> Result<(), Kind> {
        let player = self.party(player)?;
        // At all parties, because the check may need all.
        let _proof = self.turn_outside()?;
        if self.shared.host.owns_input(player) {
            let lanes = values.iter().map(|dst| self.publics.lanes(dst.0));
            let message =
                self.take_message(socket, Payload::Public, lanes.sum(), P::Ring::BYTES)?;
            return self.set_publics(&message, values);
        }
        for dst in values {
            let lanes = self.publics.lanes(dst.0);
            let mut out = self.publics.out(dst.0, &[])?;
            out.clear();
            out.resize(lanes, P::Ring::ZERO);
            self.publics.set(dst.0, out);
        }
        Ok(())
    }

    /// Makes sure that all parties received the same from a client, before anything of it is used.
    ///
    /// Connections that the program made itself lead to nodes of its own party, and are not compared.
    pub(super) fn compare(
        &mut self,
        socket: SrcI,
        message: &[u8],
        what: Sameness,
    ) -> Result<(), Kind> {
        let socket = self.ints.scalar(socket.0);
        if socket < 0 || self.thread.net.n_parties() == 1 {
            return Ok(());
        }
        let from_client = self.shared.host.is_client(socket)?;
        let mut mine = vec![u8::from(from_client)];
        mine.extend(socket.to_le_bytes());
        // The hash hides nothing from the parties: what it is of is public or masked.
        mine.extend(Sha256::digest(if from_client { message } else { &[] }));
        self.thread.net.count_round();
        let all = self.gather(&mine)?;
        for (party, theirs) in all.iter().enumerate().filter(|(_, theirs)| **theirs != mine) {
            let party = PartyId::new(u8::try_from(party).expect("there are at most 256 parties"));
            let number = theirs[1..HEAD_BYTES].try_into().map(i64::from_le_bytes);
            let number = number.expect("a number has eight bytes");
            let same_client = theirs[..HEAD_BYTES] == mine[..HEAD_BYTES];
            if same_client && from_client {
                return Err(Kind::ClientDiffers { client: socket, party });
            }
            if what == Sameness::OfClient {
                return Err(Kind::OtherClient { mine: socket, party, theirs: number });
            }
        }
        Ok(())
    }

    /// What each party has in `mine`, equally long at all. Waiting for clients is no round of the computation.
    fn gather(&mut self, mine: &[u8]) -> Result<Vec<Vec<u8>>, Kind> {
        let net = &mut self.thread.net;
        let me = net.me().index();
        let parties = (0..net.n_parties()).map(|party| PartyId::new(party as u8));
        let parties: Vec<_> = parties.collect();
        for party in parties.iter().filter(|party| party.index() != me) {
            net.send(*party, Step::Agree, mine)?;
        }
        let mut all = vec![mine.to_vec(); parties.len()];
        for (party, theirs) in parties.iter().zip(&mut all) {
            if party.index() != me {
                net.recv(*party, Step::Agree, theirs)?;
            }
        }
        net.flush()?;
        Ok(all)
    }
}

fn encode_list(arrivals: &[Arrival], own: bool) -> Vec<u8> {
    let listed = &arrivals[..arrivals.len().min(LISTED)];
    let mut list = vec![u8::from(own), u8::try_from(listed.len()).expect("few are listed")];
    for arrival in listed {
        let key = u64::from(arrival.number) << 1 | u64::from(arrival.is_client);
        list.extend(key.to_le_bytes());
    }
    list.resize(LIST_BYTES, 0);
    list
}

/// Whether all are to take their own, and the keys of those who wait.
fn decode_list(list: &[u8]) -> (bool, Vec<u64>) {
    let words = list[2..].chunks_exact(size_of::<u64>()).take(usize::from(list[1]));
    let keys = words.map(|word| u64::from_le_bytes(word.try_into().expect("words have 8 bytes")));
    (list[0] != 0, keys.collect())
}

fn decode(key: u64) -> Arrival {
    Arrival { number: (key >> 1) as u32, is_client: key & 1 != 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back_and_always_of_one_length() {
        let arrivals: Vec<_> = [(0, true), (0, false), (u32::MAX, true)]
            .map(|(number, is_client)| Arrival { number, is_client })
            .to_vec();
        for (own, arrivals) in [(false, &arrivals[..0]), (true, &arrivals)] {
            let list = encode_list(arrivals, own);
            assert_eq!(list.len(), LIST_BYTES);
            let (found, keys) = decode_list(&list);
            assert_eq!(found, own);
            assert_eq!(keys.into_iter().map(decode).collect::<Vec<_>>(), arrivals);
        }
        let many = vec![Arrival { number: 7, is_client: true }; 1000];
        assert_eq!(decode_list(&encode_list(&many, false)).1.len(), LISTED);
    }
}
