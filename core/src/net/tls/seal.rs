//! Sealing what is sent into records, in a buffer that goes to the socket as it lies.

use aws_lc_rs::aead::Aad;
use rustls::AlertDescription;

use super::secrets::DirectionKey;
use super::{
    ALERT, APPLICATION_DATA, HANDSHAKE, HEADER_BYTES, KEY_UPDATE, MAX_CONTENT_BYTES, TAG_BYTES,
    TYPE_BYTES,
};

/// What a record is longer than its content.
const OVERHEAD_BYTES: usize = HEADER_BYTES + TYPE_BYTES + TAG_BYTES;
/// Records that wait for the socket at most: 128 KiB. Half as many cost more system calls, twice as many leave the
/// second cache when several parties share a machine.
const MAX_RECORDS: usize = 8;
/// Room for the records that the record layer itself sends: key updates and alerts.
const RESERVE_BYTES: usize = 4 * (OVERHEAD_BYTES + KEY_UPDATE.len());
const OUT_BYTES: usize = MAX_RECORDS * (MAX_CONTENT_BYTES + OVERHEAD_BYTES) + RESERVE_BYTES;

/// The sending half of a connection.
pub(super) struct Sealer {
    key: DirectionKey,
    /// Records under one key, after which it is changed.
    key_limit: u64,
    /// Whether the peer asked for a change of the key.
    update_asked: bool,
    out: Box<[u8]>,
    /// Records that the socket has not taken yet.
    start: usize,
    end: usize,
}

impl Sealer {
    pub(super) fn new(key: DirectionKey, key_limit: u64) -> Self {
        let out = vec![0; OUT_BYTES].into_boxed_slice();
        Self { key, key_limit, update_asked: false, out, start: 0, end: 0 }
    }

    /// What waits for the socket.
    pub(super) fn waiting(&self) -> &[u8] {
        &self.out[self.start..self.end]
    }

    /// The socket has taken so many bytes.
    pub(super) fn taken(&mut self, n_bytes: usize) {
        self.start += n_bytes;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// The next thing that is sealed is preceded by a change of the key.
    pub(super) fn ask_update(&mut self) {
        self.update_asked = true;
    }

    /// Seals one record with the beginning of `head` and `body`, in this order, if there is room; returns how many bytes
    /// of the two together.
    ///
    /// A head that does not fit into one record with the whole body is a record of its own: then pieces of the body are
    /// sealed as they lie, and opened where they are needed at the other end.
    pub(super) fn seal(&mut self, head: &[u8], body: &[u8]) -> usize {
        let (head, body) = if head.len() + body.len() <= MAX_CONTENT_BYTES {
            (head, body)
        } else if head.is_empty() {
            (head, &body[..MAX_CONTENT_BYTES])
        } else {
            (&head[..head.len().min(MAX_CONTENT_BYTES)], &[][..])
        };
        let content = head.len() + body.len();
        if content == 0 || self.end + content + OVERHEAD_BYTES > OUT_BYTES - RESERVE_BYTES {
            return 0;
        }
        if self.update_asked || self.key.n_records() >= self.key_limit {
            self.change_key();
        }
        self.append(APPLICATION_DATA, head, body);
        content
    }

    /// Says goodbye or that something is wrong, if there is room left for it.
    pub(super) fn alert(&mut self, alert: AlertDescription) {
        const WARNING: u8 = 1;
        const FATAL: u8 = 2;
        let level = if alert == AlertDescription::CloseNotify { WARNING } else { FATAL };
        if self.end + OVERHEAD_BYTES + 2 <= OUT_BYTES {
            self.append(ALERT, &[level, alert.into()], &[]);
        }
    }

    /// Tells the peer that a new key follows, and takes it (RFC 8446, section 4.6.3).
    pub(super) fn change_key(&mut self) {
        const UPDATE_NOT_REQUESTED: u8 = 0;
        let mut message = KEY_UPDATE;
        message[KEY_UPDATE.len() - 1] = UPDATE_NOT_REQUESTED;
        self.append(HANDSHAKE, &message, &[]);
        self.key = self.key.next();
        self.update_asked = false;
    }

    /// Appends one record (section 5.2). There is room for it.
    fn append(&mut self, kind: u8, head: &[u8], body: &[u8]) {
        let content = head.len() + body.len();
        let length = (content + TYPE_BYTES + TAG_BYTES) as u16;
        let [high, low] = length.to_be_bytes();
        let header = [APPLICATION_DATA, 3, 3, high, low];
        let record = &mut self.out[self.end..][..OVERHEAD_BYTES + content];
        self.end += record.len();
        let (start, rest) = record.split_at_mut(HEADER_BYTES);
        start.copy_from_slice(&header);
        let (text, end) = rest.split_at_mut(content);
        let (key, nonce) = self.key.for_next_record();
        let sealed = if head.is_empty() {
            key.seal_out_of_place_scatter(nonce, Aad::from(header), body, text, &[kind], end)
        } else {
            let (first, second) = text.split_at_mut(head.len());
            first.copy_from_slice(head);
            second.copy_from_slice(body);
            key.seal_in_place_scatter(nonce, Aad::from(header), text, &[kind], end)
        };
        sealed.expect("records are shorter than the limit of the cipher");
    }
}
