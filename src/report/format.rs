//! The forms in which a document can be written, and how they are told by name.

use super::visible::visible;

/// A form in which a document can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text of at most 80 columns.
    Text,
    /// The audit document itself.
    Json,
    /// One page without outside resources, whole without its script.
    Html,
    /// What is still alive by stack, for speedscope.
    Speedscope,
    /// The same as collapsed stacks, for flame graphs.
    Collapsed,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML: a test case for each audited test.
    Junit,
    /// Markdown, as a job summary or a comment.
    Markdown,
    /// Workflow commands that GitHub Actions shows as annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// Paths and cycles as a graph, for Graphviz.
    Dot,
}

/// Names that stand alone, and last parts of a file name.
const NAMES: [(&str, Format); 19] = [
    ("text", Format::Text),
    ("txt", Format::Text),
    ("json", Format::Json),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("speedscope", Format::Speedscope),
    ("collapsed", Format::Collapsed),
    ("folded", Format::Collapsed),
    ("sarif", Format::Sarif),
    ("junit", Format::Junit),
    ("xml", Format::Junit),
    ("markdown", Format::Markdown),
    ("md", Format::Markdown),
    ("github", Format::Github),
    ("gitlab", Format::Gitlab),
    ("dot", Format::Dot),
    ("gv", Format::Dot),
    // A file of annotations by itself.
    ("annotations", Format::Github),
    ("codequality", Format::Gitlab),
];

/// Suffixes of two parts, which go before those of one.
const PAIRS: [(&str, &str, Format); 5] = [
    ("speedscope", "json", Format::Speedscope),
    ("sarif", "json", Format::Sarif),
    ("gitlab", "json", Format::Gitlab),
    ("codequality", "json", Format::Gitlab),
    ("github", "txt", Format::Github),
];

/// No format is called so.
#[derive(Debug, thiserror::Error)]
#[error(
    "no report format is called `{0}`; use html, json, txt, md, sarif, junit (or xml), github, gitlab, dot (or gv), or for the stacks speedscope.json, collapsed or folded"
)]
pub struct UnknownFormat(String);

impl Format {
    /// The format for a name (`html`, `text`), a suffix (`.html`) or a whole file name (`leaks.html`), in any
    /// case. Some suffixes have two parts: `leaks.speedscope.json`, `leaks.sarif.json`, `leaks.gitlab.json`,
    /// `leaks.github.txt`.
    ///
    /// # Errors
    /// [`UnknownFormat`] for every other name.
    pub fn from_suffix(name: &str) -> Result<Self, UnknownFormat> {
        let lower = name.to_ascii_lowercase();
        let mut parts = lower.rsplit(['.', '/']);
        let suffix = lower.rsplit('.').next().unwrap_or_default();
        let before = parts.nth(1).unwrap_or_default();
        let pair = PAIRS.iter().find(|(first, second, _)| *second == suffix && *first == before);
        if let Some((.., format)) = pair {
            return Ok(*format);
        }
        let single = NAMES.iter().find(|(known, _)| *known == suffix);
        single.map(|(_, format)| *format).ok_or_else(|| UnknownFormat(visible(suffix, 40)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_is_told_by_name_suffix_or_file_name() {
        for (name, format) in [
            ("html", Format::Html),
            (".HTM", Format::Html),
            ("out/leaks.v1.json", Format::Json),
            ("text", Format::Text),
            ("leaks.txt", Format::Text),
            ("speedscope", Format::Speedscope),
            ("out/Leaks.Speedscope.JSON", Format::Speedscope),
            ("speedscope.json", Format::Speedscope),
            ("my-speedscope.json", Format::Json),
            (".speedscope.json/leaks.json", Format::Json),
            ("leaks.collapsed", Format::Collapsed),
            ("leaks.folded", Format::Collapsed),
            ("leaks.sarif", Format::Sarif),
            ("leaks.SARIF.json", Format::Sarif),
            ("junit", Format::Junit),
            ("leaks.junit.xml", Format::Junit),
            ("leaks.xml", Format::Junit),
            ("markdown", Format::Markdown),
            ("leaks.md", Format::Markdown),
            ("github", Format::Github),
            ("leaks.github.txt", Format::Github),
            ("leaks.gitlab.json", Format::Gitlab),
            ("leaks.dot", Format::Dot),
            ("leaks.gv", Format::Dot),
        ] {
            assert_eq!(Format::from_suffix(name).unwrap(), format, "{name}");
        }
        for name in ["", "leaks", "leaks.pdf", "html.gz", "sarif.json/leaks"] {
            let error = Format::from_suffix(name).unwrap_err().to_string();
            assert!(error.contains("use html, json, txt"), "{error}");
        }
    }
}
