//! The frames on a link between two nodes: a header of 32 bytes, little endian, and a payload that some kinds have.

use super::ElementType;
use super::call::{Call, Collective};

pub(crate) const HEADER_BYTES: usize = 32;
/// The longest text in a frame, and the longest list of nodes.
pub(super) const MAX_NOTE_BYTES: usize = 8 << 10;

/// What a message is matched by, besides the peer it is from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    /// The number of the communicator.
    pub(crate) context: u32,
    pub(crate) lane: Lane,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Lane {
    /// A message of the user with this tag.
    Tag(u32),
    /// A message of a collective operation: its number in the communicator, and which.
    Of(u32, Collective),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Frame {
    /// A message begins: `prefix` of its `bytes` follow.
    Message { key: Key, element: ElementType, id: u32, bytes: u64, prefix: u32 },
    /// More of a message follows.
    More { id: u32, n_bytes: u32 },
    /// The rest of a message may be sent: it is wanted.
    Grant { id: u32 },
    /// The sender gave up a message in the middle.
    Abandon { id: u32 },
    /// This much of what was sent unasked is used: as many messages, as many bytes.
    Credit { messages: u32, bytes: u64 },
    /// What the sender does as collective operation `number`, to be compared.
    Agree { context: u32, number: u32, round: u8, call: Call },
    /// The sender cannot complete a collective operation; a text follows.
    Fail { context: u32, number: u32, n_bytes: u32 },
    /// A member found that two do not do the same; the other call follows as an `Agree` of the rank.
    Mismatch { context: u32, number: u32, rank: u16, call: Call },
    /// A communicator must not be used any more.
    Revoke { context: u32 },
    /// What the sender knows while the members agree on who is left; a list follows.
    View { context: u32, number: u32, round: u32, next_context: u32, is_final: bool, n_bytes: u32 },
    /// The sender leaves in order.
    Bye,
}

const MESSAGE: u8 = 1;
const MORE: u8 = 2;
const GRANT: u8 = 3;
const ABANDON: u8 = 4;
const CREDIT: u8 = 5;
const AGREE: u8 = 6;
const FAIL: u8 = 7;
const MISMATCH: u8 = 8;
const REVOKE: u8 = 9;
const VIEW: u8 = 10;
const BYE: u8 = 11;

/// The fields of all headers: kind, a small number, 16 bits, then four numbers.
struct Fields {
    kind: u8,
    small: u8,
    short: u16,
    words: [u32; 3],
    longs: [u64; 2],
}

const NO_ROOT: u16 = u16::MAX;
const NO_LEN: u64 = u64::MAX;

fn call_fields(kind: u8, context: u32, number: u32, extra: u16, call: Call) -> Fields {
    let root = call.root.unwrap_or(NO_ROOT);
    Fields {
        kind,
        small: call.collective as u8,
        short: call.element.0,
        words: [context, number, call.detail],
        longs: [call.len.unwrap_or(NO_LEN), u64::from(root) << 16 | u64::from(extra)],
    }
}

impl Fields {
    fn call(&self) -> Option<(Call, u16)> {
        let root = (self.longs[1] >> 16) as u16;
        let call = Call {
            collective: Collective::from_wire(self.small)?,
            element: ElementType(self.short),
            root: (root != NO_ROOT).then_some(root),
            len: (self.longs[0] != NO_LEN).then_some(self.longs[0]),
            detail: self.words[2],
        };
        Some((call, self.longs[1] as u16))
    }
}

impl Frame {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let plain = |kind, words, longs| Fields { kind, small: 0, short: 0, words, longs };
        let fields = match self {
            Self::Message { key, element, id, bytes, prefix } => {
                let (small, lane) = match key.lane {
                    Lane::Tag(tag) => (0, tag),
                    Lane::Of(number, collective) => (collective as u8, number),
                };
                let words = [key.context, lane, id];
                let longs = [bytes, prefix.into()];
                Fields { kind: MESSAGE, small, short: element.0, words, longs }
            }
            Self::More { id, n_bytes } => plain(MORE, [id, n_bytes, 0], [0; 2]),
            Self::Grant { id } => plain(GRANT, [id, 0, 0], [0; 2]),
            Self::Abandon { id } => plain(ABANDON, [id, 0, 0], [0; 2]),
            Self::Credit { messages, bytes } => plain(CREDIT, [messages, 0, 0], [bytes, 0]),
            Self::Agree { context, number, round, call } => {
                call_fields(AGREE, context, number, round.into(), call)
            }
            Self::Fail { context, number, n_bytes } => {
                plain(FAIL, [context, number, n_bytes], [0; 2])
            }
            Self::Mismatch { context, number, rank, call } => {
                call_fields(MISMATCH, context, number, rank, call)
            }
            Self::Revoke { context } => plain(REVOKE, [context, 0, 0], [0; 2]),
            Self::View { context, number, round, next_context, is_final, n_bytes } => Fields {
                kind: VIEW,
                small: is_final.into(),
                short: 0,
                words: [context, number, round],
                longs: [next_context.into(), n_bytes.into()],
            },
            Self::Bye => plain(BYE, [0; 3], [0; 2]),
        };
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = fields.kind;
        bytes[1] = fields.small;
        bytes[2..4].copy_from_slice(&fields.short.to_le_bytes());
        for (idx, word) in fields.words.iter().enumerate() {
            bytes[4 + 4 * idx..][..4].copy_from_slice(&word.to_le_bytes());
        }
        for (idx, long) in fields.longs.iter().enumerate() {
            bytes[16 + 8 * idx..][..8].copy_from_slice(&long.to_le_bytes());
        }
        bytes
    }

    /// The frame that a header announces; none if there is none like that.
    pub(crate) fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let word = |at| bytes[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let long = |at| bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let fields = Fields {
            kind: bytes[0],
            small: bytes[1],
            short: u16::from_le_bytes([bytes[2], bytes[3]]),
            words: [word(4), word(8), word(12)],
            longs: [long(16), long(24)],
        };
        let [first, second, third] = fields.words;
        let narrow = |long: u64| u32::try_from(long).ok();
        Some(match fields.kind {
            MESSAGE => {
                let lane = match fields.small {
                    0 => Lane::Tag(second),
                    number => Lane::Of(second, Collective::from_wire(number)?),
                };
                let [bytes, prefix] = fields.longs;
                let prefix = narrow(prefix).filter(|prefix| u64::from(*prefix) <= bytes)?;
                let key = Key { context: first, lane };
                let element = ElementType(fields.short);
                Self::Message { key, element, id: third, bytes, prefix }
            }
            MORE => Self::More { id: first, n_bytes: second },
            GRANT => Self::Grant { id: first },
            ABANDON => Self::Abandon { id: first },
            CREDIT => Self::Credit { messages: first, bytes: fields.longs[0] },
            AGREE => {
                let (call, round) = fields.call()?;
                let round = u8::try_from(round).ok()?;
                Self::Agree { context: first, number: second, round, call }
            }
            FAIL => Self::Fail { context: first, number: second, n_bytes: third },
            MISMATCH => {
                let (call, rank) = fields.call()?;
                Self::Mismatch { context: first, number: second, rank, call }
            }
            REVOKE => Self::Revoke { context: first },
            VIEW => Self::View {
                context: first,
                number: second,
                round: third,
                next_context: narrow(fields.longs[0])?,
                is_final: fields.small == 1,
                n_bytes: narrow(fields.longs[1])?,
            },
            BYE => Self::Bye,
            _ => return None,
        })
    }

    /// Bytes of payload that follow the header.
    pub(super) fn payload(&self) -> usize {
        match *self {
            Self::Message { prefix, .. } => prefix as usize,
            Self::More { n_bytes, .. }
            | Self::Fail { n_bytes, .. }
            | Self::View { n_bytes, .. } => n_bytes as usize,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::Element;

    fn frames() -> Vec<Frame> {
        let call = Call {
            collective: Collective::Scan,
            element: u64::TYPE,
            root: None,
            len: Some(1 << 40),
            detail: 7,
        };
        let other = Call { root: Some(3), len: None, ..call };
        let key = Key { context: 5, lane: Lane::Of(6, Collective::Gather) };
        let user = Key { context: 5, lane: Lane::Tag(u32::MAX) };
        let message =
            |key| Frame::Message { key, element: u8::TYPE, id: 8, bytes: 1 << 33, prefix: 1 << 16 };
        vec![
            message(key),
            message(user),
            Frame::More { id: 3, n_bytes: 70_000 },
            Frame::Grant { id: 1 },
            Frame::Abandon { id: 2 },
            Frame::Credit { messages: 9, bytes: 1 << 20 },
            Frame::Agree { context: 1, number: 2, round: 3, call },
            Frame::Fail { context: 1, number: 2, n_bytes: 12 },
            Frame::Mismatch { context: 1, number: 2, rank: 4, call: other },
            Frame::Revoke { context: 9 },
            Frame::View {
                context: 1,
                number: 2,
                round: 3,
                next_context: 4,
                is_final: true,
                n_bytes: 10,
            },
            Frame::Bye,
        ]
    }

    #[test]
    fn frames_are_read_back() {
        for frame in frames() {
            assert_eq!(Frame::from_bytes(&frame.to_bytes()), Some(frame));
        }
    }

    #[test]
    fn headers_that_mean_nothing_are_refused() {
        assert_eq!(Frame::from_bytes(&[0; HEADER_BYTES]), None);
        assert_eq!(Frame::from_bytes(&[0xff; HEADER_BYTES]), None);
        // More bytes now than the whole message has.
        let mut bytes = frames()[0].to_bytes();
        bytes[16..24].fill(0);
        assert_eq!(Frame::from_bytes(&bytes), None);
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_headers_never_panic(bytes: [u8; HEADER_BYTES]) {
            if let Some(frame) = Frame::from_bytes(&bytes) {
                let _ = frame.payload();
            }
        }
    }
}
