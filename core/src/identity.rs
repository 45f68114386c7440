//! Identities: who a node is, and whom it believes.
//!
//! Each party has its own certificate authority, which signs its main node and its workers and nobody
//! else; external clients have one of their own. Parties exchange only the certificates of authorities.
//! Who a peer is comes from its certificate alone ([`identify`]): the URI in it must name somebody that
//! the authority which signed it may vouch for.
//!
//! A directory of identities (usually `certs/`) looks like this; nodes need only their own pair, the
//! `authority.pem` of each party and `deployment.toml`:
//!
//! ```text
//! deployment.toml                  the name that all certificates of one deployment carry
//! party-<i>/authority.pem, .key    the authority of party i
//! party-<i>/main.pem, .key         its main node
//! party-<i>/worker-<k>.pem, .key   its worker k
//! clients/authority.pem, .key      the authority of external clients
//! clients/C<j>.pem, .key           external client j
//! clients/P<i>.pem                 party-<i>/authority.pem, under the name that clients look for
//! ```

mod describe;
mod error;
mod issue;
mod store;
mod subject;
mod tls;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};

pub use describe::{CertInfo, show};
pub(crate) use describe::{date, subject_of};
pub use error::{Error, Refusal};
pub use issue::{IssueOptions, Report, add_client, add_worker, export_client, init_parties};
use store::Pair;
pub use subject::{AuthorityId, Subject};
pub use tls::{
    ALPN_COMM, ALPN_NODE, ALPN_PARTY, ALPN_WORKER, Expected, RefusalSlot, client_config,
    server_config_for, server_name,
};

use crate::ids::{NodeId, PartyId};

/// Certificates that end sooner than this are warned about.
const WARN_BEFORE: Duration = Duration::days(30);

/// Who this process is: a certificate and its private key.
pub struct Identity {
    subject: Subject,
    info: CertInfo,
    key: Arc<CertifiedKey>,
    warnings: Vec<String>,
}

impl Identity {
    /// The identity of a node, from its two files below `dir`.
    ///
    /// Fails if a file is missing or malformed, if others than the owner may read the key, if the
    /// two do not belong together, and if the certificate names somebody else, has expired or was
    /// not signed by the party's authority.
    pub fn load(dir: &Path, node: NodeId) -> Result<Self, Error> {
        Self::load_subject(dir, Subject::Node(node))
    }

    /// The identity of an external client. Fails as [`Identity::load`] does.
    pub fn load_client(dir: &Path, client: u32) -> Result<Self, Error> {
        Self::load_subject(dir, Subject::Client(client))
    }

    fn load_subject(dir: &Path, subject: Subject) -> Result<Self, Error> {
        let pair = Pair::subject(dir, &subject);
        let remedy = subject.remedy();
        let what = format!("the certificate of {subject}");
        let cert = store::read_certificate(&pair.certificate, &what, &remedy)?;
        let key = store::read_key(&pair.key, &format!("the private key of {subject}"), &remedy)?;
        let info = certificate_info(&cert, &pair.certificate);
        let expected = subject.uri(&store::read_deployment(dir)?);
        if info.subject != expected {
            let path = pair.certificate;
            return Err(Error::WrongSubject { path, expected, found: info.subject, remedy });
        }
        let mut warnings = Vec::new();
        warnings.extend(check_validity(&info, &remedy)?);
        let authority = Pair::authority(dir, subject.authority());
        if authority.certificate.exists() {
            let authority = Authority::load(dir, subject.authority(), 0)?;
            authority.vouch(&cert).map_err(|_| Error::WrongIssuer {
                path: pair.certificate.clone(),
                expected: authority.describe(),
                found: info.to_string(),
                remedy: remedy.clone(),
            })?;
        }
        let provider = tls::provider();
        let signing_key = provider.key_provider.load_private_key(key).map_err(|error| {
            let (path, what) = (pair.key.clone(), format!("the private key is refused: {error}"));
            Error::Malformed { path, what, remedy: remedy.clone() }
        })?;
        let key = CertifiedKey::new(vec![cert], signing_key);
        if key.keys_match().is_err() {
            return Err(Error::KeyMismatch {
                certificate: pair.certificate,
                key: pair.key,
                remedy,
            });
        }
        Ok(Self { subject, info, key: Arc::new(key), warnings })
    }

    /// An identity as nobody should have it: nothing about the certificate is checked.
    #[cfg(test)]
    pub(crate) fn unchecked(dir: &Path, subject: Subject) -> Self {
        let pair = Pair::subject(dir, &subject);
        let cert = store::read_certificate(&pair.certificate, "", "").unwrap();
        let key = store::read_key(&pair.key, "", "").unwrap();
        let info = certificate_info(&cert, &pair.certificate);
        let key = tls::provider().key_provider.load_private_key(key).unwrap();
        let key = Arc::new(CertifiedKey::new(vec![cert], key));
        Self { subject, info, key, warnings: Vec::new() }
    }

    /// Whom the certificate names.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// The node that this identity is for; `None` for an external client.
    pub fn node(&self) -> Option<NodeId> {
        match self.subject {
            Subject::Node(node) => Some(node),
            Subject::Client(_) => None,
        }
    }

    /// What the certificate says.
    pub fn info(&self) -> &CertInfo {
        &self.info
    }

    /// What the user should know although everything works, such as a certificate that ends soon.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("subject", &self.info.subject).finish_non_exhaustive()
    }
}

/// One certificate authority that this process believes, within the limits of [`AuthorityId`].
#[derive(Clone, Debug)]
pub struct Authority {
    id: AuthorityId,
    cert: CertificateDer<'static>,
    info: CertInfo,
    verifier: Arc<dyn ClientCertVerifier>,
}

impl Authority {
    fn load(dir: &Path, id: AuthorityId, n_parties: usize) -> Result<Self, Error> {
        let path = Pair::authority(dir, id).certificate;
        let expected = store::read_deployment(dir)?;
        let remedy = id.remedy(&expected);
        let what = format!("the certificate of {id}");
        let cert = match store::read_certificate(&path, &what, &remedy) {
            Err(Error::MissingFile { path, .. }) => {
                let authority = id.to_string();
                return Err(Error::MissingAuthority { authority, path, remedy, n_parties });
            }
            other => other?,
        };
        let info = certificate_info(&cert, &path);
        let malformed =
            |what| Error::Malformed { path: path.clone(), what, remedy: remedy.clone() };
        let (name, deployment) =
            describe::own_name(&cert).ok_or_else(|| malformed("it has no name".to_owned()))?;
        if name != id.common_name() {
            return Err(Error::WrongSubject {
                expected: id.common_name(),
                found: name,
                remedy,
                path,
            });
        }
        if deployment != expected {
            let config = store::deployment_file(dir);
            return Err(Error::OtherDeployment { path, config, expected, found: deployment });
        }
        let mut roots = RootCertStore::empty();
        roots.add(cert.clone()).map_err(|error| malformed(error.to_string()))?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), tls::provider())
                .build()
                .map_err(|error| malformed(error.to_string()))?;
        Ok(Self { id, cert, info, verifier })
    }

    /// Whose authority this is.
    pub fn id(&self) -> AuthorityId {
        self.id
    }

    /// What its certificate says.
    pub fn info(&self) -> &CertInfo {
        &self.info
    }

    /// Whether this authority itself signed the certificate, and it is valid now.
    fn vouch(&self, cert: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        self.verifier.verify_client_cert(cert, &[], UnixTime::now()).map(|_| ())
    }

    fn describe(&self) -> String {
        let fingerprint = self.info.fingerprint.get(..16).unwrap_or_default();
        format!("\"{}\" of {} (SHA-256 {fingerprint})", self.info.issuer, self.info.deployment)
    }
}

/// Whom this process believes: the authority of each party and, where there is one, of the clients.
#[derive(Clone, Debug)]
pub struct Trust {
    deployment: String,
    parties: Vec<Authority>,
    clients: Option<Authority>,
    warnings: Vec<String>,
}

impl Trust {
    /// The authorities below `dir`.
    ///
    /// Fails if that of one of the `n_parties` is missing, malformed, expired or of another deployment.
    pub fn load(dir: &Path, n_parties: usize) -> Result<Self, Error> {
        let deployment = store::read_deployment(dir)?;
        let mut warnings = Vec::new();
        let mut load = |id: AuthorityId| {
            let authority = Authority::load(dir, id, n_parties)?;
            warnings.extend(check_validity(&authority.info, &id.remedy(&deployment))?);
            Ok::<_, Error>(authority)
        };
        let parties: Vec<_> = (0..n_parties)
            .map(|idx| load(AuthorityId::Party(PartyId::new(u8::try_from(idx).unwrap_or(u8::MAX)))))
            .collect::<Result<_, _>>()?;
        let clients = match load(AuthorityId::Clients) {
            Err(Error::MissingAuthority { .. }) => None,
            other => Some(other?),
        };
        Ok(Self { deployment, parties, clients, warnings })
    }

    /// The name that all certificates of this deployment carry.
    pub fn deployment(&self) -> &str {
        &self.deployment
    }

    /// How many parties there are.
    pub fn n_parties(&self) -> usize {
        self.parties.len()
    }

    /// An authority, if it is believed.
    pub fn authority(&self, id: AuthorityId) -> Option<&Authority> {
        match id {
            AuthorityId::Party(party) => self.parties.get(party.index()),
            AuthorityId::Clients => self.clients.as_ref(),
        }
    }

    /// What the user should know although everything works, such as an authority that ends soon.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Whom the certificate at the head of a peer's chain names.
///
/// Fails unless it carries exactly one URI of this deployment, and the authority that may vouch for
/// the subject named there has itself signed it: a certificate of P1's authority that claims to be
/// a node of P0 is refused.
pub fn identify(chain: &[CertificateDer<'_>], trust: &Trust) -> Result<Subject, Refusal> {
    let Some(cert) = chain.first() else {
        return Err(Refusal {
            expected: format!("a certificate of the deployment {}", trust.deployment),
            found: "no certificate".to_owned(),
            reason: String::new(),
        });
    };
    let refuse =
        |expected, reason| Err(Refusal { expected, found: describe::describe(cert), reason });
    let deployment = &trust.deployment;
    let Some((named, subject)) = subject_of(cert) else {
        let expected =
            format!("a certificate with one URI that begins with caucus://{deployment}/");
        return refuse(expected, String::new());
    };
    if named != *deployment {
        let expected = format!("a certificate of the deployment {deployment}");
        return refuse(expected, format!("it belongs to the deployment {named}"));
    }
    let Some(authority) = trust.authority(subject.authority()) else {
        let expected = format!("one of {} parties", trust.parties.len());
        return refuse(expected, format!("{} is not known here", subject.authority()));
    };
    match authority.vouch(cert) {
        Ok(()) => Ok(subject),
        Err(error) => {
            let expected = format!("a certificate of {subject} issued by {}", authority.describe());
            refuse(expected, tls::why(&error))
        }
    }
}

fn certificate_info(cert: &CertificateDer<'_>, path: &Path) -> CertInfo {
    CertInfo::from_der(cert).expect("reading the file has parsed it").at(path)
}

/// A warning if the certificate ends soon; an error if it is not valid now.
fn check_validity(info: &CertInfo, remedy: &str) -> Result<Option<String>, Error> {
    let now = OffsetDateTime::now_utc();
    let path: PathBuf = info.path.clone();
    let subject = info.subject.clone();
    if info.not_after < now {
        let (not_after, now) = (date(info.not_after), date(now));
        return Err(Error::Expired { path, subject, not_after, now, remedy: remedy.to_owned() });
    }
    if info.not_before > now {
        let (not_before, now) = (date(info.not_before), date(now));
        return Err(Error::NotYetValid { path, subject, not_before, now });
    }
    let soon = info.not_after - now < WARN_BEFORE;
    Ok(soon.then(|| {
        let until = date(info.not_after);
        format!("{} ({subject}) expires on {until}; renew it with `{remedy}`", path.display())
    }))
}
