//! Reading certificates for people: whom they name, who issued them, until when they are valid.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::Error;
use super::subject::Subject;

/// What a certificate says, for lists and messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertInfo {
    /// The file that the certificate came from; empty if it came from a connection.
    pub path: PathBuf,
    /// The URI of whom it names, or the common name if it carries no URI.
    pub subject: String,
    /// The common name of the authority that signed it.
    pub issuer: String,
    /// The deployment of that authority (its organization), empty if it has none.
    pub deployment: String,
    /// The first moment of validity.
    pub not_before: OffsetDateTime,
    /// The last moment of validity.
    pub not_after: OffsetDateTime,
    /// SHA-256 of the certificate, in hexadecimal.
    pub fingerprint: String,
}

impl CertInfo {
    /// Reads a certificate in DER; `None` if it is none.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let (rest, cert) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let name = |name: &x509_parser::x509::X509Name<'_>| {
            let common = name.iter_common_name().next().and_then(|cn| cn.as_str().ok());
            clean(common.unwrap_or_default())
        };
        let deployment = cert.issuer().iter_organization().next().and_then(|o| o.as_str().ok());
        let uri = uris(&cert).first().map(|uri| clean(uri));
        let fingerprint = Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            path: PathBuf::new(),
            subject: uri.unwrap_or_else(|| name(cert.subject())),
            issuer: name(cert.issuer()),
            deployment: clean(deployment.unwrap_or_default()),
            not_before: cert.validity().not_before.to_datetime(),
            not_after: cert.validity().not_after.to_datetime(),
            fingerprint,
        })
    }

    pub(super) fn at(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }
}

impl fmt::Display for CertInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deployment = match self.deployment.as_str() {
            "" => String::new(),
            name => format!(" of {name}"),
        };
        write!(
            f,
            "{} issued by \"{}\"{deployment}, valid {} to {}, SHA-256 {}",
            self.subject,
            self.issuer,
            date(self.not_before),
            date(self.not_after),
            self.fingerprint.get(..16).unwrap_or_default(),
        )
    }
}

/// The text of a time as it stands in all messages: `2027-01-31 12:00 UTC`.
pub(crate) fn date(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02} UTC",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute()
    )
}

/// What the certificate says, or that it is none.
pub(super) fn describe(cert: &CertificateDer<'_>) -> String {
    match CertInfo::from_der(cert) {
        Some(info) => info.to_string(),
        None => "a certificate that cannot be read".to_owned(),
    }
}

/// Whom the certificate names: the deployment and the subject of its only URI of ours.
pub(crate) fn subject_of(cert: &CertificateDer<'_>) -> Option<(String, Subject)> {
    let (_, cert) = X509Certificate::from_der(cert).ok()?;
    // Two names in one certificate would let its owner choose who to be.
    let [uri] = uris(&cert).try_into().ok()?;
    Subject::from_uri(uri).map(|(deployment, subject)| (deployment.to_owned(), subject))
}

/// Whether the certificate is for this DNS name.
pub(super) fn has_dns_name(cert: &CertificateDer<'_>, wanted: &str) -> bool {
    let parsed = X509Certificate::from_der(cert).ok();
    let names = parsed.as_ref().and_then(|(_, cert)| cert.subject_alternative_name().ok()?);
    let mut names = names.into_iter().flat_map(|extension| &extension.value.general_names);
    names.any(|name| matches!(name, GeneralName::DNSName(name) if *name == wanted))
}

/// The common name and organization that the certificate gives itself.
pub(super) fn own_name(cert: &CertificateDer<'_>) -> Option<(String, String)> {
    let (_, cert) = X509Certificate::from_der(cert).ok()?;
    let subject = cert.subject();
    let common = subject.iter_common_name().next()?.as_str().ok()?;
    let organization = subject.iter_organization().next()?.as_str().ok()?;
    Some((common.to_owned(), organization.to_owned()))
}

fn uris<'a>(cert: &'a X509Certificate<'_>) -> Vec<&'a str> {
    let names = cert.subject_alternative_name().ok().flatten();
    names
        .into_iter()
        .flat_map(|extension| &extension.value.general_names)
        .filter_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None })
        .collect()
}

/// Text of a stranger's certificate, cut and without control characters, fit for a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).take(120).collect()
}

/// All certificates below the directory, sorted by path.
///
/// Fails if the directory or a file cannot be read or a `.pem` file holds no certificate.
pub fn show(dir: &Path) -> Result<Vec<CertInfo>, Error> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        let unreadable = |source| Error::Unreadable { path: dir.clone(), source };
        for entry in std::fs::read_dir(&dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pem") {
                let cert =
                    super::store::read_certificate(&path, "a certificate", "caucus certs init")?;
                found.extend(CertInfo::from_der(&cert).map(|info| info.at(&path)));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
