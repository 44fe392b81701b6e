//! Style and script of a page, inside it or beside it, and the policy that forbids everything else.

use minijinja::Value;
use serde::Serialize;

/// The style of all reports.
const STYLE: &str = include_str!("static/report.css");
/// Sorting, filtering, keys. The page is complete without it.
const SCRIPT: &str = include_str!("static/report.js");

/// Where a page finds its style and script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// Inside, so that the page is one file.
    Inside,
    /// In two files beside it, for servers whose policy forbids what is inside.
    Beside,
}

/// What the head of a page is given.
#[derive(Serialize)]
pub(super) struct Assets {
    /// Empty where it stands beside the page.
    style: Value,
    script: Value,
    policy: String,
    beside: bool,
}

impl Assets {
    /// Of a page that has `own` besides the style of all reports.
    pub(super) fn of(own: &str, place: Placement) -> Self {
        match place {
            Placement::Inside => Self {
                policy: format!(
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{}'",
                    base64(&hmac_sha256::Hash::hash(SCRIPT.as_bytes()))
                ),
                style: Value::from_safe_string(style(own)),
                script: Value::from_safe_string(SCRIPT.into()),
                beside: false,
            },
            Placement::Beside => Self {
                policy: "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'".into(),
                style: Value::from(""),
                script: Value::from(""),
                beside: true,
            },
        }
    }
}

/// The style sheet without the white space that only its writers need.
pub(super) fn style(own: &str) -> String {
    let mut out = String::new();
    for line in STYLE.lines().chain(own.lines()).map(str::trim) {
        let shorter = [(" {", "{"), ("{ ", "{"), ("; }", "}"), ("; ", ";"), (", ", ","), (": ", ":")];
        out.push_str(&shorter.iter().fold(line.to_owned(), |line, (long, short)| line.replace(long, short)));
    }
    out
}

/// The script as it stands beside a page.
pub(super) fn script() -> &'static str {
    SCRIPT
}

/// Base 64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0u32, |word, (index, byte)| word | u32::from(*byte) << (16 - 8 * index));
        for digit in 0..4 {
            let index = (word >> (18 - 6 * digit)) as usize & 63;
            out.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[index]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (given, wanted) in pairs {
            assert_eq!(base64(given.as_bytes()), wanted);
        }
    }

    #[test]
    fn script_is_small_and_cannot_be_closed_from_inside() {
        assert!(SCRIPT.len() <= 16 * 1024, "{}", SCRIPT.len());
        for bad in ["</", "<!--", "eval(", "innerHTML", "http:", "https:", "import("] {
            assert!(!SCRIPT.contains(bad), "{bad}");
        }
    }
}
