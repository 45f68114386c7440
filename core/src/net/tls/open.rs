//! Opening the records that come from the socket, where possible straight into the buffer that wants them.

use std::io;

use aws_lc_rs::aead::Aad;
use rustls::{AlertDescription, Error, InvalidMessage};

use super::secrets::DirectionKey;
use super::{
    ALERT, APPLICATION_DATA, HANDSHAKE, HEADER_BYTES, KEY_UPDATE, MAX_CONTENT_BYTES, TAG_BYTES,
    TYPE_BYTES,
};

/// Bytes read from the socket at a time: eight of the longest records and some of the next.
const RAW_BYTES: usize = 136 << 10;
/// The longest record, without its header, that a peer may send (RFC 8446, section 5.2).
const MAX_RECORD_BYTES: usize = MAX_CONTENT_BYTES + 256;
/// How many records without content may come in a row: they cost work and bring nothing.
const MAX_EMPTY: u32 = 32;

/// What came in a record.
enum Content {
    /// So many bytes of data, which were opened into the caller's buffer.
    Data(usize),
    /// Data that is in `plain` now, or none at all.
    Kept,
    /// The peer said goodbye.
    Goodbye,
    /// The peer changes its key, and may want this end to do so, too.
    KeyUpdate { update_asked: bool },
}

/// What a read brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::net) enum Taken {
    /// So many bytes; 0 if the socket has no more for now.
    Bytes(usize),
    /// The peer said goodbye: nothing follows.
    Goodbye,
    /// The connection ended without a goodbye.
    Eof,
}

/// Why reading ends for good.
#[derive(Debug)]
pub(in crate::net) enum Failure {
    Io(io::Error),
    Tls(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Tls(error)
    }
}

/// The receiving half of a connection.
pub(super) struct Opener {
    key: DirectionKey,
    raw: Box<[u8]>,
    /// What came from the socket and is not opened yet.
    start: usize,
    end: usize,
    /// Opened content in `raw` that nobody has taken yet: before `start`.
    plain_start: usize,
    plain_end: usize,
    n_empty: u32,
    goodbye: bool,
    /// Why nothing is opened any more: what follows a record that was changed must not be believed.
    failed: Option<Error>,
}

impl Opener {
    pub(super) fn new(key: DirectionKey) -> Self {
        let raw = vec![0; RAW_BYTES].into_boxed_slice();
        let [start, end, plain_start, plain_end] = [0; 4];
        Self {
            key,
            raw,
            start,
            end,
            plain_start,
            plain_end,
            n_empty: 0,
            goodbye: false,
            failed: None,
        }
    }

    /// Whether the peer has said goodbye.
    pub(super) fn has_goodbye(&self) -> bool {
        self.goodbye
    }

    /// Opens records into `buf` until it is full or the socket has no more. `update_asked` is called when the peer wants
    /// this end to change its key.
    pub(super) fn take(
        &mut self,
        buf: &mut [u8],
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
        mut update_asked: impl FnMut(),
    ) -> Result<Taken, Failure> {
        if let Some(error) = &self.failed {
            return Err(error.clone().into());
        }
        let mut taken = 0;
        while taken < buf.len() {
            if self.plain_start < self.plain_end {
                let plain = &self.raw[self.plain_start..self.plain_end];
                let n_bytes = plain.len().min(buf.len() - taken);
                buf[taken..taken + n_bytes].copy_from_slice(&plain[..n_bytes]);
                self.plain_start += n_bytes;
                taken += n_bytes;
                continue;
            }
            if self.goodbye {
                return Ok(if taken == 0 { Taken::Goodbye } else { Taken::Bytes(taken) });
            }
            let length = match self.next_length() {
                Ok(Some(length)) => length,
                Ok(None) => {
                    // What is opened is handed over before more is asked from the kernel.
                    if taken >= RAW_BYTES / 2 {
                        break;
                    }
                    match self.fill(&mut read) {
                        Ok(0) if taken == 0 => return Ok(Taken::Eof),
                        Ok(0) => break,
                        Ok(_) => continue,
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                        // The next call meets it again.
                        Err(_) if taken > 0 => break,
                        Err(error) => return Err(Failure::Io(error)),
                    }
                }
                Err(_) if taken > 0 => break,
                Err(error) => return Err(self.fail(error)),
            };
            let content = self.open(length, &mut buf[taken..]).map_err(|error| self.fail(error))?;
            match content {
                Content::Data(n_bytes) => taken += n_bytes,
                Content::Kept => {}
                Content::Goodbye => self.goodbye = true,
                Content::KeyUpdate { update_asked: asked } => {
                    self.count_empty(0).map_err(|error| self.fail(error))?;
                    self.key = self.key.next();
                    if asked {
                        update_asked();
                    }
                }
            }
        }
        Ok(Taken::Bytes(taken))
    }

    /// The length of the record at `start`, if all of it is there.
    fn next_length(&self) -> Result<Option<usize>, Error> {
        let raw = &self.raw[self.start..self.end];
        let Some(header) = raw.first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        if header[0] != APPLICATION_DATA || header[1] != 3 {
            return Err(InvalidMessage::InvalidContentType.into());
        }
        if length > MAX_RECORD_BYTES {
            return Err(Error::PeerSentOversizedRecord);
        }
        if length < TYPE_BYTES + TAG_BYTES {
            return Err(Error::DecryptError);
        }
        Ok((raw.len() >= HEADER_BYTES + length).then_some(length))
    }

    /// Reads from the socket once, behind what is there.
    fn fill(&mut self, read: &mut impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        if self.start > 0 {
            // Less than one record is left.
            self.raw.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let n_bytes = read(&mut self.raw[self.end..])?;
        self.end += n_bytes;
        Ok(n_bytes)
    }

    /// Opens the record at `start`, whose length is that of its text, type and tag: into `buf` if it has room for both
    /// text and type, else where it lies.
    fn open(&mut self, length: usize, buf: &mut [u8]) -> Result<Content, Error> {
        let record = &mut self.raw[self.start..][..HEADER_BYTES + length];
        let text_start = self.start + HEADER_BYTES;
        self.start += record.len();
        let (header, rest) = record.split_at_mut(HEADER_BYTES);
        let (text, tag) = rest.split_at_mut(length - TAG_BYTES);
        let (key, nonce) = self.key.for_next_record();
        let aad = Aad::from(header);
        if text.len() <= buf.len() {
            let opened = &mut buf[..text.len()];
            key.open_separate_gather(nonce, aad, text, tag, opened)
                .map_err(|_| Error::DecryptError)?;
            let (kind, content) = inner(opened)?;
            let content = &opened[..content];
            if kind == APPLICATION_DATA {
                self.count_empty(content.len())?;
                return Ok(Content::Data(content.len()));
            }
            return control(kind, content);
        }
        key.open_in_place_separate_tag(nonce, aad, tag, text).map_err(|_| Error::DecryptError)?;
        let (kind, content) = inner(text)?;
        if kind == APPLICATION_DATA {
            (self.plain_start, self.plain_end) = (text_start, text_start + content);
            self.count_empty(content)?;
            return Ok(Content::Kept);
        }
        control(kind, &text[..content])
    }

    fn fail(&mut self, error: Error) -> Failure {
        self.failed = Some(error.clone());
        Failure::Tls(error)
    }

    fn count_empty(&mut self, content: usize) -> Result<(), Error> {
        self.n_empty = if content == 0 { self.n_empty + 1 } else { 0 };
        if self.n_empty > MAX_EMPTY {
            return Err(Error::PeerMisbehaved(rustls::PeerMisbehaved::TooManyEmptyFragments));
        }
        Ok(())
    }
}

/// The type and the length of the content of what was in a record: the last byte that is not padding is the type.
fn inner(plain: &[u8]) -> Result<(u8, usize), Error> {
    let kind = plain.iter().rposition(|byte| *byte != 0);
    let content = kind.ok_or(Error::InvalidMessage(InvalidMessage::InvalidContentType))?;
    if content > MAX_CONTENT_BYTES {
        return Err(Error::PeerSentOversizedRecord);
    }
    Ok((plain[content], content))
}

/// What is not data: alerts, and the one message that may follow a handshake between nodes, which issue no tickets.
fn control(kind: u8, content: &[u8]) -> Result<Content, Error> {
    match (kind, content) {
        (ALERT, [_, alert]) => match AlertDescription::from(*alert) {
            AlertDescription::CloseNotify => Ok(Content::Goodbye),
            alert => Err(Error::AlertReceived(alert)),
        },
        (HANDSHAKE, [start @ .., asked @ 0..=1]) if start == &KEY_UPDATE[..start.len()] => {
            if content.len() != KEY_UPDATE.len() {
                return Err(InvalidMessage::InvalidKeyUpdate.into());
            }
            Ok(Content::KeyUpdate { update_asked: *asked == 1 })
        }
        _ => Err(InvalidMessage::InvalidContentType.into()),
    }
}
