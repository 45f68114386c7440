//! The encoding of control messages: the only module that knows the serialization library.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that are not one whole message of the expected type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WireError {
    /// The message is longer than this kind of message may be; nothing of it was looked at.
    #[error("message of {bytes} bytes where at most {limit} are allowed")]
    TooLong {
        /// Length of the message in bytes.
        bytes: usize,
        /// The longest length that is allowed, in bytes.
        limit: usize,
    },
    /// The message ends before its last field.
    #[error("message ends too early")]
    Truncated,
    /// The message goes on after its last field.
    #[error("{bytes} bytes follow the end of the message")]
    Trailing {
        /// How many bytes are too many.
        bytes: usize,
    },
    /// A field does not have a value of its type.
    #[error("message is malformed: {reason}")]
    Malformed {
        /// What the decoder objects to.
        reason: String,
    },
}

/// The encoding of a message.
///
/// # Panics
/// If the type cannot be encoded at all, such as an iterator of unknown length: a mistake in the type.
pub fn to_bytes<T: Serialize + ?Sized>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("control messages have types that can always be encoded")
}

/// The message that these bytes encode, all of them.
///
/// Fails if there are more than `limit` bytes, too few or too many for the type, or if a field is malformed.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, WireError> {
    if bytes.len() > limit {
        return Err(WireError::TooLong { bytes: bytes.len(), limit });
    }
    let (message, rest) = postcard::take_from_bytes(bytes).map_err(|error| match error {
        postcard::Error::DeserializeUnexpectedEnd => WireError::Truncated,
        other => WireError::Malformed { reason: other.to_string() },
    })?;
    if !rest.is_empty() {
        return Err(WireError::Trailing { bytes: rest.len() });
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    enum Message {
        Bye,
        Abort { cause: String, at: Option<u64> },
        Proposal(Vec<u16>, i64, [u8; 4]),
    }

    fn message() -> impl Strategy<Value = Message> {
        prop_oneof![
            Just(Message::Bye),
            (".*", any::<Option<u64>>()).prop_map(|(cause, at)| Message::Abort { cause, at }),
            any::<(Vec<u16>, i64, [u8; 4])>().prop_map(|(a, b, c)| Message::Proposal(a, b, c)),
        ]
    }

    proptest! {
        #[test]
        fn a_message_is_read_back_and_no_part_of_it_is_taken(message in message()) {
            let bytes = to_bytes(&message);
            prop_assert_eq!(&from_bytes::<Message>(&bytes, bytes.len()).unwrap(), &message);
            for end in 0..bytes.len() {
                prop_assert!(from_bytes::<Message>(&bytes[..end], bytes.len()).is_err());
            }
        }

        #[test]
        fn trailing_bytes_are_refused(message in message(), extra in 1..20_usize) {
            let mut bytes = to_bytes(&message);
            bytes.resize(bytes.len() + extra, 0);
            let found = from_bytes::<Message>(&bytes, bytes.len());
            prop_assert_eq!(found, Err(WireError::Trailing { bytes: extra }));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = from_bytes::<Message>(&bytes, 1 << 16);
        }
    }

    #[test]
    fn a_message_over_the_limit_is_refused() {
        let bytes = to_bytes(&vec![7_u8; 100]);
        let found = from_bytes::<Vec<u8>>(&bytes, 100);
        assert_eq!(found, Err(WireError::TooLong { bytes: 101, limit: 100 }));
    }

    #[test]
    fn a_huge_announced_length_allocates_nothing() {
        // A length of 2^60 elements with nothing behind it.
        let bytes = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
        assert_eq!(from_bytes::<Vec<u64>>(&bytes, 100), Err(WireError::Truncated));
    }
}
