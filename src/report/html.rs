//! The report as one self-contained HTML page.
//!
//! The page loads nothing: its style sheet and its one script are inside, its drawings are inline,
//! and a content policy in its head forbids everything else, other scripts included. All names pass
//! the template engine's escaping; the only trusted strings are the style sheet, the script and the
//! drawings, made of numbers.

use super::assets::{Assets, Placement};
use super::baseline::Before;
use super::environment::Surroundings;
use super::group::Sites;
use super::memory::Memory;
use super::page::Page;
use super::room::Room;
use super::{ReportError, shown};
use crate::document::Document;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

/// The page, after the macros that it uses.
const TEMPLATE: &str = concat!(
    include_str!("templates/head.html"),
    include_str!("templates/pieces.html"),
    include_str!("templates/stack.html"),
    include_str!("templates/holding.html"),
    include_str!("templates/ledger.html"),
    include_str!("templates/memory.html"),
    include_str!("templates/surroundings.html"),
    include_str!("templates/article.html"),
    include_str!("templates/report.html")
);
/// What this page has besides the style of all reports.
pub(super) const OWN_STYLE: &str =
    concat!(include_str!("static/audit.css"), include_str!("static/holding.css"), include_str!("static/ledger.css"));
/// A page beyond this size is of no use to a browser, or to a reader.
pub(super) const MOST_BYTES: usize = 2_000_000;
/// Findings beyond this number are only counted.
const MOST_FINDINGS: usize = 500;

/// An engine with one template, `report.html`, whose name's suffix is what turns escaping on.
pub(super) fn engine(source: &'static str) -> Result<Environment<'static>, ReportError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("report.html", source)?;
    Ok(environment)
}

/// The page, with its style and script inside or beside it.
pub(super) fn render(doc: &Document, place: Placement) -> Result<String, ReportError> {
    let environment = engine(TEMPLATE)?;
    let template = environment.get_template("report.html")?;

    let mut findings = shown::sorted(doc);
    let sites = Sites::of(&mut findings);
    let memory = Value::from(Serde(Memory::of(doc)));
    let assets = Value::from(Serde(Assets::of(OWN_STYLE, place)));
    let surroundings = Value::from(Serde(Surroundings::of(doc)));
    let mut room = Room::for_findings(MOST_FINDINGS.min(findings.len()));
    loop {
        let page = Value::from(Serde(Page::of(doc, &findings, &sites, room)));
        let before = Value::from(Serde(Before::of(doc, room.findings)));
        let html = template.render(context! {
            page, before, memory => memory.clone(), surroundings => surroundings.clone(), assets => assets.clone()
        })?;
        if html.len() <= MOST_BYTES || room.findings == 0 {
            return Ok(html);
        }
        room = room.less(MOST_BYTES as f64 / html.len() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{
        Baseline, Finding, Gone, Holder, Hook, Kept, Known, Link, SourceLine, State, Suppression, Test,
    };
    use crate::report::sample;

    fn render(doc: &Document) -> Result<String, ReportError> {
        super::render(doc, Placement::Inside)
    }

    const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\" onload='a' {{ 7*7 }} {% x %} \u{202e}\u{0}&";

    fn spoil(finding: &mut Finding, name: &str) {
        for text in [
            &mut finding.rule,
            &mut finding.rule_name,
            &mut finding.kind,
            &mut finding.type_name,
            &mut finding.object_label,
            &mut finding.address,
            &mut finding.subject,
            &mut finding.message,
            &mut finding.fingerprint,
        ] {
            name.clone_into(text);
        }
        finding.known = Some(Known { state: State::Grown, first_seen: name.into() });
        finding.holder = Some(Holder { kind: name.into(), text: name.into() });
        for frame in finding.traces.iter_mut().flat_map(|trace| &mut trace.frames) {
            [&mut frame.function, &mut frame.file, &mut frame.module, &mut frame.offset]
                .into_iter()
                .for_each(|text| name.clone_into(text));
        }
        if let Some(site) = &mut finding.site {
            site.source = vec![SourceLine { number: site.frame.line, text: name.into() }; 9];
            [&mut site.frame.function, &mut site.frame.file].into_iter().for_each(|text| name.clone_into(text));
        }
        if let Some(path) = finding.paths.first_mut() {
            path.links = vec![Link { what: name.into(), by: name.into() }; 40];
            [&mut path.held, &mut path.place, &mut path.file].into_iter().for_each(|text| name.clone_into(text));
        }
        finding.keeps = vec![Kept { type_name: name.into(), count: u64::MAX, bytes: u64::MAX }; 40];
    }

    /// A document that holds `name` in every text it has.
    fn hostile(name: &str, findings: usize) -> Document {
        let mut doc = sample::many(findings);
        doc.findings.iter_mut().for_each(|finding| spoil(finding, name));
        for cycle in &mut doc.cycles {
            cycle.steps = vec![cycle.steps[0].clone(); 90];
            for step in &mut cycle.steps {
                [&mut step.what, &mut step.type_name, &mut step.by, &mut step.finalizer]
                    .into_iter()
                    .for_each(|text| name.clone_into(text));
            }
            [&mut cycle.subject, &mut cycle.reason, &mut cycle.message]
                .into_iter()
                .for_each(|text| name.clone_into(text));
        }
        doc.cycles = vec![doc.cycles[0].clone(); findings];
        for row in &mut doc.dominators {
            [&mut row.type_name, &mut row.label].into_iter().for_each(|text| name.clone_into(text));
        }
        doc.dominators = vec![doc.dominators[0].clone(); findings];
        doc.subject = name.into();
        doc.tool.name = name.into();
        doc.interpreter.platform = name.into();
        doc.tests = vec![Test { id: name.into(), ..doc.tests[0].clone() }; findings];
        let texts = || (name.to_owned(), name.to_owned(), name.to_owned());
        let (name_, reason, source) = texts();
        let one = Suppression { name: name_, reason, source, expires: name.into(), expired: true, findings: 0 };
        doc.suppressions = vec![one; findings];
        let (fingerprint, rule, subject) = texts();
        let gone = Gone { fingerprint, rule, subject, message: name.into() };
        doc.baseline = Some(Baseline { name: name.into(), gone: vec![gone; findings], not_run: 1 });
        doc.trust.canary = name.into();
        doc.trust.hooks = vec![Hook { name: name.into(), state: name.into(), detail: name.into() }; findings];
        for list in [&mut doc.trust.unseen, &mut doc.trust.others, &mut doc.trust.notes] {
            *list = vec![name.into(); findings];
        }
        doc
    }

    #[test]
    fn names_are_data_and_never_markup() {
        let page = render(&hostile(HOSTILE, 3)).unwrap();
        assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (1, 1));
        for markup in ["<img", "\" onload", "\u{202e}", "\u{0}", " 49 "] {
            assert!(!page.contains(markup), "{markup}");
        }
        assert!(page.contains("&lt;img src=x") && page.contains("{{ 7*7 }} {% x %} \\u202e\\x00&amp;"));
    }

    #[test]
    fn page_has_at_most_two_megabytes_and_says_what_is_missing() {
        let page = render(&sample::many(30_000)).unwrap();
        assert!(page.len() <= MOST_BYTES, "{}", page.len());
        assert!(page.contains("30,000") && page.contains("leaks.json"));
        assert_eq!(page.matches("<article").count(), 500);

        let worst = format!("<{}", "\"&\u{e0041}".repeat(4_000));
        let page = render(&hostile(&worst, 600)).unwrap();
        assert!(page.len() <= MOST_BYTES, "{}", page.len());
        assert!(page.contains("[12,001 characters in all]"));
    }

    #[test]
    fn anchors_are_unique_even_when_fingerprints_are_not() {
        let page = render(&hostile("same", 9)).unwrap();
        let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        let sample = sample::leaks();
        let anchor = format!("RA201-{}", sample.findings[0].fingerprint);
        let page = render(&sample).unwrap();
        assert!(page.contains(&format!("id=\"{anchor}\"")) && page.contains(&format!("href=\"#{anchor}\"")));
    }

    #[test]
    fn invalid_page_is_visibly_no_verdict() {
        let mut doc = sample::invalid();
        doc.findings = sample::leaks().findings;
        let page = render(&doc).unwrap();
        assert!(page.contains("<body class=\"invalid\">") && page.contains("not a verdict"));
        assert!(
            page.contains("No verdict: this audit cannot be trusted.")
                && !page.contains("Nothing leaks")
                && !page.contains(">clean<")
        );
    }

    #[test]
    fn style_sheet_is_small_and_loads_nothing() {
        for own in [OWN_STYLE, crate::report::life_cycle::OWN_STYLE] {
            let style = crate::report::assets::style(own);
            assert!(style.len() <= 16 * 1024, "{}", style.len());
            assert!(!style.contains("url(") && !style.contains("@import"));
            assert!(!style.contains('<'), "a style element must not be closed from inside");
        }
    }
}
