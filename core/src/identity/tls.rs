//! TLS configurations: 1.3 only, certificates both ways, no resumption, and refusals that say what came.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore,
    ServerConfig, SignatureScheme,
};

use super::describe::describe;
use super::{Authority, AuthorityId, Error, Identity, Refusal, Subject, Trust, identify};
use crate::ids::{NodeId, PartyId, Role};

/// The application protocol between parties.
pub const ALPN_PARTY: &[u8] = b"caucus-party/1";
/// The application protocol between a worker or client and a program's port.
pub const ALPN_WORKER: &[u8] = b"caucus-worker/1";
/// The application protocol between a main node and the workers that it takes into service.
pub const ALPN_NODE: &[u8] = b"caucus-node/1";
/// The application protocol between the nodes of one party.
pub const ALPN_COMM: &[u8] = b"caucus-comm/1";

/// The one set of algorithms, the fastest cipher first.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        let mut provider = aws_lc_rs::default_provider();
        provider.cipher_suites = vec![
            aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256,
            aws_lc_rs::cipher_suite::TLS13_AES_256_GCM_SHA384,
            aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        ];
        Arc::new(provider)
    });
    Arc::clone(&PROVIDER)
}

/// Who may connect to a listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// The same role (main node, or the worker of the same number) of a party with a higher number.
    Peers {
        /// The listening node.
        me: NodeId,
    },
    /// A worker of the party, or an external client.
    Program {
        /// The listening party.
        party: PartyId,
    },
    /// A worker of the party.
    Workers {
        /// The listening party.
        party: PartyId,
    },
    /// Another node of the same party.
    Nodes {
        /// The listening node.
        me: NodeId,
    },
}

impl Expected {
    /// Whether this subject may connect.
    pub fn accepts(&self, subject: &Subject) -> bool {
        match (self, subject) {
            (Self::Peers { me }, Subject::Node(node)) => {
                node.role == me.role && node.party > me.party
            }
            (Self::Peers { .. }, Subject::Client(_)) => false,
            (Self::Workers { .. }, Subject::Client(_)) => false,
            (Self::Program { party } | Self::Workers { party }, Subject::Node(node)) => {
                node.party == *party && matches!(node.role, Role::Worker(_))
            }
            (Self::Program { .. }, Subject::Client(_)) => true,
            (Self::Nodes { me }, Subject::Node(node)) => node.party == me.party && node != me,
            (Self::Nodes { .. }, Subject::Client(_)) => false,
        }
    }

    /// What must be presented, for messages.
    pub fn describe(&self, trust: &Trust) -> String {
        let deployment = trust.deployment();
        match self {
            Self::Peers { me } => {
                let role = match me.role {
                    Role::Main => "for its main node".to_owned(),
                    Role::Worker(worker) => format!("for its worker {worker}"),
                };
                let parties: Vec<_> = self.authorities(trust).map(|a| a.id().to_string()).collect();
                match parties.as_slice() {
                    [] => "nobody: no party has a higher number".to_owned(),
                    parties => {
                        format!("a certificate of {} {role} in {deployment}", parties.join(" or "))
                    }
                }
            }
            Self::Workers { party } => {
                format!(
                    "a certificate of {party}'s authority for a worker of {party} in {deployment}"
                )
            }
            Self::Program { party } => {
                let clients = match trust.authority(AuthorityId::Clients) {
                    Some(_) => ", or one of an external client",
                    None => "",
                };
                format!(
                    "a certificate of {party}'s authority for a worker of {party} in \
                     {deployment}{clients}"
                )
            }
            Self::Nodes { me } => {
                let party = me.party;
                format!(
                    "a certificate of {party}'s authority for a node of {party} in {deployment}"
                )
            }
        }
    }

    fn authorities<'a>(&self, trust: &'a Trust) -> impl Iterator<Item = &'a Authority> {
        let expected = *self;
        trust.parties.iter().chain(&trust.clients).filter(move |authority| {
            match (expected, authority.id()) {
                (Self::Peers { me }, AuthorityId::Party(party)) => party > me.party,
                (Self::Peers { .. }, AuthorityId::Clients) => false,
                (Self::Program { party } | Self::Workers { party }, AuthorityId::Party(other)) => {
                    other == party
                }
                (Self::Workers { .. }, AuthorityId::Clients) => false,
                (Self::Program { .. }, AuthorityId::Clients) => true,
                (Self::Nodes { me }, AuthorityId::Party(party)) => party == me.party,
                (Self::Nodes { .. }, AuthorityId::Clients) => false,
            }
        })
    }
}

/// Where a listener finds, after a handshake has failed, what the other end presented.
#[derive(Clone, Default, Debug)]
pub struct RefusalSlot(Arc<Mutex<Option<Refusal>>>);

impl RefusalSlot {
    /// The refusal, if the certificate was the reason.
    pub fn take(&self) -> Option<Refusal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, refusal: Refusal) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
    }
}

/// The configuration for one incoming connection: the slot belongs to this connection alone.
///
/// Fails if the TLS library refuses the identity.
pub fn server_config_for(
    identity: &Identity,
    trust: &Arc<Trust>,
    expected: Expected,
    alpn: &[u8],
) -> Result<(Arc<ServerConfig>, RefusalSlot), Error> {
    let mut roots = RootCertStore::empty();
    for authority in expected.authorities(trust) {
        roots.add(authority.cert.clone())?;
    }
    if roots.is_empty() {
        // Nobody may connect to the party with the highest number. Stock verification must have
        // authorities all the same; all who pass it are refused by their subject.
        for authority in &trust.parties {
            roots.add(authority.cert.clone())?;
        }
    }
    let stock = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    let slot = RefusalSlot::default();
    let verifier =
        ExplainingVerifier { stock, trust: Arc::clone(trust), expected, slot: slot.clone() };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(&identity.key))));
    config.alpn_protocols = vec![alpn.to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok((Arc::new(config), slot))
}

/// The configuration for connections to nodes of one party: only that party's authority is believed.
///
/// Fails if the party is unknown.
pub fn client_config(
    identity: &Identity,
    trust: &Trust,
    party: PartyId,
    alpn: &[u8],
) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = RootCertStore::empty();
    if let Some(authority) = trust.authority(AuthorityId::Party(party)) {
        roots.add(authority.cert.clone())?;
    } else {
        let found = format!("{party}");
        let expected = format!("one of {} parties", trust.n_parties());
        return Err(Error::Refused(Refusal { expected, found, reason: String::new() }));
    }
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(&identity.key))));
    config.alpn_protocols = vec![alpn.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// The name under which TLS expects a node's certificate.
pub fn server_name(node: NodeId, trust: &Trust) -> ServerName<'static> {
    let name = Subject::Node(node).dns_name(trust.deployment());
    ServerName::try_from(name).expect("names of deployments are checked to be DNS labels")
}

/// Stock verification, then the question whether this subject may connect here; remembers why not.
///
/// The alerts are those that stock verification sends, and `access_denied` for the right authority
/// but the wrong role.
#[derive(Debug)]
struct ExplainingVerifier {
    stock: Arc<dyn ClientCertVerifier>,
    trust: Arc<Trust>,
    expected: Expected,
    slot: RefusalSlot,
}

impl ExplainingVerifier {
    fn refuse(&self, cert: &CertificateDer<'_>, reason: String) {
        let expected = self.expected.describe(&self.trust);
        self.slot.put(Refusal { expected, found: describe(cert), reason });
    }
}

impl ClientCertVerifier for ExplainingVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.stock.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        // Authorities sign nodes themselves, so that no intermediate is ever of use.
        let verified = self
            .stock
            .verify_client_cert(end_entity, &[], now)
            .inspect_err(|error| self.refuse(end_entity, why(error)))?;
        let denied = || CertificateError::ApplicationVerificationFailure.into();
        match identify(std::slice::from_ref(end_entity), &self.trust) {
            Ok(subject) if self.expected.accepts(&subject) => Ok(verified),
            Ok(subject) => {
                self.refuse(end_entity, format!("{subject} may not connect here"));
                Err(denied())
            }
            Err(refusal) => {
                self.slot.put(refusal);
                Err(denied())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.stock.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.stock.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.stock.supported_verify_schemes()
    }
}

/// Why a certificate was refused, in words for a user.
pub(super) fn why(error: &rustls::Error) -> String {
    use rustls::Error::InvalidCertificate;
    let text = match error {
        InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "it has expired"
        }
        InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "it is not valid yet",
        InvalidCertificate(CertificateError::UnknownIssuer) => {
            "none of the authorities believed here issued it"
        }
        InvalidCertificate(CertificateError::BadSignature) => {
            "it bears the name of the authority but not its signature"
        }
        InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        ) => "it was not issued for this use",
        other => return other.to_string(),
    };
    text.to_owned()
}
