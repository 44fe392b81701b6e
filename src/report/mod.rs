//! Reports: an audit document as text, as JSON, as one self-contained HTML page, and for other programs.
//!
//! This room knows nothing but [`crate::document`]. Every report is a pure function of the
//! document: the same document gives the same bytes, with no clock, no file and no network.
//! Names in a document come from audited code and are treated as data, never as markup.

mod assets;
mod baseline;
mod ci;
mod collapsed;
mod dot;
mod environment;
mod format;
mod group;
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
mod place;
mod room;
mod row;
#[cfg(test)]
mod sample;
mod secret;
mod shown;
mod speedscope;
mod stacks;
mod suppress;
mod suspects;
mod svg;
mod text;
mod text_known;
mod text_memory;
mod trust;
mod type_audit;
mod type_page;
mod visible;
mod words;

pub use format::{Format, UnknownFormat};

use crate::document::{Document, Ledger, ModuleDocument, TypesDocument};

/// The history of a watch on one object as text: each change of its count, and what could not be seen.
#[must_use]
pub fn render_history(ledger: &Ledger) -> String {
    ledger::history_text(ledger)
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The name or suffix of a report tells no known format.
    #[error(transparent)]
    UnknownFormat(#[from] UnknownFormat),
    /// A module audit has no stacks to write.
    #[error(
        "a module audit is written as html, json, txt, md, sarif, junit, github, gitlab or dot: it has no stacks for a profile"
    )]
    NoStacks,
    /// A type audit has neither stacks nor paths.
    #[error("a type audit is written as html, json, txt, md, sarif, junit, github or gitlab")]
    NoPaths,
    /// The page's template failed: a defect of refaudit, never of the document.
    #[error("the HTML report could not be rendered: {0}")]
    Template(#[from] minijinja::Error),
}

/// Writes a document in one format. `root` is the folder of the sources: programs that show findings beside sources
/// are told paths from there on; when it is empty, paths are told as they were recorded.
///
/// # Errors
/// [`ReportError::Template`] when the page's template fails.
pub fn render(doc: &Document, format: Format, root: &str) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(text::render(doc)),
        Format::Json => Ok(json::render(doc)),
        Format::Html => html::render(doc, assets::Placement::Inside),
        Format::Speedscope => Ok(speedscope::render(doc)),
        Format::Collapsed => Ok(collapsed::render(doc)),
        Format::Dot => Ok(dot::render(doc)),
        Format::Sarif => Ok(ci::sarif(&ci::audit_digest(doc, root))),
        Format::Junit => Ok(ci::junit(&ci::audit_digest(doc, root))),
        Format::Markdown => Ok(ci::markdown(&ci::audit_digest(doc, root))),
        Format::Github => Ok(ci::github(&ci::audit_digest(doc, root))),
        Format::Gitlab => Ok(ci::gitlab(&ci::audit_digest(doc, root))),
    }
}

/// The page as files of a folder, by name: `index.html`, which loads the style sheet and the script
/// beside it and has nothing inside that a strict content policy forbids.
///
/// # Errors
/// [`ReportError::Template`] when the page's template fails.
pub fn render_folder(doc: &Document) -> Result<Vec<(&'static str, String)>, ReportError> {
    let page = html::render(doc, assets::Placement::Beside)?;
    Ok(vec![
        ("index.html", page),
        ("refaudit.css", assets::style(html::OWN_STYLE)),
        ("refaudit.js", assets::script().into()),
    ])
}

/// Writes the document of a module audit in one format; `root` as in [`render`].
///
/// # Errors
/// [`ReportError::NoStacks`] for the formats of stacks, [`ReportError::Template`] when the page's
/// template fails.
pub fn render_module(doc: &ModuleDocument, format: Format, root: &str) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(life_cycle::text(doc)),
        Format::Json => Ok(doc.to_json()),
        Format::Html => life_cycle::html(doc, assets::Placement::Inside),
        Format::Dot => Ok(dot::render_module(doc)),
        Format::Speedscope | Format::Collapsed => Err(ReportError::NoStacks),
        Format::Sarif => Ok(ci::sarif(&ci::module_digest(doc, root))),
        Format::Junit => Ok(ci::junit(&ci::module_digest(doc, root))),
        Format::Markdown => Ok(ci::markdown(&ci::module_digest(doc, root))),
        Format::Github => Ok(ci::github(&ci::module_digest(doc, root))),
        Format::Gitlab => Ok(ci::gitlab(&ci::module_digest(doc, root))),
    }
}

/// Writes the document of a type audit in one format.
///
/// # Errors
/// [`ReportError::NoPaths`] for the formats of stacks and of paths, [`ReportError::Template`] when the page's
/// template fails.
pub fn render_types(doc: &TypesDocument, format: Format) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(type_audit::text(doc)),
        Format::Json => Ok(doc.to_json()),
        Format::Html => type_page::render(doc),
        Format::Speedscope | Format::Collapsed | Format::Dot => Err(ReportError::NoPaths),
        Format::Sarif => Ok(ci::sarif(&ci::types_digest(doc))),
        Format::Junit => Ok(ci::junit(&ci::types_digest(doc))),
        Format::Markdown => Ok(ci::markdown(&ci::types_digest(doc))),
        Format::Github => Ok(ci::github(&ci::types_digest(doc))),
        Format::Gitlab => Ok(ci::gitlab(&ci::types_digest(doc))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_the_page_and_what_it_loads() {
        let files = render_folder(&sample::leaks()).unwrap();
        let [(_, page), (css, style), (js, script)] = &files[..] else { panic!("{} files", files.len()) };
        assert!(page.contains(&format!("href=\"{css}\"")) && page.contains(&format!("src=\"{js}\"")));
        assert!(!page.contains("<style") && !page.contains("unsafe-inline") && !page.contains(" style="));
        assert!(style.contains("prefers-color-scheme") && script.contains("addEventListener"));
    }

    #[test]
    fn same_document_same_bytes() {
        let doc = sample::leaks();
        for format in [
            Format::Text,
            Format::Json,
            Format::Html,
            Format::Speedscope,
            Format::Collapsed,
            Format::Sarif,
            Format::Junit,
            Format::Markdown,
            Format::Github,
            Format::Gitlab,
            Format::Dot,
        ] {
            assert_eq!(render(&doc, format, "").unwrap(), render(&doc.clone(), format, "").unwrap());
        }
    }
}
