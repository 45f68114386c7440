//! Whom a certificate names, in the two forms that stand in it.

use std::fmt;
use std::str::FromStr;

use crate::ids::{NodeId, PartyId, Role, WorkerId};

/// Whom a certificate was issued for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// A node of a party.
    Node(NodeId),
    /// An external client, by number.
    Client(u32),
}

impl Subject {
    /// The URI under which this subject stands in a certificate of the deployment.
    pub fn uri(&self, deployment: &str) -> String {
        match self {
            Self::Node(NodeId { party, role: Role::Main }) => {
                format!("caucus://{deployment}/party/{}/main", party.index())
            }
            Self::Node(NodeId { party, role: Role::Worker(worker) }) => {
                format!("caucus://{deployment}/party/{}/worker/{worker}", party.index())
            }
            Self::Client(number) => format!("caucus://{deployment}/client/{number}"),
        }
    }

    /// The DNS name under which stock TLS verification finds this subject in its certificate.
    pub fn dns_name(&self, deployment: &str) -> String {
        match self {
            Self::Node(NodeId { party, role: Role::Main }) => {
                format!("p{}.{deployment}", party.index())
            }
            Self::Node(NodeId { party, role: Role::Worker(worker) }) => {
                format!("w{worker}.p{}.{deployment}", party.index())
            }
            Self::Client(number) => format!("c{number}.{deployment}"),
        }
    }

    /// The name under which clients of other makes know main nodes (`P1`), and these the clients (`C3`).
    pub fn short_name(&self) -> Option<String> {
        match self {
            Self::Node(NodeId { party, role: Role::Main }) => Some(format!("P{}", party.index())),
            Self::Node(NodeId { role: Role::Worker(_), .. }) => None,
            Self::Client(number) => Some(format!("C{number}")),
        }
    }

    /// The deployment and the subject that a URI names; `None` if it is not one of ours.
    ///
    /// Exactly one text is taken for each subject: no sign, leading zero or empty part.
    pub fn from_uri(uri: &str) -> Option<(&str, Self)> {
        let (deployment, path) = uri.strip_prefix("caucus://")?.split_once('/')?;
        if !is_deployment_name(deployment) {
            return None;
        }
        let parts: Vec<&str> = path.split('/').collect();
        let party = |text| Some(PartyId::new(number(text)?));
        let subject = match parts.as_slice() {
            ["party", i, "main"] => Self::Node(NodeId::main(party(i)?)),
            ["party", i, "worker", k] => {
                Self::Node(NodeId::worker(party(i)?, WorkerId::new(number(k)?)))
            }
            ["client", j] => Self::Client(number(j)?),
            _ => return None,
        };
        Some((deployment, subject))
    }

    /// The authority that alone may vouch for this subject.
    pub fn authority(&self) -> AuthorityId {
        match self {
            Self::Node(node) => AuthorityId::Party(node.party),
            Self::Client(_) => AuthorityId::Clients,
        }
    }

    /// The command that makes this subject's certificate.
    pub fn remedy(&self) -> String {
        match self {
            Self::Node(NodeId { party, role: Role::Main }) => match party.index() {
                // The command makes three parties where nothing else is said.
                ..3 => "caucus certs init".to_owned(),
                idx => format!("caucus certs init --parties {}", idx + 1),
            },
            Self::Node(NodeId { party, role: Role::Worker(worker) }) => {
                format!("caucus certs worker --party {} --index {worker}", party.index())
            }
            Self::Client(number) => format!("caucus certs client --index {number}"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(NodeId { party, role: Role::Main }) => {
                write!(f, "the main node of {party}")
            }
            Self::Node(NodeId { party, role: Role::Worker(worker) }) => {
                write!(f, "worker {worker} of {party}")
            }
            Self::Client(number) => write!(f, "external client {number}"),
        }
    }
}

/// Who signs certificates: each party for its own nodes, and one authority for external clients.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AuthorityId {
    /// The authority of a party.
    Party(PartyId),
    /// The authority of the external clients.
    Clients,
}

impl AuthorityId {
    /// The name that stands in the certificate as its common name.
    pub fn common_name(&self) -> String {
        match self {
            Self::Party(party) => format!("Caucus {party} authority"),
            Self::Clients => "Caucus client authority".to_owned(),
        }
    }

    /// The command that makes this authority, on the machine that it belongs to.
    pub fn remedy(&self, deployment: &str) -> String {
        match self {
            Self::Party(party) => {
                format!("caucus certs init --party {} --deployment {deployment}", party.index())
            }
            Self::Clients => "caucus certs client --index 0".to_owned(),
        }
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Party(party) => write!(f, "{party}'s authority"),
            Self::Clients => f.write_str("the client authority"),
        }
    }
}

/// Whether the name can stand in URIs and DNS names: 1 to 40 of `a-z 0-9 -`, no `-` at either end.
pub(super) fn is_deployment_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn number<T: FromStr>(digits: &str) -> Option<T> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits == "0" || !digits.starts_with('0');
    if plain && canonical { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uri_of_a_subject_is_read_back() {
        let worker = NodeId::worker(PartyId::new(1), WorkerId::new(3));
        for subject in [
            Subject::Node(NodeId::main(PartyId::new(0))),
            Subject::Node(worker),
            Subject::Client(u32::MAX),
        ] {
            let uri = subject.uri("caucus-0a1b2c3d");
            assert_eq!(Subject::from_uri(&uri), Some(("caucus-0a1b2c3d", subject)));
        }
        let uri = Subject::Node(worker).uri("d");
        assert_eq!(uri, "caucus://d/party/1/worker/3");
        assert_eq!(Subject::Node(worker).dns_name("d"), "w3.p1.d");
    }

    #[test]
    fn a_uri_of_any_other_form_names_nobody() {
        for uri in [
            "",
            "caucus://",
            "caucus://d",
            "caucus:///party/0/main",
            "http://d/party/0/main",
            "caucus://d/party/0/main/",
            "caucus://d/party/00/main",
            "caucus://d/party/+1/main",
            "caucus://d/party/256/main",
            "caucus://d/party/1/worker/",
            "caucus://d/party/1/worker/4294967296",
            "caucus://D/party/0/main",
            "caucus://d/client/-1",
            "caucus://-d/client/1",
        ] {
            assert_eq!(Subject::from_uri(uri), None, "{uri:?} was taken");
        }
    }
}
