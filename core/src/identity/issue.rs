//! Making authorities and certificates. Only what is missing is made, and nothing is overwritten
//! unless it has expired and renewing was asked for.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::Error;
use super::describe::{self, CertInfo};
use super::store::{self, Pair};
use super::subject::{AuthorityId, Subject, is_deployment_name};
use crate::ids::{NodeId, PartyId, WorkerId};

/// How certificates are made.
#[derive(Clone, Debug)]
pub struct IssueOptions {
    /// How many days certificates of nodes and clients are valid.
    pub days: u32,
    /// How many days a new authority is valid.
    pub authority_days: u32,
    /// The exact validity of certificates of nodes and clients, instead of `days` from now.
    pub validity: Option<(OffsetDateTime, OffsetDateTime)>,
    /// The name of the deployment; a random one is made if this is `None` and there is none yet.
    pub deployment: Option<String>,
    /// Whether certificates of nodes and clients that have expired, or lack a name that is needed now, are replaced.
    pub renew_expired: bool,
}

impl Default for IssueOptions {
    fn default() -> Self {
        Self {
            days: 730,
            authority_days: 3650,
            validity: None,
            deployment: None,
            renew_expired: false,
        }
    }
}

/// What was made.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Report {
    /// The files that are new, in the order in which they were made.
    pub created: Vec<PathBuf>,
}

/// Makes the authority and the main node's identity of each of the parties, where missing.
///
/// Of several parties, those whose authority is here without its key belong to other machines and are
/// passed over.
/// Fails if files cannot be written, if the directory belongs to another deployment than the
/// options say, or if a certificate is missing and the key of its authority is elsewhere.
pub fn init_parties(
    dir: &Path,
    parties: impl IntoIterator<Item = PartyId>,
    options: &IssueOptions,
) -> Result<Report, Error> {
    let mut work = Workshop::enter(dir, options)?;
    let parties: Vec<_> = parties.into_iter().collect();
    for party in parties.iter().copied() {
        let authority = Pair::authority(dir, AuthorityId::Party(party));
        if parties.len() > 1 && authority.certificate.exists() && !authority.key.exists() {
            continue;
        }
        work.ensure_authority(AuthorityId::Party(party))?;
        work.ensure_leaf(Subject::Node(NodeId::main(party)))?;
    }
    Ok(work.report)
}

/// Makes the identity of one worker where it is missing, and what it needs to be signed.
///
/// Fails as [`init_parties`] does.
pub fn add_worker(
    dir: &Path,
    party: PartyId,
    worker: WorkerId,
    options: &IssueOptions,
) -> Result<Report, Error> {
    let mut work = Workshop::enter(dir, options)?;
    work.ensure_authority(AuthorityId::Party(party))?;
    work.ensure_leaf(Subject::Node(NodeId::worker(party, worker)))?;
    Ok(work.report)
}

/// Makes the identity of one external client where it is missing, and the clients' authority.
///
/// Fails as [`init_parties`] does.
pub fn add_client(dir: &Path, client: u32, options: &IssueOptions) -> Result<Report, Error> {
    let mut work = Workshop::enter(dir, options)?;
    work.ensure_authority(AuthorityId::Clients)?;
    work.ensure_leaf(Subject::Client(client))?;
    work.show_parties(&store::clients_dir(dir))?;
    Ok(work.report)
}

/// Copies what an external client needs on its machine to another directory: its certificate and key, and the
/// certificate of each party's authority as `P<i>.pem`.
///
/// Fails if the client has no identity yet, and if files cannot be written.
pub fn export_client(dir: &Path, client: u32, to: &Path) -> Result<Report, Error> {
    let options = IssueOptions::default();
    let mut work = Workshop::enter(dir, &options)?;
    let subject = Subject::Client(client);
    let (pair, remedy) = (Pair::subject(dir, &subject), subject.remedy());
    store::read_certificate(&pair.certificate, &format!("the certificate of {subject}"), &remedy)?;
    let key = store::read_key_text(&pair.key, &format!("the key of {subject}"), &remedy)?;
    store::make_dir(to, false)?;
    let name = |extension| to.join(format!("C{client}.{extension}"));
    work.copy(&name("key"), &key, true)?;
    work.copy(&name("pem"), &store::read(&pair.certificate, "", &remedy)?, false)?;
    work.show_parties(to)?;
    Ok(work.report)
}

/// Keeps keys out of repositories that the directory may lie in.
fn ignore_by_git(dir: &Path) -> Result<(), Error> {
    let path = dir.join(".gitignore");
    if path.exists() { Ok(()) } else { store::write(&path, b"*\n", false) }
}

struct Workshop<'a> {
    dir: &'a Path,
    options: &'a IssueOptions,
    deployment: String,
    now: OffsetDateTime,
    report: Report,
    _lock: store::Lock,
}

impl<'a> Workshop<'a> {
    fn enter(dir: &'a Path, options: &'a IssueOptions) -> Result<Self, Error> {
        if let Some(name) = options.deployment.as_ref().filter(|name| !is_deployment_name(name)) {
            return Err(Error::InvalidDeployment { name: name.clone() });
        }
        let lock = store::lock(dir)?;
        let mut report = Report::default();
        let deployment = match store::read_deployment(dir) {
            Err(Error::MissingFile { path, .. }) => {
                let name = match &options.deployment {
                    Some(name) => name.clone(),
                    None => random_name()?,
                };
                let content = format!(
                    "# The same at every party; its authorities' certificates carry it.\n\
                     name = \"{name}\"\n"
                );
                store::write(&path, content.as_bytes(), false)?;
                report.created.push(path);
                ignore_by_git(dir)?;
                name
            }
            other => other?,
        };
        if let Some(expected) = options.deployment.as_ref().filter(|name| **name != deployment) {
            let config = store::deployment_file(dir);
            return Err(Error::Malformed {
                path: config,
                what: format!("it names the deployment `{deployment}`, not `{expected}`"),
                remedy: format!("caucus certs init --deployment {expected}"),
            });
        }
        let now = OffsetDateTime::now_utc();
        Ok(Self { dir, options, deployment, now, report, _lock: lock })
    }

    fn ensure_authority(&mut self, authority: AuthorityId) -> Result<(), Error> {
        let pair = Pair::authority(self.dir, authority);
        // The authority of a party on another machine is a certificate without a key: that is whole.
        if pair.certificate.exists() {
            return Ok(());
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = self.distinguished_name(authority.common_name());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = self.now - BACKDATE;
        params.not_after = self.now + Duration::days(self.options.authority_days.into());
        let key = new_key()?;
        let cert = params.self_signed(&key).map_err(generate)?;
        self.write_pair(&pair, &cert.pem(), &key)
    }

    fn ensure_leaf(&mut self, subject: Subject) -> Result<(), Error> {
        let pair = Pair::subject(self.dir, &subject);
        if pair.certificate.exists() && pair.key.exists() && !self.is_to_renew(&pair, &subject)? {
            return Ok(());
        }
        let uses = match subject {
            Subject::Node(_) => {
                vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth]
            }
            Subject::Client(_) => vec![ExtendedKeyUsagePurpose::ClientAuth],
        };
        let ia5 = |text: String| text.try_into().map_err(generate);
        let mut params = CertificateParams::default();
        let short_name = subject.short_name();
        let common_name = short_name.clone().unwrap_or_else(|| subject.to_string());
        params.distinguished_name = self.distinguished_name(common_name);
        params.subject_alt_names = vec![
            SanType::URI(ia5(subject.uri(&self.deployment))?),
            SanType::DnsName(ia5(subject.dns_name(&self.deployment))?),
        ];
        if let Some(name) = short_name {
            params.subject_alt_names.push(SanType::DnsName(ia5(name)?));
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = uses;
        params.use_authority_key_identifier_extension = true;
        let days = Duration::days(self.options.days.into());
        (params.not_before, params.not_after) =
            self.options.validity.unwrap_or((self.now - BACKDATE, self.now + days));
        let issuer = self.issuer(subject.authority())?;
        let key = new_key()?;
        let cert = params.signed_by(&key, &issuer).map_err(generate)?;
        self.write_pair(&pair, &cert.pem(), &key)
    }

    /// Writes for each party whose authority is known here the file `P<i>.pem` that clients verify it by. Where the
    /// authority has changed, so does the file.
    fn show_parties(&mut self, to: &Path) -> Result<(), Error> {
        for party in (0..=u8::MAX).map(PartyId::new) {
            let certificate = Pair::authority(self.dir, AuthorityId::Party(party)).certificate;
            if certificate.exists() {
                let text = store::read(&certificate, "", "")?;
                self.copy(&to.join(format!("{party}.pem")), &text, false)?;
            }
        }
        Ok(())
    }

    /// Writes a file unless it is there with this content.
    fn copy(&mut self, path: &Path, content: &[u8], secret: bool) -> Result<(), Error> {
        if std::fs::read(path).is_ok_and(|found| found == content) {
            return Ok(());
        }
        store::write(path, content, secret)?;
        self.report.created.push(path.to_owned());
        Ok(())
    }

    fn is_to_renew(&self, pair: &Pair, subject: &Subject) -> Result<bool, Error> {
        if !self.options.renew_expired {
            return Ok(false);
        }
        let what = format!("the certificate of {subject}");
        let cert = store::read_certificate(&pair.certificate, &what, &subject.remedy())?;
        let lacks_name = |name: String| !describe::has_dns_name(&cert, &name);
        Ok(CertInfo::from_der(&cert).is_none_or(|info| info.not_after <= self.now)
            || subject.short_name().is_some_and(lacks_name))
    }

    fn issuer(&self, authority: AuthorityId) -> Result<Issuer<'static, KeyPair>, Error> {
        let pair = Pair::authority(self.dir, authority);
        let what = format!("the certificate of {authority}");
        let remedy = authority.remedy(&self.deployment);
        let cert = store::read_certificate(&pair.certificate, &what, &remedy)?;
        let text = match store::read_key_text(&pair.key, &what, &remedy) {
            Err(Error::MissingFile { path, .. }) => {
                return Err(Error::NoAuthorityKey { authority: authority.to_string(), path });
            }
            other => other?,
        };
        let malformed =
            |what| Error::Malformed { path: pair.key.clone(), what, remedy: remedy.clone() };
        let text = std::str::from_utf8(&text).map_err(|error| malformed(error.to_string()))?;
        let key = KeyPair::from_pem(text).map_err(|error| malformed(error.to_string()))?;
        Issuer::from_ca_cert_der(&cert, key).map_err(generate)
    }

    fn distinguished_name(&self, common_name: String) -> DistinguishedName {
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, self.deployment.as_str());
        name.push(DnType::CommonName, common_name);
        name
    }

    fn write_pair(&mut self, pair: &Pair, cert: &str, key: &KeyPair) -> Result<(), Error> {
        if let Some(dir) = pair.key.parent() {
            store::make_dir(dir, true)?;
        }
        // The certificate comes last: where there is one, its key is there too.
        store::write(&pair.key, Zeroizing::new(key.serialize_pem()).as_bytes(), true)?;
        store::write(&pair.certificate, cert.as_bytes(), false)?;
        self.report.created.extend([pair.key.clone(), pair.certificate.clone()]);
        Ok(())
    }
}

/// Clocks of machines differ: what was made here is to be valid there at once.
const BACKDATE: Duration = Duration::HOUR;

fn new_key() -> Result<KeyPair, Error> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(generate)
}

fn random_name() -> Result<String, Error> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|error| Error::Generate { reason: error.to_string() })?;
    Ok(format!("caucus-{:08x}", u32::from_le_bytes(bytes)))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn generate(error: rcgen::Error) -> Error {
    Error::Generate { reason: error.to_string() }
}
