//! Files of this party that lie behind HTTPS: fetched whole, with a known length and digest, or not at all.
//!
//! This folder knows nothing of programs, parties and numbers. Addresses are shown without their query, which may have
//! a token in it.

pub(crate) mod address;
mod client;
mod error;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use address::{Address, Host};
pub(crate) use client::Client;
pub(crate) use error::DownloadError;
pub use error::DownloadFault;

/// What downloads may do, and how long they may take.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// The only hosts that are asked, also after redirects.
    pub(crate) hosts: Vec<Host>,
    /// File with the authorities that are believed, in PEM form.
    pub(crate) authorities: PathBuf,
    /// How long connecting may take.
    pub(crate) connect_timeout: Duration,
    /// How long one file may take, with all that is tried again.
    pub(crate) timeout: Duration,
    /// How often a file is tried again after a failure that may pass.
    pub(crate) retries: u32,
}

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where it is.
    pub(crate) address: Address,
    /// Its length in bytes.
    pub(crate) bytes: usize,
    /// Its SHA-256.
    pub(crate) digest: [u8; 32],
}
