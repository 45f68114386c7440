//! The traffic secrets of one TLS 1.3 connection, and the keys that follow from them.
//!
//! E. Rescorla: The Transport Layer Security (TLS) Protocol Version 1.3, RFC 8446, sections 7.1 to 7.3.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::aead::{self, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use rustls::{CipherSuite, KeyLog};
use zeroize::Zeroizing;

/// Catches the first traffic secrets of the connection that it is given to as key log, and of no other one.
///
/// rustls hands out keys that are in use but not the secrets from which later ones follow, except to its key log.
/// Nothing is logged: the secrets go from here into the record layer of the connection.
#[derive(Default)]
pub struct SecretSlot(Mutex<FirstSecrets>);

/// What a handshake leaves here.
#[derive(Default)]
struct FirstSecrets {
    client: Option<Zeroizing<Vec<u8>>>,
    server: Option<Zeroizing<Vec<u8>>>,
}

const CLIENT_LABEL: &str = "CLIENT_TRAFFIC_SECRET_0";
const SERVER_LABEL: &str = "SERVER_TRAFFIC_SECRET_0";

impl SecretSlot {
    /// The client's and the server's first secret. They are gone from here then.
    pub(super) fn take(&self) -> Option<[Zeroizing<Vec<u8>>; 2]> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some([slot.client.take()?, slot.server.take()?])
    }
}

impl KeyLog for SecretSlot {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        let secret = Some(Zeroizing::new(secret.to_vec()));
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match label {
            CLIENT_LABEL => slot.client = secret,
            SERVER_LABEL => slot.server = secret,
            _ => {}
        }
    }

    fn will_log(&self, label: &str) -> bool {
        matches!(label, CLIENT_LABEL | SERVER_LABEL)
    }
}

impl fmt::Debug for SecretSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSlot(..)")
    }
}

/// The algorithms of a cipher suite.
#[derive(Clone, Copy)]
pub(super) struct Suite {
    aead: &'static aead::Algorithm,
    hash: hkdf::Algorithm,
}

impl Suite {
    /// `None` if the suite is none of TLS 1.3 that this program offers.
    pub(super) fn new(suite: CipherSuite) -> Option<Self> {
        let (aead, hash) = match suite {
            CipherSuite::TLS13_AES_128_GCM_SHA256 => (&aead::AES_128_GCM, hkdf::HKDF_SHA256),
            CipherSuite::TLS13_AES_256_GCM_SHA384 => (&aead::AES_256_GCM, hkdf::HKDF_SHA384),
            CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => {
                (&aead::CHACHA20_POLY1305, hkdf::HKDF_SHA256)
            }
            _ => return None,
        };
        Some(Self { aead, hash })
    }
}

/// The key of one direction, the number of its next record, and the secret from which the next key follows.
///
/// Each record has a number of its own, which is never used again under the same key: sealing and opening take it
/// from here and count on. When it reaches a limit, the owner changes the key, long before numbers end.
pub(super) struct DirectionKey {
    suite: Suite,
    secret: Zeroizing<Vec<u8>>,
    key: LessSafeKey,
    iv: Zeroizing<[u8; NONCE_LEN]>,
    sequence: u64,
}

impl DirectionKey {
    /// The key of this secret, of which `sequence` records are used already.
    pub(super) fn new(suite: Suite, secret: Zeroizing<Vec<u8>>, sequence: u64) -> Self {
        let mut key = Zeroizing::new(vec![0; suite.aead.key_len()]);
        expand(suite.hash, &secret, "key", &mut key);
        let mut iv = Zeroizing::new([0; NONCE_LEN]);
        expand(suite.hash, &secret, "iv", &mut *iv);
        let key = UnboundKey::new(suite.aead, &key).expect("the key has the algorithm's length");
        Self { suite, secret, key: LessSafeKey::new(key), iv, sequence }
    }

    /// The key that follows a key update (section 7.2).
    pub(super) fn next(&self) -> Self {
        let mut secret = Zeroizing::new(vec![0; self.secret.len()]);
        expand(self.suite.hash, &self.secret, "traffic upd", &mut secret);
        Self::new(self.suite, secret, 0)
    }

    /// How many records were sealed or opened with this key.
    pub(super) fn n_records(&self) -> u64 {
        self.sequence
    }

    /// The key, and the nonce of the next record: its number, added to the initial vector (section 5.3). The number is
    /// spent, whatever becomes of the record.
    pub(super) fn for_next_record(&mut self) -> (&LessSafeKey, Nonce) {
        let mut nonce = *self.iv;
        let number = self.sequence.to_be_bytes();
        nonce[NONCE_LEN - number.len()..].iter_mut().zip(number).for_each(|(a, b)| *a ^= b);
        self.sequence = self.sequence.checked_add(1).expect("keys are changed before numbers end");
        (&self.key, Nonce::assume_unique_for_key(nonce))
    }
}

/// `HKDF-Expand-Label(secret, label, "", length)` (section 7.1).
fn expand(hash: hkdf::Algorithm, secret: &[u8], label: &str, out: &mut [u8]) {
    const PREFIX: &[u8] = b"tls13 ";
    let length = u16::try_from(out.len()).expect("keys are short").to_be_bytes();
    let label_length = [(PREFIX.len() + label.len()) as u8];
    let info: [&[u8]; 5] = [&length, &label_length, PREFIX, label.as_bytes(), &[0]];
    hkdf::Prk::new_less_safe(hash, secret)
        .expand(&info, Length(out.len()))
        .and_then(|bytes| bytes.fill(out))
        .expect("keys are shorter than the limit of the expansion");
}

/// The length of an expansion, as the library asks for it.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Vec<u8> {
        let digit = |idx: usize| u8::from_str_radix(&digits[2 * idx..][..2], 16).unwrap();
        (0..digits.len() / 2).map(digit).collect()
    }

    #[test]
    fn keys_are_those_of_the_published_trace() {
        // M. Thomson: Example Handshake Traces for TLS 1.3, RFC 8448, section 3: the server's application traffic.
        let secret = hex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
        let mut key = [0; 16];
        expand(hkdf::HKDF_SHA256, &secret, "key", &mut key);
        assert_eq!(key[..], hex("9f02283b6c9c07efc26bb9f2ac92e356"));
        let mut iv = [0; 12];
        expand(hkdf::HKDF_SHA256, &secret, "iv", &mut iv);
        assert_eq!(iv[..], hex("cf782b88dd83549aadf1e984"));
    }

    #[test]
    fn no_nonce_is_used_twice() {
        let suite = Suite::new(CipherSuite::TLS13_AES_128_GCM_SHA256).unwrap();
        let mut key = DirectionKey::new(suite, Zeroizing::new(vec![7; 32]), 0xff);
        let mut nonces: Vec<[u8; NONCE_LEN]> =
            (0..300).map(|_| *key.for_next_record().1.as_ref()).collect();
        assert_eq!(key.n_records(), 0xff + 300);
        nonces.sort_unstable();
        nonces.dedup();
        assert_eq!(nonces.len(), 300);
    }

    #[test]
    fn secrets_show_nothing_of_themselves() {
        let slot = SecretSlot::default();
        slot.log(CLIENT_LABEL, &[], &[1, 2, 3]);
        assert_eq!(format!("{slot:?}"), "SecretSlot(..)");
        assert!(slot.take().is_none());
    }
}
