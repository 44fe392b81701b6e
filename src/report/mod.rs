//! Reports: an audit document as text, as JSON, as one self-contained HTML page, and its stacks for
//! other programs.
//!
//! This room knows nothing but [`crate::document`]. Every report is a pure function of the
//! document: the same document gives the same bytes, with no clock, no file and no network.
//! Names in a document come from audited code and are treated as data, never as markup.

mod collapsed;
mod growth;
mod holding;
mod html;
mod json;
mod layers;
mod ledger;
mod life_cycle;
mod lines;
mod memory;
mod names;
mod page;
mod pieces;
mod room;
mod row;
#[cfg(test)]
mod sample;
mod shown;
mod speedscope;
mod stacks;
mod svg;
mod text;
mod text_known;
mod text_memory;
mod trust;
mod type_audit;
mod visible;
mod words;

use crate::document::{Document, Ledger, ModuleDocument, TypesDocument};

/// The history of a watch on one object as text: each change of its count, and what could not be seen.
#[must_use]
pub fn render_history(ledger: &Ledger) -> String {
    ledger::history_text(ledger)
}

/// A form in which a document can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text of at most 80 columns.
    Text,
    /// The audit document itself.
    Json,
    /// One page without scripts and without outside resources.
    Html,
    /// What is still alive by stack, for speedscope.
    Speedscope,
    /// The same as collapsed stacks, for flame graphs.
    Collapsed,
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The name or suffix of a report tells no known format.
    #[error(
        "no report format is called `{0}`; use html, json or txt, or for the stacks speedscope.json, collapsed or folded"
    )]
    UnknownFormat(String),
    /// A module audit has no stacks to write.
    #[error("a module audit is written as html, json or txt: it has no stacks for a profile")]
    NoStacks,
    /// A type audit is text and data alone.
    #[error("a type audit is written as json or txt")]
    NoPage,
    /// The page's template failed: a defect of refaudit, never of the document.
    #[error("the HTML report could not be rendered: {0}")]
    Template(#[from] minijinja::Error),
}

impl Format {
    /// The format for a name (`html`, `text`), a suffix (`.html`) or a whole file name (`leaks.html`).
    /// The suffix of speedscope has two parts, `leaks.speedscope.json`.
    ///
    /// # Errors
    /// [`ReportError::UnknownFormat`] for anything but html, htm, json, txt, text, speedscope,
    /// speedscope.json, collapsed and folded, in any case.
    pub fn from_suffix(name: &str) -> Result<Self, ReportError> {
        let suffix = name.rsplit('.').next().unwrap_or(name);
        match suffix.to_ascii_lowercase().as_str() {
            "speedscope" => Ok(Self::Speedscope),
            "json" if name.rsplit(['.', '/']).nth(1).is_some_and(|part| part.eq_ignore_ascii_case("speedscope")) => {
                Ok(Self::Speedscope)
            }
            "collapsed" | "folded" => Ok(Self::Collapsed),
            "html" | "htm" => Ok(Self::Html),
            "json" => Ok(Self::Json),
            "txt" | "text" => Ok(Self::Text),
            _ => Err(ReportError::UnknownFormat(visible::visible(suffix, 40))),
        }
    }
}

/// Writes a document in one format.
///
/// # Errors
/// [`ReportError::Template`] when the page's template fails.
pub fn render(doc: &Document, format: Format) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(text::render(doc)),
        Format::Json => Ok(json::render(doc)),
        Format::Html => html::render(doc),
        Format::Speedscope => Ok(speedscope::render(doc)),
        Format::Collapsed => Ok(collapsed::render(doc)),
    }
}

/// Writes the document of a module audit in one format.
///
/// # Errors
/// [`ReportError::NoStacks`] for the formats of stacks, [`ReportError::Template`] when the page's
/// template fails.
pub fn render_module(doc: &ModuleDocument, format: Format) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(life_cycle::text(doc)),
        Format::Json => Ok(doc.to_json()),
        Format::Html => life_cycle::html(doc),
        Format::Speedscope | Format::Collapsed => Err(ReportError::NoStacks),
    }
}

/// Writes the document of a type audit in one format.
///
/// # Errors
/// [`ReportError::NoPage`] for anything but text and JSON.
pub fn render_types(doc: &TypesDocument, format: Format) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(type_audit::text(doc)),
        Format::Json => Ok(doc.to_json()),
        Format::Html | Format::Speedscope | Format::Collapsed => Err(ReportError::NoPage),
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
        ] {
            assert_eq!(Format::from_suffix(name).unwrap(), format, "{name}");
        }
        for name in ["", "leaks", "leaks.pdf", "html.gz"] {
            let error = Format::from_suffix(name).unwrap_err().to_string();
            assert!(error.contains("use html, json or txt"), "{error}");
        }
    }

    #[test]
    fn same_document_same_bytes() {
        let doc = sample::leaks();
        for format in [Format::Text, Format::Json, Format::Html, Format::Speedscope, Format::Collapsed] {
            assert_eq!(render(&doc, format).unwrap(), render(&doc.clone(), format).unwrap());
        }
    }
}
