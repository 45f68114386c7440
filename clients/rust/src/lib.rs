//! A client of programs that Caucus runs: private inputs, private outputs, public values.
//!
//! A client has a connection with each party. It knows the parties by their certificates `P<i>.pem` and shows its
//! own, `C<id>.pem` with the key `C<id>.key`; `caucus certs client --index <id> --export FOLDER` puts them into a
//! folder.
//!
//! ```no_run
//! use caucus_client::{Client, Config};
//!
//! let mut client = Client::connect(&Config::local(0, "FOLDER", 3, 14000))?;
//! client.send_ints(&[1])?;
//! client.send_private(&[42])?;
//! println!("{:?}", client.receive_private(1)?);
//! client.close();
//! # Ok::<(), caucus_client::Error>(())
//! ```
//!
//! A private input is sent as its sum with a random mask that no party knows; what comes back is the sum of what the
//! parties send. So no party learns either. The sums are verified by random products that go along, where the program
//! asks for them (it does unless it sets `program.active`). The format is described in docs/clients.md.

mod error;
#[doc(hidden)]
pub mod fuzzing;
mod stream;
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::Error;
use stream::Stream;
use wire::Elements;

/// Where the parties are and who the client is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The number in the client's certificate.
    pub id: u32,
    /// The folder with `C<id>.pem`, `C<id>.key` and `P<i>.pem`.
    pub certs: PathBuf,
    /// Number, name and port of each party that the client connects to. Secrets need all parties.
    pub parties: Vec<(usize, String, u16)>,
    /// How long to wait for each answer, and for parties that do not listen yet.
    pub timeout: Duration,
}

impl Config {
    /// All parties on this machine, at ports in a row, with a timeout of 60 seconds.
    pub fn local(id: u32, certs: impl AsRef<Path>, n_parties: u16, port: u16) -> Self {
        let address = |party| (usize::from(party), "localhost".to_owned(), port + party);
        Self {
            id,
            certs: certs.as_ref().to_owned(),
            parties: (0..n_parties).map(address).collect(),
            timeout: Duration::from_secs(60),
        }
    }
}

/// Connections with all parties of a computation.
///
/// After an error the connections must not be used any more: a message may have been cut in the middle.
#[derive(Debug)]
pub struct Client {
    elements: Elements,
    streams: Vec<Stream>,
}

impl Client {
    /// Connects to all parties, and fails if one is not who it should be or refuses this client.
    pub fn connect(config: &Config) -> Result<Self, Error> {
        let mut streams = Vec::new();
        for (party, host, port) in &config.parties {
            streams.push(Stream::connect(config, *party, host, *port)?);
        }
        let mut known = None;
        for stream in &mut streams {
            let bits = wire::read_specification(stream)?;
            let first = *known.get_or_insert(bits);
            if first != bits {
                return Err(Error::Bits { party: stream.party(), found: bits, first });
            }
        }
        let bits = known.ok_or(Error::NoParties)?;
        Ok(Self { elements: Elements::new(bits), streams })
    }

    /// The bits of the ring that the program computes in.
    pub fn bits(&self) -> u32 {
        self.elements.bits()
    }

    /// The number of parties.
    pub fn n_parties(&self) -> usize {
        self.streams.len()
    }

    /// Says goodbye to all parties. Also done when the client is dropped.
    pub fn close(self) {}

    // Public values

    /// For `regint.read_from_socket`: the same integers to all parties.
    pub fn send_ints(&mut self, values: &[i64]) -> Result<(), Error> {
        let bytes = encode_ints(values);
        self.streams.iter_mut().try_for_each(|stream| stream.send(&bytes))
    }

    /// Integers to one party only.
    ///
    /// # Panics
    /// If there is no connection with this party.
    pub fn send_ints_to(&mut self, party: usize, values: &[i64]) -> Result<(), Error> {
        self.stream(party).send(&encode_ints(values))
    }

    /// For `cint.read_from_socket`: the same public numbers to all parties.
    pub fn send_public(&mut self, values: &[i128]) -> Result<(), Error> {
        let bytes = self.elements.encode(values.iter().map(|value| *value as u128));
        self.streams.iter_mut().try_for_each(|stream| stream.send(&bytes))
    }

    /// For `personal.read_int_from_socket`: numbers that one party may know.
    ///
    /// # Panics
    /// If there is no connection with this party.
    pub fn send_public_to(&mut self, party: usize, values: &[i128]) -> Result<(), Error> {
        let bytes = self.elements.encode(values.iter().map(|value| *value as u128));
        self.stream(party).send(&bytes)
    }

    /// Of `regint.write_to_socket`; fails unless all parties send the same.
    pub fn receive_ints(&mut self, count: usize) -> Result<Vec<i64>, Error> {
        let bytes = self.receive_same(8 * count)?;
        let words = bytes.chunks_exact(8);
        Ok(words.map(|word| i64::from_le_bytes(word.try_into().expect("8 bytes"))).collect())
    }

    /// Of `cint.write_to_socket`; fails unless all parties send the same.
    pub fn receive_public(&mut self, count: usize) -> Result<Vec<i128>, Error> {
        let bytes = self.receive_same(self.elements.width() * count)?;
        Ok(self.elements.decode(&bytes).map(|value| self.elements.signed(value)).collect())
    }

    fn stream(&mut self, party: usize) -> &mut Stream {
        let found = self.streams.iter_mut().find(|stream| stream.party() == party);
        found.unwrap_or_else(|| panic!("there is no connection with P{party}"))
    }

    fn receive_same(&mut self, n_bytes: usize) -> Result<Vec<u8>, Error> {
        let mut first: Option<Vec<u8>> = None;
        for stream in &mut self.streams {
            let frame = stream.receive(&[n_bytes])?;
            match &first {
                Some(first) if *first != frame => {
                    return Err(Error::PartiesDiffer { party: stream.party() });
                }
                _ => first = Some(frame),
            }
        }
        first.ok_or(Error::NoParties)
    }

    // Secrets

    /// Of `write_shares_to_socket`: numbers that nothing verifies.
    pub fn receive_shares(&mut self, count: usize) -> Result<Vec<i128>, Error> {
        let sums = self.sums(&[count])?;
        Ok(sums.into_iter().map(|value| self.elements.signed(value)).collect())
    }

    /// For `sint.receive_from_client`: integers that no party learns.
    pub fn send_private(&mut self, values: &[i128]) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        let masks = self.checked(values.len(), "masks")?;
        let masked =
            values.iter().zip(masks).map(|(value, mask)| (*value as u128).wrapping_add(mask));
        let bytes = self.elements.encode(masked);
        self.streams.iter_mut().try_for_each(|stream| stream.send(&bytes))
    }

    /// Of `sint.reveal_to_clients`: integers that no party learns.
    pub fn receive_private(&mut self, count: usize) -> Result<Vec<i128>, Error> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let values = self.checked(count, "results")?;
        Ok(values.into_iter().map(|value| self.elements.signed(value)).collect())
    }

    /// Values whose shares come alone or each with a random factor and the product, which must fit.
    fn checked(&mut self, count: usize, what: &'static str) -> Result<Vec<u128>, Error> {
        let sums = self.sums(&[3 * count, count])?;
        if sums.len() == count {
            return Ok(sums);
        }
        let fits =
            |triple: &[u128]| self.elements.reduce(triple[0].wrapping_mul(triple[1])) == triple[2];
        if !sums.chunks_exact(3).all(fits) {
            return Err(Error::WrongSum { what });
        }
        Ok(sums.chunks_exact(3).map(|triple| triple[0]).collect())
    }

    /// What the parties send, added up: one of these numbers of values, the same from each.
    fn sums(&mut self, counts: &[usize]) -> Result<Vec<u128>, Error> {
        let width = self.elements.width();
        let mut expected: Vec<usize> = counts.iter().map(|count| count * width).collect();
        let mut total: Vec<u128> = Vec::new();
        for stream in &mut self.streams {
            let frame = stream.receive(&expected)?;
            expected = vec![frame.len()];
            total.resize(frame.len() / width, 0);
            for (sum, value) in total.iter_mut().zip(self.elements.decode(&frame)) {
                *sum = self.elements.reduce(sum.wrapping_add(value));
            }
        }
        Ok(total)
    }
}

fn encode_ints(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Fractions as integers in units of 2^-`bits`, the form in which `sfix` has them.
pub fn to_fixed(values: &[f64], bits: u32) -> Vec<i128> {
    values.iter().map(|value| (value * 2f64.powi(bits as i32)).round_ties_even() as i128).collect()
}

/// The fractions of integers in units of 2^-`bits`.
pub fn from_fixed(values: &[i128], bits: u32) -> Vec<f64> {
    values.iter().map(|value| *value as f64 / 2f64.powi(bits as i32)).collect()
}
