//! Lines of source that look as if they held a secret: a report is mailed around, they stay behind.
//!
//! A line is withheld when a name that people give to secrets is set to a text, or when a text looks
//! like a key of a well-known kind. Better one harmless line too many than a key in a report.

/// What is shown in its place.
pub(super) const WITHHELD: &str = "[withheld: this line looks like a secret]";

/// Names of secrets, in lower case and without `_` and `-`.
const NAMES: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "authtoken",
    "accesstoken",
    "credential",
    "bearer",
    "signingkey",
    "encryptionkey",
    "clientsecret",
];
/// The same, where only the whole word or its end means it.
const ENDS: [&str; 4] = ["token", "pwd", "pass", "auth"];
/// How keys of well-known kinds begin.
const STARTS: [&str; 14] = [
    "-----BEGIN",
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk-",
    "sk_live_",
    "AIza",
    "eyJhbGci",
];
/// Shorter texts are no keys.
const SHORTEST_KEY: usize = 12;

/// Whether a line of source is better not shown.
pub(super) fn looks_secret(line: &str) -> bool {
    texts(line).any(is_key) || sets_a_secret(line)
}

/// What stands between quotation marks.
fn texts(line: &str) -> impl Iterator<Item = &str> {
    line.split(['"', '\'']).skip(1).step_by(2).chain(line.split(['\'', '"', '`', '=', ' ', '(', ',']))
}

fn is_key(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("-----BEGIN")
        || (text.len() >= SHORTEST_KEY && STARTS.iter().any(|start| text.starts_with(start)) && !text.contains(' '))
}

/// `password = "hunter2"`, `{"api_key", "0123"}`, `#define TOKEN "..."`, `strcmp(pw, "x")` with such a name.
fn sets_a_secret(line: &str) -> bool {
    let Some(at) = line.find(['"', '\'']) else { return false };
    let has_text = texts(line).take(64).any(|text| !text.trim().is_empty());
    // A name inside the first text counts as well: a key of a table, an argument of a setter.
    let several = line[at + 1..].matches(['"', '\'']).count() >= 3;
    let before = &line[..at];
    has_text && (named(before) || (several && named(line)))
}

/// Whether a word of `text` is a name of secrets.
fn named(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.split(|c| !is_part(c)).filter(|word| !word.is_empty()).any(|word| {
        let plain: String = word.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
        NAMES.iter().any(|name| plain.contains(name)) || ENDS.iter().any(|end| plain.ends_with(end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_withheld() {
        for line in [
            "password = \"hunter2\"",
            "    static const char *API_KEY = \"0123456789abcdef\";",
            "#define AUTH_TOKEN \"abc\"",
            "options = {'client-secret': 'x7'}",
            "set(\"db.password\", \"hunter2\");",
            "x = \"ghp_0123456789abcdefghij\"",
            "key = load('AKIAIOSFODNN7EXAMPLE')",
            "-----BEGIN RSA PRIVATE KEY-----",
            "headers[\"Authorization\"] = \"Bearer \" + \"eyJhbGciOiJIUzI1NiJ9.e30.x\"",
            "curl -H token=ghp_0123456789abcdefghij",
            "db_pwd: 'x'",
        ] {
            assert!(looks_secret(line), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_shown() {
        for line in [
            "",
            "PyObject *token = next_token(parser);",
            "    return PyErr_Format(PyExc_ValueError, \"no such key: %R\", key);",
            "static PyObject *cache;",
            "if (c == '\"' || c == '\\'') {",
            "password = read_password(prompt);",
            "    Py_INCREF(key);",
            "char *name = strdup(\"skeleton-key\");",
            "tokens = [\"a\", \"b\"]",
        ] {
            assert!(!looks_secret(line), "{line}");
        }
    }
}
