//! JUnit XML: a test case for each audited test, a failure for each finding.
//!
//! Format: the schema `junit-10.xsd` of Jenkins' xUnit plugin, which pytest's own files follow too.

use super::digest::{Case, Digest, Ending, Item};

/// Failures of one test case that are told one by one.
const MOST_FAILURES: usize = 20;
/// Cases that are told one by one. Those that failed go first when there are more.
const MOST_CASES: usize = 50_000;

/// The digest as one test suite.
pub(in crate::report) fn junit(digest: &Digest<'_>) -> String {
    let mut cases: Vec<&Case> = digest.cases.iter().collect();
    let left_out = cases.len().saturating_sub(MOST_CASES);
    if left_out > 0 {
        cases.sort_by_key(|case| case.ending == Ending::Passed);
        cases.truncate(MOST_CASES);
    }
    let mut body = String::new();
    let (mut failures, mut skipped) = (0, 0);
    for case in &cases {
        match &case.ending {
            Ending::Failed => failures += 1,
            Ending::NoVerdict(_) => skipped += 1,
            Ending::Passed => {}
        }
        test_case(&mut body, digest, case);
    }
    let (mut tests, mut errors) = (cases.len(), 0);
    if let Some(reason) = &digest.invalid {
        (tests, errors) = (tests + 1, 1);
        open(&mut body, "refaudit", "the audit itself", false);
        body.push_str(&format!("   <error type=\"invalid-audit\" message=\"{}\"/>\n  </testcase>\n", escaped(reason)));
    }
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites name=\"refaudit\" {counts}>\n \
         <testsuite name=\"refaudit\" {counts} skipped=\"{skipped}\">\n"
    );
    properties(&mut out, digest);
    out.push_str(&body);
    let mut notes = digest.notes.clone();
    if left_out > 0 {
        notes.insert(0, format!("{left_out} test cases that passed are left out."));
    }
    if !notes.is_empty() {
        out.push_str(&format!("  <system-out>{}</system-out>\n", escaped(&notes.join("\n"))));
    }
    out.push_str(" </testsuite>\n</testsuites>\n");
    out
}

fn properties(out: &mut String, digest: &Digest<'_>) {
    let interpreter = &digest.interpreter;
    let python = format!("{} {} {}", interpreter.implementation, interpreter.version, interpreter.build);
    out.push_str("  <properties>\n");
    let tool = format!("{} {}", digest.tool.name, digest.tool.version);
    for (name, value) in [
        ("verdict", &digest.headline),
        ("trust", &digest.trust),
        ("subject", &digest.subject),
        ("interpreter", &python),
        ("platform", &interpreter.platform),
        ("tool", &tool),
    ] {
        out.push_str(&format!("   <property name=\"{name}\" value=\"{}\"/>\n", escaped(value)));
    }
    out.push_str("  </properties>\n");
}

fn test_case(out: &mut String, digest: &Digest<'_>, case: &Case) {
    let (class, name) = names(&case.id);
    let mine: Vec<&Item> = case.items.iter().map(|number| &digest.items[*number]).collect();
    let empty = mine.is_empty() && case.ending == Ending::Passed;
    open(out, &class, &name, empty);
    if empty {
        return;
    }
    match &case.ending {
        Ending::NoVerdict(why) => out.push_str(&format!("   <skipped message=\"no verdict: {}\"/>\n", escaped(why))),
        Ending::Failed => failures(out, &mine),
        Ending::Passed => {}
    }
    // What does not fail the test is told all the same.
    let quiet: Vec<&&Item> = match case.ending {
        Ending::Failed => mine.iter().filter(|item| !item.fails()).collect(),
        _ => mine.iter().collect(),
    };
    if !quiet.is_empty() {
        let text: Vec<String> = quiet.iter().take(MOST_FAILURES).map(|item| body(item)).collect();
        let more = quiet.len().saturating_sub(MOST_FAILURES);
        let more = if more > 0 { format!("\n\nand {more} more") } else { String::new() };
        out.push_str(&format!("   <system-out>{}{more}</system-out>\n", escaped(&text.join("\n\n"))));
    }
    out.push_str("  </testcase>\n");
}

/// Some consumers show the first failure of a case alone: it says how many there are.
fn failures(out: &mut String, mine: &[&Item]) {
    let failed: Vec<&&Item> = mine.iter().filter(|item| item.fails()).collect();
    if failed.is_empty() {
        out.push_str("   <failure type=\"leak\" message=\"leaks, but the document lists no finding\"/>\n");
    }
    for (number, item) in failed.iter().take(MOST_FAILURES).enumerate() {
        let first = if number == 0 && failed.len() > 1 { format!("(1 of {}) ", failed.len()) } else { String::new() };
        let message = format!("{first}{} {}: {}", item.rule, item.rule_name, item.message);
        out.push_str(&format!(
            "   <failure type=\"{}\" message=\"{}\">{}</failure>\n",
            escaped(&item.rule),
            escaped(&message),
            escaped(&body(item)),
        ));
    }
    if failed.len() > MOST_FAILURES {
        let more = failed.len() - MOST_FAILURES;
        out.push_str(&format!("   <failure type=\"more\" message=\"and {more} more findings in this test\"/>\n"));
    }
}

/// The sentence, where, and each detail in a line.
fn body(item: &Item) -> String {
    let mut lines = vec![format!("{} {}: {}", item.rule, item.rule_name, item.message)];
    if let Some(place) = &item.place {
        let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
        lines.push(format!("at {}{line}", super::shown(&place.path)));
    }
    lines.extend(item.details.iter().map(|(label, text)| format!("{label}: {text}")));
    lines.join("\n")
}

fn open(out: &mut String, class: &str, name: &str, empty: bool) {
    let end = if empty { "/>" } else { ">" };
    out.push_str(&format!("  <testcase classname=\"{}\" name=\"{}\"{end}\n", escaped(class), escaped(name)));
}

/// Class and name as pytest writes them: `tests/test_a.py::TestB::test_c[d]` is `test_c[d]` of
/// `tests.test_a.TestB`.
fn names(id: &str) -> (String, String) {
    let (plain, parameters) = id.find('[').map_or((id, ""), |at| id.split_at(at));
    let Some((file, rest)) = plain.split_once("::").filter(|(file, _)| file.ends_with(".py")) else {
        return ("refaudit".into(), id.to_owned());
    };
    let mut class = vec![file.trim_end_matches(".py").replace('/', ".")];
    let mut parts: Vec<&str> = rest.split("::").collect();
    let name = parts.pop().unwrap_or_default();
    class.extend(parts.into_iter().map(str::to_owned));
    (class.join("."), format!("{name}{parameters}"))
}

/// Text of an element or of an attribute between double quotes. XML 1.0 has no way to write most control
/// characters: they have been made visible before.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_named_as_pytest_names_them() {
        let pair = |class: &str, name: &str| (class.to_owned(), name.to_owned());
        assert_eq!(names("tests/test_a.py::test_b"), pair("tests.test_a", "test_b"));
        assert_eq!(names("a.py::TestB::test_c[d::e/f.py]"), pair("a.TestB", "test_c[d::e/f.py]"));
        assert_eq!(names("check(m.f)"), pair("refaudit", "check(m.f)"));
    }
}
