//! What all parties must have the same before they compute.

use serde::{Deserialize, Serialize};

use caucus_core::ids::{NodeId, PartyId, Role};
use caucus_core::random::Seed;
use caucus_core::wire;

use crate::checkpoint::Checkpointing;

/// The longest encoding of a proposal that is read from a peer.
pub(crate) const MAX_BYTES: usize = 4096;
/// Names of programs are cut to this many characters: the hash tells them apart.
const MAX_NAME: usize = 256;

/// One party's idea of the computation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Proposal {
    /// Version of Caucus.
    version: String,
    /// Version of the bytecode's format.
    bytecode: u32,
    /// Name of the protocol.
    protocol: String,
    /// Length of the ring.
    ring_bits: u32,
    /// Number of parties.
    n_parties: u32,
    /// Main node, or which worker.
    role: Role,
    /// Name of the program with its arguments.
    program: String,
    /// SHA-256 of the program.
    hash: [u8; 32],
    /// Threads that the program runs at the same time.
    threads: u32,
    /// Workers that each party expects; none if main nodes compute all by themselves.
    workers: Option<u32>,
    /// SHA-256 of the file of public inputs, if the program takes any.
    public_inputs: Option<[u8; 32]>,
    /// What all randomness is drawn from, in tests.
    pub(crate) insecure_seed: Option<u64>,
    /// Whether checkpoints are kept, and how the run begins.
    checkpoints: Checkpointing,
    /// Random, so that no two runs have the same name.
    nonce: [u8; 32],
}

/// The first thing in which another party differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    /// What it is.
    pub(crate) what: &'static str,
    /// How it is here.
    pub(crate) ours: String,
    /// How it is there.
    pub(crate) theirs: String,
}

impl Proposal {
    /// What this node is about to do.
    pub(crate) fn new(
        me: NodeId,
        n_parties: usize,
        protocol: &str,
        program: &caucus_bytecode::Program,
        workers: Option<usize>,
        public_inputs: Option<[u8; 32]>,
        checkpoints: Checkpointing,
    ) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            bytecode: caucus_bytecode::program::VERSION,
            protocol: protocol.to_owned(),
            ring_bits: program.ring_bits,
            n_parties: u32::try_from(n_parties).unwrap_or(u32::MAX),
            role: me.role,
            program: program.name.chars().take(MAX_NAME).collect(),
            hash: program.hash(),
            threads: u32::try_from(program.max_threads()).unwrap_or(u32::MAX),
            workers: workers.map(|it| u32::try_from(it).unwrap_or(u32::MAX)),
            public_inputs,
            insecure_seed: None,
            checkpoints,
            nonce: *Seed::generate().as_bytes(),
        }
    }

    /// The encoding that goes to the others.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        wire::to_bytes(self)
    }

    /// Reads the encoding of another party.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, wire::WireError> {
        wire::from_bytes(bytes, MAX_BYTES)
    }

    /// The first thing in which `other` differs, the root of later ones first.
    pub(crate) fn difference(&self, other: &Self) -> Option<Difference> {
        // The nonces always differ.
        let workers = |it: &Option<u32>| it.map_or("none".to_owned(), |it| it.to_string());
        let seed = |it: &Option<u64>| it.map_or("none".to_owned(), |it| it.to_string());
        let fields: [(&'static str, String, String); 10] = [
            ("version of Caucus", self.version.clone(), other.version.clone()),
            ("format of the bytecode", self.bytecode.to_string(), other.bytecode.to_string()),
            ("protocol", self.protocol.clone(), other.protocol.clone()),
            ("length of the ring in bits", self.ring_bits.to_string(), other.ring_bits.to_string()),
            ("number of parties", self.n_parties.to_string(), other.n_parties.to_string()),
            ("role", role(self.role), role(other.role)),
            ("number of workers", workers(&self.workers), workers(&other.workers)),
            (
                "option for checkpoints",
                self.checkpoints.option().to_owned(),
                other.checkpoints.option().to_owned(),
            ),
            ("program with its arguments", self.program.clone(), other.program.clone()),
            ("insecure seed", seed(&self.insecure_seed), seed(&other.insecure_seed)),
        ];
        let named = fields.into_iter().find(|(_, ours, theirs)| ours != theirs);
        let named = named.map(|(what, ours, theirs)| Difference { what, ours, theirs });
        // The threads are part of the program, so its hash says it all.
        named
            .or_else(|| {
                (self.hash != other.hash || self.threads != other.threads).then(|| Difference {
                    what: "compiled program (SHA-256)",
                    ours: short_hash(&self.hash),
                    theirs: short_hash(&other.hash),
                })
            })
            .or_else(|| {
                (self.public_inputs != other.public_inputs).then(|| Difference {
                    what: "public inputs (SHA-256 of the file)",
                    ours: self.public_inputs.as_ref().map_or("none".into(), short_hash),
                    theirs: other.public_inputs.as_ref().map_or("none".into(), short_hash),
                })
            })
    }

    /// Compares the encodings of all other parties.
    ///
    /// Gives the first party that differs, with what differs.
    pub(crate) fn compare(
        &self,
        others: &[(PartyId, &Vec<u8>)],
    ) -> Result<(), (PartyId, Difference)> {
        for (party, bytes) in others {
            let difference = match Self::from_bytes(bytes) {
                Ok(theirs) => self.difference(&theirs),
                Err(error) => Some(Difference {
                    what: "form of the proposal",
                    ours: format!("that of version {}", self.version),
                    theirs: format!("unreadable: {error}"),
                }),
            };
            if let Some(difference) = difference {
                return Err((*party, difference));
            }
        }
        Ok(())
    }
}

fn role(role: Role) -> String {
    match role {
        Role::Main => "main".to_owned(),
        Role::Worker(worker) => format!("worker {worker}"),
    }
}

/// Enough of a hash to tell two programs apart by eye.
fn short_hash(hash: &[u8; 32]) -> String {
    crate::report::hex(&hash[..8])
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::Program;

    use super::*;

    fn proposal() -> Proposal {
        let program = Program { name: "tutorial-7".into(), ring_bits: 64, ..Program::default() };
        let (me, checkpoints) = (NodeId::main(PartyId::new(0)), Checkpointing::Off);
        Proposal::new(me, 3, "ring", &program, Some(4), Some([7; 32]), checkpoints)
    }

    #[test]
    fn equal_proposals_agree() {
        let ours = proposal();
        assert_eq!(Proposal::from_bytes(&ours.to_bytes()).unwrap(), ours);
        assert_eq!(ours.compare(&[(PartyId::new(1), &ours.to_bytes())]), Ok(()));
    }

    #[test]
    fn every_field_makes_a_difference() {
        type Change = fn(&mut Proposal);
        let changes: [(&str, Change); 12] = [
            ("version", |it| it.version = "0.0.0".into()),
            ("bytecode", |it| it.bytecode += 1),
            ("protocol", |it| it.protocol = "emulate".into()),
            ("ring", |it| it.ring_bits = 72),
            ("number of parties", |it| it.n_parties = 4),
            ("role", |it| it.role = Role::Worker(caucus_core::ids::WorkerId::new(2))),
            ("program", |it| it.program = "tutorial-8".into()),
            ("SHA-256", |it| it.hash[0] ^= 1),
            ("program", |it| it.threads += 1),
            ("public inputs", |it| it.public_inputs = None),
            ("insecure seed", |it| it.insecure_seed = Some(1)),
            ("checkpoints", |it| it.checkpoints = Checkpointing::Resume),
        ];
        for (name, change) in changes {
            let mut theirs = proposal();
            change(&mut theirs);
            let (party, difference) =
                proposal().compare(&[(PartyId::new(2), &theirs.to_bytes())]).unwrap_err();
            assert_eq!(party, PartyId::new(2));
            assert!(difference.what.contains(name), "{name}: {difference:?}");
        }
    }

    #[test]
    fn the_cause_comes_before_its_consequences() {
        let mut theirs = proposal();
        theirs.ring_bits = 128;
        theirs.hash = [7; 32];
        let difference = proposal().difference(&theirs).unwrap();
        assert_eq!((difference.ours.as_str(), difference.theirs.as_str()), ("64", "128"));
    }

    #[test]
    fn an_unreadable_proposal_is_a_difference() {
        let mut bytes = proposal().to_bytes();
        bytes.push(0);
        let (_, difference) = proposal().compare(&[(PartyId::new(1), &bytes)]).unwrap_err();
        assert!(difference.theirs.contains("unreadable"), "{difference:?}");
    }
}
