//! The manifest of private inputs that lie behind HTTPS: a JSON file that says where each part is, and what it must be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::download::{Address, Host, Item, Policy};

/// The longest manifest, in bytes.
const MAX_MANIFEST: u64 = 16 << 20;
/// Bytes of a part, unless the manifest allows more.
const MAX_BYTES: u64 = 1 << 30;
/// What times and repetitions may be.
const MAX_SECONDS: u64 = 24 * 3600;
const MAX_RETRIES: u32 = 20;

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct ManifestError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// A part of the private inputs.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The file.
    pub(crate) item: Item,
    /// How many numbers it has, if the manifest says so.
    pub(crate) values: Option<u64>,
}

/// What a manifest says.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Its file.
    pub(crate) path: PathBuf,
    /// How files may be had.
    pub(crate) policy: Policy,
    /// The parts by number.
    pub(crate) parts: BTreeMap<u64, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    hosts: Vec<String>,
    ca: PathBuf,
    #[serde(default = "connect_timeout")]
    connect_timeout: u64,
    #[serde(default = "timeout")]
    timeout: u64,
    #[serde(default = "retries")]
    retries: u32,
    #[serde(default = "max_bytes")]
    max_bytes: u64,
    parts: Vec<PartText>,
}

fn connect_timeout() -> u64 {
    10
}

fn timeout() -> u64 {
    300
}

fn retries() -> u32 {
    4
}

fn max_bytes() -> u64 {
    MAX_BYTES
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartText {
    part: u64,
    url: String,
    bytes: u64,
    sha256: String,
    values: Option<u64>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// It cannot be read, or breaks a rule.
    pub(crate) fn load(path: &Path) -> Result<Self, ManifestError> {
        let wrong = |what: String| ManifestError { path: path.to_owned(), what };
        let found = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
        if !found.is_file() || found.len() > MAX_MANIFEST {
            return Err(wrong(format!("is no file of at most {MAX_MANIFEST} bytes")));
        }
        let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&text, path).map_err(wrong)
    }

    pub(crate) fn parse(text: &[u8], path: &Path) -> Result<Self, String> {
        let text: Text = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let host = |name: &String| {
            Host::parse(name).ok_or_else(|| format!("hosts: `{name}` is not HOST or HOST:PORT"))
        };
        let hosts = text.hosts.iter().map(host).collect::<Result<Vec<_>, _>>()?;
        for (name, seconds) in
            [("connect_timeout", text.connect_timeout), ("timeout", text.timeout)]
        {
            if !(1..=MAX_SECONDS).contains(&seconds) {
                return Err(format!("{name}: must be 1 to {MAX_SECONDS} seconds"));
            }
        }
        if text.retries > MAX_RETRIES {
            return Err(format!("retries: must be at most {MAX_RETRIES}"));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let policy = Policy {
            hosts,
            authorities: folder.join(&text.ca),
            connect_timeout: Duration::from_secs(text.connect_timeout),
            timeout: Duration::from_secs(text.timeout),
            retries: text.retries,
        };
        let mut parts = BTreeMap::new();
        for it in text.parts {
            let number = it.part;
            let entry = entry(&it, text.max_bytes, &policy.hosts)
                .map_err(|what| format!("part {number}: {what}"))?;
            if parts.insert(number, entry).is_some() {
                return Err(format!("part {number}: is listed twice"));
            }
        }
        Ok(Self { path: path.to_owned(), policy, parts })
    }
}

fn entry(text: &PartText, max_bytes: u64, hosts: &[Host]) -> Result<Entry, String> {
    let address = Address::parse(&text.url).map_err(|what| format!("url {what}"))?;
    if !hosts.iter().any(|host| host.has(&address)) {
        return Err(format!("the host of {address} is not among `hosts`"));
    }
    if text.bytes > max_bytes {
        return Err(format!("{} bytes are more than max_bytes, which is {max_bytes}", text.bytes));
    }
    let bytes = usize::try_from(text.bytes).map_err(|_| "too many bytes".to_owned())?;
    let digest = digest(&text.sha256).ok_or("sha256: must be 64 hexadecimal digits")?;
    Ok(Entry { item: Item { address, bytes, digest }, values: text.values })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "hosts": ["data.example"],
            "ca": "ca.pem",
            "parts": [{
                "part": 3, "url": "https://data.example/3.txt", "bytes": 10, "sha256": "0a".repeat(32),
            }],
        })
    }

    fn parse(value: &Value) -> Result<Manifest, String> {
        Manifest::parse(value.to_string().as_bytes(), Path::new("somewhere/manifest.json"))
    }

    #[test]
    fn a_manifest_says_where_parts_are() {
        let manifest = parse(&good()).unwrap();
        assert_eq!(manifest.policy.authorities, Path::new("somewhere/ca.pem"));
        assert_eq!((manifest.policy.retries, manifest.policy.timeout.as_secs()), (4, 300));
        let entry = &manifest.parts[&3];
        assert_eq!((entry.item.bytes, entry.item.digest, entry.values), (10, [10; 32], None));
        assert_eq!(entry.item.address.to_string(), "https://data.example/3.txt");
    }

    #[test]
    fn what_breaks_a_rule_is_refused_with_its_place() {
        let part = |key: &str, value: Value| {
            let mut manifest = good();
            manifest["parts"][0][key] = value;
            manifest
        };
        let whole = |key: &str, value: Value| {
            let mut manifest = good();
            manifest[key] = value;
            manifest
        };
        let mut twice = good();
        let first = twice["parts"][0].clone();
        twice["parts"].as_array_mut().unwrap().push(first);
        let mut short = good();
        short["parts"][0].as_object_mut().unwrap().remove("sha256");
        for (manifest, text) in [
            (json!([1]), "expected a sequence"),
            (whole("colour", json!(1)), "unknown field `colour`"),
            (part("md5", json!("00")), "unknown field `md5`"),
            (short, "missing field `sha256`"),
            (whole("hosts", json!(["*"])), "hosts: `*`"),
            (
                whole("hosts", json!(["other.example"])),
                "part 3: the host of https://data.example/3.txt",
            ),
            (whole("timeout", json!(0)), "timeout: must be 1"),
            (whole("connect_timeout", json!(100_000)), "connect_timeout: must be 1"),
            (whole("retries", json!(21)), "retries: must be at most 20"),
            (whole("max_bytes", json!(9)), "part 3: 10 bytes are more than max_bytes, which is 9"),
            (part("bytes", json!(-1)), "-1"),
            (part("bytes", json!(1_u64 << 31)), "more than max_bytes"),
            (part("sha256", json!("0a")), "part 3: sha256"),
            (part("sha256", json!("+a".repeat(32))), "part 3: sha256"),
            (part("url", json!("http://data.example/3.txt")), "part 3: url uses http"),
            (twice, "part 3: is listed twice"),
        ] {
            let error = parse(&manifest).unwrap_err();
            assert!(error.contains(text), "{text:?} is missing in {error:?}");
        }
        let error = Manifest::parse(b"{\"hosts\": [", Path::new("m.json")).unwrap_err();
        assert!(error.contains("line 1 column 11"), "{error}");
    }
}
