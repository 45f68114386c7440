//! Private inputs in parts: a chunk of a distributed loop takes the part with its number, at whichever node computes it.
//!
//! A part is a text file of decimal numbers, in a folder or behind HTTPS. The last one of each party stays in memory.

mod error;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use caucus_bytecode::{Op, Program};
use caucus_core::ids::PartyId;
use caucus_core::net::AbortFlag;
use caucus_vm::InputPiece;
use serde::{Deserialize, Serialize};

use super::column::{Column, Malformed};
use super::manifest::Manifest;
use super::number::NOT_AN_INTEGER;
use super::{InputError, Inputs};
use crate::download::{Client, DownloadError};

pub use error::{PartError, PartFault};

/// Stands for the number of the party in patterns.
pub const PARTY: &str = "{party}";
/// Stands for the number of the part.
pub const PART: &str = "{part}";
/// How often a wait for a download looks whether it is still needed.
const STEP: Duration = Duration::from_millis(20);

/// Where the parts of private inputs are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartSource {
    /// In files beside the others: `<prefix>-P<party>-W<part>`.
    #[default]
    Beside,
    /// In files with this pattern, which has [`PARTY`] and [`PART`] in it.
    Files(String),
    /// Behind HTTPS; this file, which may have [`PARTY`] in its name, says where.
    Manifest(String),
}

/// A part that was read.
struct Read {
    part: u64,
    place: String,
    numbers: Column,
}

/// The parts of private inputs that this process gives.
pub(crate) struct Parts {
    source: PartSource,
    prefix: PathBuf,
    allow_extra: bool,
    /// Whether the program takes fractions from parts.
    fractions: bool,
    /// By party; empty without manifests.
    manifests: BTreeMap<PartyId, (Manifest, Arc<Client>)>,
    /// Ends waiting for downloads.
    abort: AbortFlag,
    read: Mutex<BTreeMap<PartyId, Read>>,
}

impl Parts {
    /// The parts of `players`; nothing is read of them yet, but manifests are, if the program takes parts.
    ///
    /// # Errors
    /// A manifest cannot be used.
    pub(crate) fn open(
        files: &Inputs,
        players: &[PartyId],
        program: &Program,
        abort: AbortFlag,
    ) -> Result<Self, InputError> {
        let chunks = program.chunk_tapes();
        let tapes = chunks.iter().filter_map(|tape| program.tapes.get(*tape as usize));
        let taken = tapes.flat_map(|tape| &tape.ops).filter_map(|op| match op {
            Op::InputS { inputs } => Some(inputs.iter().any(|(_, _, bits)| *bits != 0)),
            _ => None,
        });
        let taken: Vec<bool> = taken.collect();
        let mut manifests = BTreeMap::new();
        if let (PartSource::Manifest(name), false) = (&files.parts, taken.is_empty()) {
            for player in players {
                let path = name.replace(PARTY, &player.index().to_string());
                let manifest = Manifest::load(Path::new(&path))?;
                let client = Client::new(manifest.policy.clone()).map_err(|fault| {
                    super::ManifestError { path: path.into(), what: fault.to_string() }
                })?;
                manifests.insert(*player, (manifest, Arc::new(client)));
            }
        }
        Ok(Self {
            source: files.parts.clone(),
            prefix: files.prefix.clone(),
            allow_extra: files.allow_extra,
            fractions: taken.contains(&true),
            manifests,
            abort,
            read: Mutex::default(),
        })
    }

    /// Hands over `count` numbers of a part from number `from` on, times 2^`bits` and rounded; 0 bits take integers
    /// only.
    pub(crate) fn take(
        &self,
        player: PartyId,
        part: u64,
        from: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), InputError> {
        let mut kept = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.get(&player).is_none_or(|read| read.part != part) {
            // Two parts need not fit the memory at once.
            kept.remove(&player);
            kept.insert(player, self.read(player, part)?);
        }
        let read = &kept[&player];
        let fail = |fault| {
            let place = read.place.clone();
            Err(InputError::from(Box::new(PartError { player, part, place, fault })))
        };
        let found = read.numbers.len();
        let end = from.checked_add(count).filter(|end| *end <= found);
        let Some(end) = end else {
            let expected = from as u64 + count as u64;
            return fail(PartFault::TooFew(expected, found as u64));
        };
        let fraction = read.numbers.first_fraction(from..end).filter(|_| bits == 0);
        if let Some((index, line, column)) = fraction {
            return fail(PartFault::Malformed(index + 1, line, column, NOT_AN_INTEGER));
        }
        read.numbers.hand_over(from..end, bits, take);
        Ok(())
    }

    /// Notes that a chunk has taken `count` numbers of a part. Others that are there are an error, unless they may be.
    pub(crate) fn done(&self, player: PartyId, part: u64, count: usize) -> Result<(), InputError> {
        let kept = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.get(&player) {
            Some(read) if read.part == part && read.numbers.len() > count && !self.allow_extra => {
                let fault = PartFault::TooMany(count as u64, read.numbers.len() as u64);
                let place = read.place.clone();
                Err(Box::new(PartError { player, part, place, fault }).into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn read(&self, player: PartyId, part: u64) -> Result<Read, InputError> {
        let party = player.index();
        let (place, bytes) = match &self.source {
            PartSource::Beside => {
                let mut path = self.prefix.clone().into_os_string();
                path.push(format!("-{player}-W{part}"));
                read_file(path.into())
            }
            PartSource::Files(pattern) => {
                let path = pattern.replace(PARTY, &party.to_string());
                read_file(path.replace(PART, &part.to_string()).into())
            }
            PartSource::Manifest(name) => match self.manifests.get(&player) {
                Some((manifest, client)) => self.fetch(manifest, client, part),
                // Players that only the running program knows, where one process plays all.
                None => (name.clone(), Err(PartFault::NotListed)),
            },
        };
        let numbers = bytes.and_then(|bytes| {
            let column = Column::read(&bytes, self.fractions, None);
            column.map(|(numbers, _)| numbers).map_err(|error| {
                let Malformed { number, line, column, what } = error;
                PartFault::Malformed(number, line, column, what)
            })
        });
        let wanted = self.manifests.get(&player).and_then(|it| it.0.parts.get(&part)?.values);
        let numbers = numbers.and_then(|numbers| match (wanted, numbers.len() as u64) {
            (Some(wanted), found) if wanted != found => Err(PartFault::Count(wanted, found)),
            _ => Ok(numbers),
        });
        match numbers {
            Ok(numbers) => Ok(Read { part, place, numbers }),
            Err(fault) => Err(Box::new(PartError { player, part, place, fault }).into()),
        }
    }

    /// The contents of a file behind HTTPS, with its address. They come in a thread of their own, so that what ends the
    /// run ends this wait, too.
    fn fetch(
        &self,
        manifest: &Manifest,
        client: &Arc<Client>,
        part: u64,
    ) -> (String, Result<Vec<u8>, PartFault>) {
        let Some(entry) = manifest.parts.get(&part) else {
            return (manifest.path.display().to_string(), Err(PartFault::NotListed));
        };
        let address = entry.item.address.to_string();
        let (tell, told) = channel();
        let (fetching, item) = (Arc::clone(client), entry.item.clone());
        let spawned = thread::Builder::new().name("download".into()).spawn(move || {
            // Nobody listens any more if the wait was ended.
            let _ = tell.send(fetching.fetch(&item));
        });
        if let Err(error) = spawned {
            return (address, Err(PartFault::Unreadable(error)));
        }
        loop {
            match told.recv_timeout(STEP) {
                Ok(Ok(bytes)) => return (address, Ok(bytes)),
                Ok(Err(DownloadError { address, fault })) => {
                    return (address, Err(PartFault::Download(fault)));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(cause) = self.abort.cause() {
                        client.stop();
                        return (address, Err(PartFault::Interrupted(cause)));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let error = io::Error::other("the download ended without a word");
                    return (address, Err(PartFault::Unreadable(error)));
                }
            }
        }
    }
}

/// The contents of a file, with its name.
fn read_file(path: PathBuf) -> (String, Result<Vec<u8>, PartFault>) {
    let read = || {
        // A pipe would let all parties wait for whoever writes to it.
        if !std::fs::metadata(&path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        std::fs::read(&path)
    };
    let bytes = read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => PartFault::Missing,
        _ => PartFault::Unreadable(error),
    });
    (path.display().to_string(), bytes)
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::Tape;
    use caucus_bytecode::operand::{DstS, SrcI, TapeRef};
    use tempfile::TempDir;

    use super::*;

    const P1: PartyId = PartyId::new(1);

    /// A program with a chunk that takes inputs with so many bits behind the point.
    fn program(bits: i64) -> Program {
        let nodes = Op::Nodes { jobs: vec![(TapeRef(1), 0, 2, vec![])] };
        let input = Op::InputS { inputs: vec![(DstS(0), SrcI(0), bits)] };
        let tape = |op| Tape { ops: vec![op], ..Tape::default() };
        Program { tapes: vec![tape(nodes), tape(input)], ..Program::default() }
    }

    fn parts(folder: &TempDir, bits: i64, allow_extra: bool) -> Parts {
        let files = Inputs { allow_extra, ..Inputs::in_directory(folder.path()) };
        Parts::open(&files, &[P1], &program(bits), AbortFlag::new()).unwrap()
    }

    fn take(parts: &Parts, part: u64, from: usize, count: usize) -> Result<Vec<i64>, InputError> {
        let mut numbers = Vec::new();
        parts.take(P1, part, from, count, 0, &mut |piece| match piece {
            InputPiece::Small(small) => numbers.extend_from_slice(small),
            InputPiece::Large(_) => panic!("small numbers"),
        })?;
        Ok(numbers)
    }

    #[test]
    fn a_part_is_read_from_any_place_again_and_again() {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("Input-P1-W0"), "1 2 3").unwrap();
        std::fs::write(folder.path().join("Input-P1-W1"), "4\n5").unwrap();
        let parts = parts(&folder, 0, false);
        assert_eq!(take(&parts, 0, 1, 2).unwrap(), [2, 3]);
        assert_eq!(take(&parts, 1, 0, 2).unwrap(), [4, 5]);
        assert_eq!(take(&parts, 0, 0, 3).unwrap(), [1, 2, 3]);
        parts.done(P1, 0, 3).unwrap();
    }

    #[test]
    fn patterns_name_party_and_part() {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("7-of-1"), "9").unwrap();
        let pattern = folder.path().join("{part}-of-{party}").display().to_string();
        let files = Inputs { parts: PartSource::Files(pattern), ..Inputs::default() };
        let parts = Parts::open(&files, &[P1], &program(0), AbortFlag::new()).unwrap();
        assert_eq!(take(&parts, 7, 0, 1).unwrap(), [9]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_numbers() {
        let folder = TempDir::new().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("Input-P1-W0", "4711 x");
        write("Input-P1-W1", "4711");
        write("Input-P1-W2", "47 11.5");
        std::fs::create_dir(folder.path().join("Input-P1-W3")).unwrap();
        let whole = parts(&folder, 0, false);
        let mixed = parts(&folder, 16, false);
        for (error, code, place, peers) in [
            (take(&whole, 0, 0, 1), "E0412", "W0:1:6: the private input is not", "no. 2 of part 0"),
            (
                take(&whole, 1, 1, 2),
                "E0411",
                "W1: the program takes at least 3 numbers of part 1",
                "too few",
            ),
            (take(&mixed, 2, 0, 2), "E0412", "W2:1:4: the private input is not an int", "no. 2 of"),
            (take(&whole, 3, 0, 1), "E0414", "not a regular file", "cannot be read"),
            (
                take(&whole, 4, 0, 1),
                "E0416",
                "W4: part 4 of the private inputs of P1",
                "is not here",
            ),
        ] {
            let error = error.unwrap_err();
            let (text, told) = (error.to_string(), error.for_peers());
            assert_eq!(error.code(), code);
            assert!(text.contains(place), "{text}");
            assert!(told.contains(peers) && !told.contains('/'), "{told}");
            assert!(!format!("{text}{told}{error:?}").contains("47"), "{error:?}");
        }
        take(&mixed, 2, 0, 1).unwrap();
        let error = mixed.done(P1, 2, 1).unwrap_err();
        assert_eq!(error.code(), "E0413");
        let generous = parts(&folder, 16, true);
        take(&generous, 2, 0, 1).unwrap();
        generous.done(P1, 2, 1).unwrap();
    }
}
