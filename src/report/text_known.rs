//! What was known before the session, as plain text: of one finding, and of the whole.

use super::lines::Lines;
use super::visible::{NAME, SENTENCE, count, visible};
use crate::document::{Document, Finding, State, Suppression};

/// What the baseline says of a finding; nothing where there was none.
pub(super) fn known_line(page: &mut Lines, finding: &Finding) {
    let Some(known) = &finding.known else { return };
    let since = visible(&known.first_seen, 40);
    let text = match known.state {
        State::New => "new: not in the baseline".into(),
        State::Unchanged => format!("since {since}, and not worse"),
        State::Grown => format!("since {since}, but grown since then"),
    };
    page.detail("known", &text);
}

/// The section about baseline and suppressions; nothing where there were neither.
pub(super) fn known(page: &mut Lines, doc: &Document) {
    if doc.baseline.is_none() && doc.suppressions.is_empty() {
        return;
    }
    page.title("KNOWN BEFORE");
    if let Some(baseline) = &doc.baseline {
        page.detail("baseline", &visible(&baseline.name, NAME));
        let of = |state: State| doc.findings.iter().filter(move |f| f.known.as_ref().is_some_and(|k| k.state == state));
        let tally = [("new", State::New), ("grown", State::Grown), ("unchanged", State::Unchanged)];
        let mut parts: Vec<String> =
            tally.iter().map(|(name, state)| format!("{} {name}", of(*state).count())).collect();
        parts.push(format!("{} gone", baseline.gone.len()));
        page.detail("compared", &parts.join(", "));
        if baseline.not_run > 0 {
            let entries = count(baseline.not_run, "entry is", "entries are");
            page.detail("not run", &format!("{entries} of tests that did not run: nothing can be said of them"));
        }
        for gone in &baseline.gone {
            let text = format!("{} {}: {}", gone.rule, gone.subject, gone.message);
            page.detail("gone", &visible(&text, SENTENCE));
        }
    }
    doc.suppressions.iter().for_each(|one| suppression(page, one));
}

fn suppression(page: &mut Lines, one: &Suppression) {
    let label = match one.findings {
        _ if one.expired => "expired",
        0 => "unused",
        _ => "suppressed",
    };
    let taken =
        if one.findings > 0 { format!("{} by ", count(one.findings, "finding", "findings")) } else { String::new() };
    let mut text = format!("{taken}{} ({})", visible(&one.name, NAME), visible(&one.source, NAME));
    if !one.reason.is_empty() {
        text.push_str(&format!(": {}", visible(&one.reason, SENTENCE)));
    }
    if !one.expires.is_empty() {
        let day = visible(&one.expires, 40);
        text.push_str(&if one.expired {
            format!("; over since {day}, suppresses nothing")
        } else {
            format!("; until {day}")
        });
    }
    page.detail(label, &text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Baseline, Gone, Known};
    use crate::report::sample;

    fn text(doc: &Document) -> String {
        let mut page = Lines::default();
        doc.findings.iter().for_each(|finding| known_line(&mut page, finding));
        known(&mut page, doc);
        page.done()
    }

    fn nothing_known() -> Document {
        let mut doc = sample::leaks();
        doc.baseline = None;
        doc.suppressions.clear();
        doc.findings.iter_mut().for_each(|finding| finding.known = None);
        doc
    }

    #[test]
    fn nothing_is_said_where_nothing_was_known() {
        assert_eq!(text(&nothing_known()).trim(), "");
    }

    #[test]
    fn states_gone_and_not_run_are_said() {
        let mut doc = nothing_known();
        doc.findings.truncate(3);
        let states = [State::New, State::Unchanged, State::Grown];
        for (finding, state) in doc.findings.iter_mut().zip(states) {
            finding.known = Some(Known { state, first_seen: "2026-01-02".into() });
        }
        let gone = Gone {
            fingerprint: "00".into(),
            rule: "RA105".into(),
            subject: "test_x".into(),
            message: "it was there".into(),
        };
        doc.baseline = Some(Baseline { name: "b.json".into(), gone: vec![gone], not_run: 4 });
        let text = text(&doc);
        for line in [
            "new: not in the baseline",
            "since 2026-01-02, and not worse",
            "since 2026-01-02, but grown since then",
            "1 new, 1 grown, 1 unchanged, 1 gone",
            "4 entries are of tests that did not run",
            "RA105 test_x: it was there",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn suppressions_say_what_they_are_good_for() {
        let mut doc = nothing_known();
        let one = |name: &str, expires: &str, expired, findings| Suppression {
            name: name.into(),
            reason: "upstream".into(),
            source: "s.supp:1".into(),
            expires: expires.into(),
            expired,
            findings,
        };
        doc.suppressions =
            vec![one("a", "", false, 2), one("b", "2099-01-01", false, 0), one("c", "2020-01-01", true, 0)];
        let text = text(&doc);
        assert!(text.contains("suppressed   2 findings by a (s.supp:1): upstream"), "{text}");
        assert!(text.contains("unused       b (s.supp:1): upstream; until 2099-01-01"), "{text}");
        assert!(text.contains("expired      c (s.supp:1): upstream; over since 2020-01-01"), "{text}");
    }
}
