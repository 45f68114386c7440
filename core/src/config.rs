//! Addresses of nodes and the file that lists them.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ids::PartyId;

/// The port of P0 where nothing else is said; each further party uses the next one.
pub const BASE_PORT: u16 = 5000;

/// The port at which P0 takes in workers where nothing else is said.
const WORKER_BASE_PORT: u16 = 6000;

/// The port on which a party listens where nothing else is said: 5000 + its number.
pub fn default_port(party: PartyId) -> u16 {
    BASE_PORT + u16::try_from(party.index()).expect("party numbers fit eight bits")
}

/// The port at which the main node of a party takes in workers where nothing else is said: 6000 + the party's number.
pub fn default_worker_port(party: PartyId) -> u16 {
    WORKER_BASE_PORT + u16::try_from(party.index()).expect("party numbers fit eight bits")
}

/// A host and a TCP port. Displays as `host:port`, with brackets around an IPv6 address.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct HostPort {
    host: String,
    port: u16,
}

impl HostPort {
    /// The address of a host that is known to be well formed, such as one that was parsed before.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port`.
    ///
    /// Fails with what is wrong if the text has another form.
    pub fn parse(text: &str, default_port: u16) -> Result<Self, InvalidAddress> {
        let refuse = |reason| InvalidAddress { text: text.to_owned(), reason };
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or(refuse("`]` is missing"))?;
                // A zone (`fe80::1%eth0`) is for the resolver to judge.
                let address = host.split('%').next().unwrap_or_default();
                if address.parse::<Ipv6Addr>().is_err() {
                    return Err(refuse("what stands in brackets is no IPv6 address"));
                }
                match (rest.is_empty(), rest.strip_prefix(':')) {
                    (true, _) => (host, None),
                    (false, Some(port)) => (host, Some(port)),
                    (false, None) => return Err(refuse("expected `:port` after `]`")),
                }
            }
            None => match text.split_once(':') {
                Some((_, rest)) if rest.contains(':') => {
                    return Err(refuse("write an IPv6 address in brackets, as in `[::1]:5000`"));
                }
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        if host.is_empty() {
            return Err(refuse("the host is missing"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:%".contains(c);
        if !host.chars().all(plain) {
            return Err(refuse("a host consists of letters, digits, `-`, `.` and `_`"));
        }
        let port = match port {
            None => default_port,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or(refuse("the port is not in 1..65535"))?,
            Some(_) => return Err(refuse("the port is not a number")),
        };
        Ok(Self { host: host.to_owned(), port })
    }

    /// The name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All addresses that the host has now. Blocks while a name is looked up.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<_> = (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A text that is not `host[:port]`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{text}` is not an address `host[:port]`: {reason}")]
pub struct InvalidAddress {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// A hosts file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the hosts file {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// A line is not `host[:port]`.
    #[error("{}:{line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: InvalidAddress,
    },
    /// The file names more parties than there can be, or too few or too many for this run.
    #[error(
        "{} lists {found} hosts where {expected} parties are expected: \
         write one `host[:port]` per line, P0 first",
        path.display()
    )]
    Count {
        /// The file.
        path: PathBuf,
        /// How many parties there are.
        expected: usize,
        /// How many hosts the file lists.
        found: usize,
    },
    /// Two parties have the same address.
    #[error(
        "{}:{line}: {address} is also the address of {party} (line {first_line})",
        path.display()
    )]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The later line, counted from 1.
        line: usize,
        /// The address that occurs twice.
        address: HostPort,
        /// The party that has the address already.
        party: PartyId,
        /// The line of that party, counted from 1.
        first_line: usize,
    },
}

/// The addresses of the parties, P0 first, from a file with one `host[:port]` per line.
///
/// `#` begins a comment; empty lines do not count. A line without a port means `base_port` + number
/// of the party. Fails with file and line if a line is malformed or repeats an address, and if the
/// number of hosts is not `n_parties`.
pub fn read_hosts(path: &Path, n_parties: usize, base_port: u16) -> Result<Vec<HostPort>, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    parse_hosts(path, &text, n_parties, base_port)
}

pub(crate) fn parse_hosts(
    path: &Path,
    text: &str,
    n_parties: usize,
    base_port: u16,
) -> Result<Vec<HostPort>, Error> {
    let mut hosts: Vec<(usize, HostPort)> = Vec::new();
    for (idx, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let line = idx + 1;
        let path = || path.to_owned();
        let number = u16::try_from(hosts.len()).unwrap_or(u16::MAX);
        let address = HostPort::parse(content, base_port.saturating_add(number))
            .map_err(|source| Error::Line { path: path(), line, source })?;
        if let Some(earlier) = hosts.iter().position(|(_, known)| *known == address) {
            // Further hosts than there can be parties end in `Count`.
            let party = PartyId::new(u8::try_from(earlier).unwrap_or(u8::MAX));
            let first_line = hosts[earlier].0;
            return Err(Error::Duplicate { path: path(), line, address, party, first_line });
        }
        hosts.push((line, address));
    }
    if hosts.len() != n_parties {
        let (path, found) = (path.to_owned(), hosts.len());
        return Err(Error::Count { path, expected: n_parties, found });
    }
    Ok(hosts.into_iter().map(|(_, address)| address).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_form_are_read() {
        for (text, host, port) in [
            ("localhost", "localhost", 7),
            ("a-b.example.org:15000", "a-b.example.org", 15000),
            ("10.0.0.1:1", "10.0.0.1", 1),
            ("[::1]", "::1", 7),
            ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
        ] {
            assert_eq!(HostPort::parse(text, 7).unwrap(), HostPort::new(host, port));
        }
        assert_eq!(HostPort::parse("[::1]:3", 7).unwrap().to_string(), "[::1]:3");
    }

    #[test]
    fn malformed_addresses_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "host is missing"),
            (":5000", "host is missing"),
            ("::1", "in brackets"),
            ("[::1", "`]` is missing"),
            ("[localhost]:1", "no IPv6"),
            ("[::1]5000", "after `]`"),
            ("a b", "consists of"),
            ("host:", "port is not in"),
            ("host:0", "port is not in"),
            ("host:65536", "port is not in"),
            ("host:+5", "not a number"),
        ] {
            let error = HostPort::parse(text, 7).unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_hosts_file_is_read_with_comments_and_default_ports() {
        let text = "# three\nalpha\n\n  beta:6000  # second\r\n[::1]\n";
        let hosts = parse_hosts(Path::new("HOSTS"), text, 3, 5000).unwrap();
        let expected =
            [HostPort::new("alpha", 5000), HostPort::new("beta", 6000), HostPort::new("::1", 5002)];
        assert_eq!(hosts, expected);
    }

    #[test]
    fn errors_of_a_hosts_file_name_file_and_line() {
        let parse = |text| parse_hosts(Path::new("HOSTS"), text, 2, 5000).unwrap_err().to_string();
        assert!(parse("a\n\nb:x\n").starts_with("HOSTS:3: `b:x` is not an address"));
        assert!(parse("a:1\na:1\n").contains("HOSTS:2: a:1 is also the address of P0 (line 1)"));
        assert!(parse("a\nb\nc\n").contains("lists 3 hosts where 2 parties"));
        let missing = read_hosts(Path::new("/nonexistent/HOSTS"), 2, 5000).unwrap_err();
        assert!(missing.to_string().contains("/nonexistent/HOSTS"));
    }
}
