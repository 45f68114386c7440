//! What can be wrong with a part of the private inputs.

use std::io;
use std::path::Path;

use caucus_core::ids::PartyId;

use crate::download::DownloadFault;

/// A part of the private inputs that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}{fault}", fault = told(fault, *player, *part))]
pub struct PartError {
    /// Whose inputs.
    pub player: PartyId,
    /// Number of the part.
    pub part: u64,
    /// The file, or the address without its query.
    pub place: String,
    /// What is wrong.
    pub fault: PartFault,
}

/// What is wrong with a part.
#[derive(Debug)]
pub enum PartFault {
    /// There is no file.
    Missing,
    /// The manifest does not list it.
    NotListed,
    /// The file cannot be read.
    Unreadable(io::Error),
    /// It cannot be downloaded.
    Download(DownloadFault),
    /// It was being downloaded when something else ended the run, or this node's part in it.
    Interrupted(String),
    /// A token is no number: which one it would be, its line and column, and what is wrong with it.
    Malformed(usize, usize, usize, &'static str),
    /// A chunk takes at least the first number of values, there is the second.
    TooFew(u64, u64),
    /// A chunk takes the first number of values, there is the second.
    TooMany(u64, u64),
    /// The manifest says the first number of values, there is the second.
    Count(u64, u64),
}

/// What follows the place in a message.
fn told(fault: &PartFault, player: PartyId, part: u64) -> String {
    let which = format!("part {part} of the private inputs of {player}");
    match fault {
        PartFault::Missing => format!(": {which} is not here: there is no such file"),
        PartFault::NotListed => format!(": {which} is not here: the manifest does not list it"),
        PartFault::Unreadable(error) => format!(": cannot read {which}: {error}"),
        PartFault::Download(fault) => format!(": cannot fetch {which}: {fault}"),
        PartFault::Interrupted(cause) => format!(": {which} is not fetched any more: {cause}"),
        PartFault::Malformed(_, line, column, what) => {
            format!(":{line}:{column}: the private input {what}")
        }
        PartFault::TooFew(expected, found) => {
            format!(": the program takes at least {expected} numbers of {which}, there are {found}")
        }
        PartFault::TooMany(expected, found) => {
            format!(": the program takes {expected} numbers of {which}, there are {found}")
        }
        PartFault::Count(expected, found) => {
            format!(": {which} should have {expected} numbers by its manifest, there are {found}")
        }
    }
}

impl PartError {
    /// Whether another node may have the part.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.fault, PartFault::Missing | PartFault::NotListed)
    }

    /// What ended the run, if that is why the part is not there.
    pub(crate) fn interrupted(&self) -> Option<&str> {
        match &self.fault {
            PartFault::Interrupted(cause) => Some(cause),
            _ => None,
        }
    }

    /// The code by which the documentation explains it.
    pub(in crate::inputs) fn code(&self) -> &'static str {
        match self.fault {
            PartFault::Missing | PartFault::NotListed => "E0416",
            PartFault::Unreadable(_) => "E0414",
            PartFault::Download(_) | PartFault::Interrupted(_) => "E0418",
            PartFault::Malformed(..) => "E0412",
            PartFault::TooFew(..) => "E0411",
            PartFault::TooMany(..) => "E0413",
            PartFault::Count(..) => "E0417",
        }
    }

    pub(in crate::inputs) fn remedy(&self) -> &'static str {
        match self.fault {
            PartFault::Missing => {
                "let a node of the party have this file, and say with --input-parts how it is named"
            }
            PartFault::NotListed => "list it in the manifest of a node of the party",
            PartFault::Unreadable(_) => "let the user who runs this node read it",
            PartFault::Interrupted(_) => "look for what ended the run",
            PartFault::Download(_) => "compare the manifest with what lies at the server",
            PartFault::Malformed(..) => {
                "write a number there; sfix takes decimal fractions, sint integers only"
            }
            PartFault::TooFew(..) => "the file needs as many numbers as its chunk takes",
            PartFault::TooMany(..) => "remove what is not used, or run with --allow-extra-inputs",
            PartFault::Count(..) => "mend the number in the manifest, or the file",
        }
    }

    /// What other parties may know: of the place only its name, and nothing that depends on the numbers.
    pub(crate) fn for_peers(&self) -> String {
        let name = Path::new(&self.place).file_name();
        let name = name.map(|name| format!(" ({})", name.display())).unwrap_or_default();
        let which = format!("part {} of the private inputs of {}{name}", self.part, self.player);
        match &self.fault {
            PartFault::Missing | PartFault::NotListed => format!("{which} is not here"),
            PartFault::Unreadable(_) => format!("{which} cannot be read"),
            PartFault::Download(fault) => {
                format!("{which} cannot be fetched: {}", fault.for_peers())
            }
            PartFault::Interrupted(_) => format!("{which} is not fetched any more"),
            PartFault::Malformed(number, _, _, what) => format!("no. {number} of {which} {what}"),
            PartFault::TooFew(expected, _) => {
                format!("{which} has too few numbers: at least {expected} are taken")
            }
            PartFault::TooMany(expected, _) => {
                format!("{which} has too many numbers: {expected} are taken")
            }
            PartFault::Count(..) => format!("{which} has another length than its manifest says"),
        }
    }
}
