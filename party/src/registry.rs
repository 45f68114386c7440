//! Protocols by name: the one place where a name becomes a type.
//!
//! A protocol is known to users by one row of [`ROWS`]; parsing, help texts and the choice of the type all come from
//! it. From `dispatch` on everything is monomorphic.

use std::fmt;

use caucus_core::algebra::{Exact, Z64, Z72, Z128};
use caucus_protocols::{Emulate, Protocol, Replicated};

/// Everything users and the machine need to know of one protocol.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The name that users type.
    pub name: &'static str,
    /// Other spellings that are accepted.
    pub aliases: &'static [&'static str],
    /// How many parties it takes.
    pub parties: Parties,
    /// What it computes in.
    pub domain: Domain,
    /// What it protects against, in a few words.
    pub adversary: &'static str,
    /// Whether it can be used.
    pub status: Status,
    scheme: Scheme,
}

/// How many parties a protocol takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parties {
    /// One process plays as many as the user likes.
    Simulated,
    /// Exactly this number.
    Exactly(usize),
    /// This number or more.
    AtLeast(usize),
}

/// What a protocol computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Integers modulo a power of two.
    Ring,
    /// Integers modulo a prime.
    Field,
    /// Bits.
    Bits,
}

/// Whether a protocol can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works with these numbers of bits.
    Available {
        /// Lengths of the ring.
        ring_bits: &'static [u32],
    },
    /// The name is reserved, but this version cannot run it.
    Planned,
}

/// The family of types behind a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Emulate,
    Check,
    Replicated,
    None,
}

const RINGS: Status = Status::Available { ring_bits: &[64, 72, 128] };

/// A row of a protocol that this version knows by name only.
const fn planned(
    name: &'static str,
    aliases: &'static [&'static str],
    parties: Parties,
    domain: Domain,
    adversary: &'static str,
) -> Row {
    Row { name, aliases, parties, domain, adversary, status: Status::Planned, scheme: Scheme::None }
}

use Domain::{Bits, Field, Ring};
use Parties::{AtLeast, Exactly};

/// All protocols; those that work come first.
pub static ROWS: &[Row] = &[
    Row {
        name: "emulate",
        aliases: &["emulator", "emulation"],
        parties: Parties::Simulated,
        domain: Ring,
        adversary: "none: everything is in the clear in one process, for tests",
        status: RINGS,
        scheme: Scheme::Emulate,
    },
    Row {
        name: "check",
        aliases: &[],
        parties: Parties::Simulated,
        domain: Ring,
        adversary: "none: like emulate, and stops at overflow and other mistakes",
        // Another ring would cost every build of this crate a copy of the machine.
        status: Status::Available { ring_bits: &[64, 128] },
        scheme: Scheme::Check,
    },
    Row {
        name: "ring",
        aliases: &["rep-ring", "rep3-ring", "replicated-ring", "replicated-ring-party.x"],
        parties: Exactly(3),
        domain: Ring,
        adversary: "semi-honest, at most one of three",
        status: RINGS,
        scheme: Scheme::Replicated,
    },
    planned("rep-field", &["replicated-field"], Exactly(3), Field, "semi-honest, one of three"),
    planned("mal-rep-ring", &["malicious-rep-ring"], Exactly(3), Ring, "malicious, one of three"),
    planned(
        "mal-rep-field",
        &["malicious-rep-field"],
        Exactly(3),
        Field,
        "malicious, one of three",
    ),
    planned("ps-rep-ring", &[], Exactly(3), Ring, "malicious, one of three"),
    planned("ps-rep-field", &[], Exactly(3), Field, "malicious, one of three"),
    planned("sy-rep-ring", &[], Exactly(3), Ring, "malicious, one of three"),
    planned("sy-rep-field", &[], Exactly(3), Field, "malicious, one of three"),
    planned("rep4-ring", &[], Exactly(4), Ring, "malicious, one of four"),
    planned("shamir", &[], AtLeast(3), Field, "semi-honest, a minority"),
    planned("mal-shamir", &["malicious-shamir"], AtLeast(3), Field, "malicious, a minority"),
    planned("sy-shamir", &[], AtLeast(3), Field, "malicious, a minority"),
    planned("atlas", &[], AtLeast(3), Field, "semi-honest, a minority"),
    planned("semi", &[], AtLeast(2), Field, "semi-honest, all but one"),
    planned("semi2k", &[], AtLeast(2), Ring, "semi-honest, all but one"),
    planned("hemi", &[], AtLeast(2), Field, "semi-honest, all but one"),
    planned("spdz2k", &[], AtLeast(2), Ring, "malicious, all but one"),
    planned("mascot", &[], AtLeast(2), Field, "malicious, all but one"),
    planned("replicated-bin", &["rep-bin"], Exactly(3), Bits, "semi-honest, one of three"),
];

/// A name that is no protocol, or one that this version cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProtocol {
    /// What the user typed.
    pub name: String,
    /// The protocols that work.
    pub known: Vec<&'static str>,
    /// The protocol that may have been meant.
    pub suggestion: Option<&'static str>,
    /// Whether the name is a protocol that this version cannot run.
    pub planned: bool,
}

impl fmt::Display for UnknownProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.planned {
            write!(f, "the protocol `{}` is not available in this version", self.name)?;
        } else {
            write!(f, "there is no protocol `{}`", self.name)?;
        }
        write!(f, "; available: {}", self.known.join(", "))?;
        if let Some(suggestion) = self.suggestion {
            write!(f, "; did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownProtocol {}

/// The names of all protocols that work.
pub fn available() -> impl Iterator<Item = &'static str> {
    let works = |row: &&Row| matches!(row.status, Status::Available { .. });
    ROWS.iter().filter(works).map(|row| row.name)
}

/// The row of a protocol that works.
///
/// # Errors
/// The name is unknown, or known but not available.
pub fn lookup(name: &str) -> Result<&'static Row, UnknownProtocol> {
    let found = ROWS.iter().find(|row| row.name == name || row.aliases.contains(&name));
    let planned = match found {
        Some(row @ Row { status: Status::Available { .. }, .. }) => return Ok(row),
        Some(_) => true,
        None => false,
    };
    let suggestion = if planned { None } else { closest(name) };
    Err(UnknownProtocol {
        name: name.to_owned(),
        known: available().collect(),
        suggestion,
        planned,
    })
}

impl Row {
    /// How many processes run one computation where the user gives no number of parties.
    pub fn processes(&self) -> usize {
        match self.parties {
            Parties::Simulated => 1,
            Parties::Exactly(n) | Parties::AtLeast(n) => n,
        }
    }

    /// Whether it runs with this number of parties. Numbers of parties fit eight bits.
    pub fn accepts_parties(&self, n_parties: usize) -> bool {
        let fits = match self.parties {
            Parties::Simulated => n_parties >= 1,
            Parties::Exactly(n) => n_parties == n,
            Parties::AtLeast(n) => n_parties >= n,
        };
        fits && n_parties <= 256
    }

    /// The lengths of rings that it works with; none if it is not available.
    pub fn ring_bits(&self) -> &'static [u32] {
        match self.status {
            Status::Available { ring_bits } => ring_bits,
            Status::Planned => &[],
        }
    }

    /// Whether a run stops where the program leaves what it promises.
    pub fn is_checked(&self) -> bool {
        self.scheme == Scheme::Check
    }

    /// How many of so many parties may work together without learning secrets; where one process plays all, as in most
    /// protocols.
    pub fn threshold(&self, n_parties: usize) -> usize {
        match self.scheme {
            Scheme::Emulate | Scheme::Check | Scheme::Replicated | Scheme::None => {
                n_parties.saturating_sub(1) / 2
            }
        }
    }

    /// Whether one process plays all parties, without a network.
    pub fn is_simulated(&self) -> bool {
        self.parties == Parties::Simulated
    }
}

impl fmt::Display for Parties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.write_str("any number of parties"),
            Self::Exactly(n) => write!(f, "{n} parties"),
            Self::AtLeast(n) => write!(f, "at least {n} parties"),
        }
    }
}

/// What is to be done once the type is known.
pub(crate) trait WithProtocol {
    /// What it gives.
    type Output;
    /// Does it.
    fn call<P: Protocol + 'static>(self) -> Self::Output;
}

/// Picks the type and hands over to it; none if there is no such combination.
pub(crate) fn dispatch<W: WithProtocol>(row: &Row, ring_bits: u32, then: W) -> Option<W::Output> {
    let res = match (row.scheme, ring_bits) {
        (Scheme::Emulate, 64) => then.call::<Emulate<Z64>>(),
        (Scheme::Emulate, 72) => then.call::<Emulate<Z72>>(),
        (Scheme::Emulate, 128) => then.call::<Emulate<Z128>>(),
        (Scheme::Check, 64) => then.call::<Emulate<Exact<Z64>>>(),
        (Scheme::Check, 128) => then.call::<Emulate<Exact<Z128>>>(),
        (Scheme::Replicated, 64) => then.call::<Replicated<Z64>>(),
        (Scheme::Replicated, 72) => then.call::<Replicated<Z72>>(),
        (Scheme::Replicated, 128) => then.call::<Replicated<Z128>>(),
        (Scheme::Emulate | Scheme::Check | Scheme::Replicated | Scheme::None, _) => return None,
    };
    Some(res)
}

/// A name or alias that differs little from what was typed; those that work are preferred.
fn closest(name: &str) -> Option<&'static str> {
    let spellings =
        ROWS.iter().filter(|row| matches!(row.status, Status::Available { .. })).flat_map(|row| {
            std::iter::once(&row.name).chain(row.aliases).map(|spelling| (*spelling, row.name))
        });
    let near = spellings.map(|(spelling, row)| (edits(name, spelling), row));
    near.filter(|(edits, row)| *edits <= 2 && *edits < row.len()).min().map(|(_, row)| row)
}

/// How many single-letter changes make one word of the other.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    struct Name;

    impl WithProtocol for Name {
        type Output = &'static str;
        fn call<P: Protocol + 'static>(self) -> &'static str {
            P::NAME
        }
    }

    #[test]
    fn every_spelling_names_one_row() {
        let spellings: Vec<_> =
            ROWS.iter().flat_map(|row| std::iter::once(&row.name).chain(row.aliases)).collect();
        let distinct: HashSet<_> = spellings.iter().collect();
        assert_eq!(distinct.len(), spellings.len());
    }

    #[test]
    fn names_and_aliases_are_found() {
        for name in ["ring", "rep-ring", "replicated-ring"] {
            assert_eq!(lookup(name).unwrap().name, "ring");
        }
        assert_eq!(lookup("emulate").unwrap().processes(), 1);
    }

    #[test]
    fn every_available_combination_has_a_type() {
        for row in ROWS {
            for bits in row.ring_bits() {
                assert!(dispatch(row, *bits, Name).is_some(), "{} {bits}", row.name);
            }
        }
        assert_eq!(dispatch(lookup("ring").unwrap(), 63, Name), None);
    }

    #[test]
    fn a_misspelled_name_gets_a_suggestion() {
        let error = lookup("rign").unwrap_err();
        assert_eq!(error.suggestion, Some("ring"));
        assert!(error.to_string().contains("available: emulate, check, ring"), "{error}");
        assert_eq!(lookup("zzzzzz").unwrap_err().suggestion, None);
    }

    #[test]
    fn a_planned_protocol_says_what_works() {
        let error = lookup("mascot").unwrap_err();
        assert!(error.planned);
        assert_eq!(
            error.to_string(),
            "the protocol `mascot` is not available in this version; available: emulate, check, ring"
        );
    }

    #[test]
    fn the_number_of_parties_is_judged_by_the_row() {
        let ring = lookup("ring").unwrap();
        assert!(ring.accepts_parties(3) && !ring.accepts_parties(2) && !ring.accepts_parties(4));
        assert!(!lookup("emulate").unwrap().accepts_parties(0));
    }
}
