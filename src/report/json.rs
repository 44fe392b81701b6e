//! The audit document as JSON: written as it is, nothing shortened, nothing left out.

use crate::document::Document;

pub(super) fn render(doc: &Document) -> String {
    doc.to_json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use serde_json::Value;

    const SCHEMA: &str = include_str!("../../docs/reference/audit-document.schema.json");

    /// Fields of a finding that came after the first release: a document without them is read.
    const LATER: [&str; 10] =
        ["bytes_per_run", "site", "traces", "reach", "reached", "paths", "cycle", "ledger", "known", "retained"];

    fn keys(value: &Value) -> Vec<&str> {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn json_keeps_the_whole_document() {
        let doc = sample::leaks();
        assert_eq!(Document::from_json(&render(&doc)).unwrap(), doc);
    }

    #[test]
    fn documents_of_the_first_release_are_read() {
        let mut old: Value = serde_json::from_str(&render(&sample::leaks())).unwrap();
        for field in ["layers", "cycles", "dominators", "baseline", "suppressions"] {
            old.as_object_mut().unwrap().remove(field);
        }
        for finding in old["findings"].as_array_mut().unwrap() {
            LATER.iter().for_each(|field| drop(finding.as_object_mut().unwrap().remove(*field)));
        }
        let doc = Document::from_json(&old.to_string()).unwrap();
        assert!(
            doc.layers.is_none()
                && doc.findings.iter().all(|f| f.site.is_none() && f.traces.is_empty() && f.reach.is_none())
        );
        assert_eq!(doc.findings.len(), sample::leaks().findings.len());
    }

    /// The schema and the serde types are two texts of one thing: neither may gain a field alone.
    #[test]
    fn schema_names_exactly_the_fields_of_the_document() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let doc: Value = serde_json::from_str(&render(&sample::leaks())).unwrap();
        assert_eq!(keys(&schema["properties"]), keys(&doc));
        for (definition, pointer) in [
            ("tool", "/tool"),
            ("interpreter", "/interpreter"),
            ("finding", "/findings/1"),
            ("site", "/findings/1/site"),
            ("source", "/findings/1/site/source/0"),
            ("trace", "/findings/1/traces/0"),
            ("frame", "/findings/1/traces/0/frames/0"),
            ("layers", "/layers"),
            ("holder", "/findings/1/holder"),
            ("kept", "/findings/1/keeps/0"),
            ("reached", "/findings/1/reached"),
            ("retained", "/findings/1/retained"),
            ("chain", "/findings/3/paths/0"),
            ("link", "/findings/3/paths/0/links/0"),
            ("cycle", "/findings/1/cycle"),
            ("step", "/cycles/0/steps/0"),
            ("ledger", "/findings/1/ledger"),
            ("place", "/findings/1/ledger/places/0"),
            ("entry", "/findings/1/ledger/history/0"),
            ("balance", "/findings/1/ledger/balance/0"),
            ("sampled", "/findings/1/ledger/sampled"),
            ("dominator", "/dominators/0"),
            ("test", "/tests/0"),
            ("known", "/findings/1/known"),
            ("baseline", "/baseline"),
            ("suppression", "/suppressions/0"),
            ("trust", "/trust"),
            ("hook", "/trust/hooks/0"),
        ] {
            let part = doc.pointer(pointer).unwrap();
            assert_eq!(keys(&schema["$defs"][definition]["properties"]), keys(part), "{definition}");
            let required = schema["$defs"][definition]["required"].as_array().unwrap();
            let later = match definition {
                "finding" => LATER.len(),
                // Its source, which is not always there.
                "chain" => 1,
                _ => 0,
            };
            assert_eq!(required.len() + later, keys(part).len(), "{definition}: every other field is required");
        }
    }
}
