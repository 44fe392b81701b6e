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
            ("holder", "/findings/1/holder"),
            ("kept", "/findings/1/keeps/0"),
            ("test", "/tests/0"),
            ("trust", "/trust"),
            ("hook", "/trust/hooks/0"),
        ] {
            let part = doc.pointer(pointer).unwrap();
            assert_eq!(keys(&schema["$defs"][definition]["properties"]), keys(part), "{definition}");
            let required = schema["$defs"][definition]["required"].as_array().unwrap();
            assert_eq!(required.len(), keys(part).len(), "{definition}: every field is required");
        }
    }
}
