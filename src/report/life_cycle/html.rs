//! A module audit as one self-contained HTML page, under the same rules as the audit's.

use super::super::ReportError;
use super::super::assets::{Assets, Placement};
use super::super::html::{MOST_BYTES, engine};
use super::page::Page;
use super::whole::Whole;
use crate::document::ModuleDocument;
use minijinja::value::Serde;
use minijinja::{Value, context};

/// The page, after the macros that it uses.
const TEMPLATE: &str = concat!(
    include_str!("../templates/head.html"),
    include_str!("../templates/pieces.html"),
    include_str!("../templates/stack.html"),
    include_str!("../templates/member.html"),
    include_str!("../templates/module.html")
);
/// What this page has besides the style of all reports.
pub(in crate::report) const OWN_STYLE: &str = include_str!("../static/module.css");

pub(in crate::report) fn render(doc: &ModuleDocument, place: Placement) -> Result<String, ReportError> {
    let engine = engine(TEMPLATE)?;
    let template = engine.get_template("report.html")?;
    let assets = Value::from(Serde(Assets::of(OWN_STYLE, place)));
    let whole = Value::from(Serde(Whole::of(doc)));
    let mut most = doc.judged.members.len();
    loop {
        let page = Value::from(Serde(Page::of(doc, most)));
        let html = template.render(context! { page, whole => whole.clone(), assets => assets.clone() })?;
        if html.len() <= MOST_BYTES || most == 0 {
            return Ok(html);
        }
        most = (most as f64 * (MOST_BYTES as f64 / html.len() as f64).min(0.9)) as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_sample_is_a_page_that_says_its_sentence_and_is_always_the_same() {
        for doc in [sample::regex(), sample::numpy(), sample::died()] {
            let page = render(&doc, Placement::Inside).unwrap();
            assert_eq!(page, render(&doc.clone(), Placement::Inside).unwrap());
            assert!(page.contains("<h1>") && page.matches("class=\"ladder\"").count() == doc.judged.members.len());
        }
        assert!(render(&sample::died(), Placement::Inside).unwrap().contains("This is not a verdict."));
    }

    #[test]
    fn a_package_of_many_modules_stays_within_its_size_and_says_what_is_missing() {
        let mut doc = sample::numpy();
        let one = doc.judged.members[0].clone();
        doc.judged.members = vec![one; 600];
        let page = render(&doc, Placement::Inside).unwrap();
        assert!(page.len() <= MOST_BYTES, "{}", page.len());
        assert!(page.contains("more extension modules are only in the JSON document"));
    }
}
