//! An address on the web, as far as it may be followed.

use super::super::visible::{NAME, visible};
use serde::Serialize;

/// An address that may be followed; where it is none, only its text is shown.
#[derive(Serialize)]
pub(super) struct Link {
    href: String,
    text: String,
}

impl Link {
    /// A document is data: only plain addresses on the web are followed, never `javascript:` or a file.
    pub(super) fn to(address: &str) -> Self {
        let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/#?=&:%".contains(c));
        if host.is_empty() || address.len() > NAME || !plain(address) {
            return Self { href: String::new(), text: visible(address, NAME) };
        }
        Self { href: address.into(), text: host.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_links() {
        assert_eq!(Link::to("https://docs.python.org/3/c-api/module.html#c.x").text, "docs.python.org");
        for bad in ["javascript:alert(1)", "http://x/", "https://", "file:///etc", "https://x/\"onload=a", ""] {
            assert_eq!(Link::to(bad).href, "", "{bad}");
        }
    }
}
