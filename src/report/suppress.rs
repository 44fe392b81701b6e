//! A suppression that a reader can copy into `pyproject.toml`.

use crate::document::Finding;

/// Longer names are not suppressed by name.
const LONGEST: usize = 200;

/// `{ rule = "RA103", type = "spam.Node", function = "node_new", reason = "" },`, an entry of `ignore`.
pub(super) fn suppression(finding: &Finding) -> String {
    let function = finding.site.as_ref().map_or("", |site| site.frame.function.as_str());
    let fields = [("rule", finding.rule.as_str()), ("type", &finding.type_name), ("function", function)];
    let known = |text: &str| !text.is_empty() && text.chars().count() <= LONGEST;
    let mut parts: Vec<String> = fields
        .iter()
        .filter(|(_, text)| known(text))
        .map(|(name, text)| format!("{name} = {}", quoted(text)))
        .collect();
    if parts.len() < 2 {
        parts = vec![format!("fingerprint = {}", quoted(&finding.fingerprint))];
    }
    format!("{{ {}, reason = \"\" }},", parts.join(", "))
}

/// A basic string of TOML (toml.io, version 1.0.0, section String): what is not printable ASCII is escaped,
/// so that no character in it can deceive a reader.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ if u32::from(c) <= 0xFFFF => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn names_are_quoted_as_toml_wants_them() {
        assert_eq!(quoted("a\"b\\\n\u{202e}\u{1f600}"), "\"a\\\"b\\\\\\u000a\\u202e\\U0001f600\"");
    }

    #[test]
    fn what_has_no_short_name_is_suppressed_by_fingerprint() {
        let mut finding = sample::leaks().findings.into_iter().find(|f| f.site.is_some()).unwrap();
        assert!(suppression(&finding).contains("function = \""));
        (finding.site, finding.type_name) = (None, "x".repeat(10_000));
        let line = suppression(&finding);
        assert!(line.contains("fingerprint = \"") && line.len() < 200, "{line}");
    }
}
