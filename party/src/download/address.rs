//! Addresses that downloads accept.

use std::fmt;

use ureq::http::Uri;

/// An `https://` address without user names and passwords. Shown, and in `Debug`, without its query.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    host: String,
    port: u16,
    path: String,
}

/// The port of HTTPS.
const PORT: u16 = 443;

impl Address {
    /// Reads an address. The error says what is wrong with it, without repeating it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri =
            text.parse().map_err(|_| "is not an address of the form https://HOST/PATH")?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") => {
                return Err(
                    "uses http, whose data anybody on the way can read and change; use https",
                );
            }
            _ => return Err("is not an address of the form https://HOST/PATH"),
        }
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err("has a user name or password in it, which would end up in logs");
        }
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        if host.is_empty() {
            return Err("names no host");
        }
        let port = uri.port_u16().unwrap_or(PORT);
        Ok(Self { text: text.to_owned(), host, port, path: uri.path().to_owned() })
    }

    /// Where a redirect from here leads.
    pub(crate) fn redirected(&self, location: &str) -> Result<Self, &'static str> {
        // `//host/path` keeps the scheme only, `/path` the host too.
        if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(&format!("https://{rest}"));
        }
        match location.starts_with('/') {
            true => Self::parse(&format!("https://{}:{}{location}", self.host, self.port)),
            false => Self::parse(location),
        }
    }

    /// The whole address.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)?;
        if self.port != PORT {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A host that may be asked: on any port, or on one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Reads `HOST` or `HOST:PORT`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            // The colons of an IPv6 address are in brackets.
            Some((name, port)) if !port.ends_with(']') => (name, Some(port.parse().ok()?)),
            _ => (text, None),
        };
        let is_plain = !name.is_empty() && !name.contains(['/', '@', '?', '#', '*', ' ']);
        is_plain.then(|| Self { name: name.to_ascii_lowercase(), port })
    }

    /// Whether an address is at this host.
    pub(crate) fn has(&self, address: &Address) -> bool {
        self.name == address.host && self.port.is_none_or(|port| port == address.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_what_may_be_secret() {
        let address = Address::parse("https://Data.example:8443/a/b.txt?token=hunter2").unwrap();
        assert_eq!(address.to_string(), "https://data.example:8443/a/b.txt");
        assert!(!format!("{address:?}").contains("hunter2"));
        assert!(address.text().ends_with("?token=hunter2"));
    }

    #[test]
    fn only_https_without_passwords_is_taken() {
        for (text, part) in [
            ("http://data.example/a", "use https"),
            ("ftp://data.example/a", "of the form"),
            ("data.example/a", "of the form"),
            ("https://me:hunter2@data.example/a", "password"),
            ("https:///a", "of the form"),
            ("", "of the form"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.contains(part) && !error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn redirects_may_leave_out_the_host() {
        let here = Address::parse("https://a.example:444/x?y=1").unwrap();
        let to = |location: &str| here.redirected(location).map(|it| it.to_string());
        assert_eq!(to("/z").unwrap(), "https://a.example:444/z");
        assert_eq!(to("https://b.example/z").unwrap(), "https://b.example/z");
        assert_eq!(to("//b.example/z").unwrap(), "https://b.example/z");
        assert!(to("http://a.example:444/z").is_err() && to("z").is_err());
    }

    #[test]
    fn hosts_are_allowed_as_they_are_written() {
        let address = Address::parse("https://a.example:444/x").unwrap();
        let has = |host: &str| Host::parse(host).unwrap().has(&address);
        assert!(has("a.example") && has("A.example:444"));
        assert!(!has("a.example:443") && !has("example") && !has("b.a.example"));
        for wrong in ["", "*.example", "https://a.example", "a.example:x", "me@a.example"] {
            assert_eq!(Host::parse(wrong), None, "{wrong}");
        }
        let local = Address::parse("https://[::1]:444/x").unwrap();
        assert!(Host::parse("[::1]").unwrap().has(&local));
        assert!(Host::parse("[::1]:444").unwrap().has(&local));
    }
}
