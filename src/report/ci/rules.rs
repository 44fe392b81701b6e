//! What programs are told of a rule: its name, a sentence, what to look for, and its page.

use super::super::names::advice;
use super::super::visible::visible;

/// A rule as other programs list it.
pub(in crate::report) struct Rule {
    /// `RA101`, or the name of a check.
    pub(in crate::report) id: String,
    /// `leaked-reference`.
    pub(in crate::report) name: String,
    /// In one sentence.
    pub(in crate::report) short: String,
    /// What to look for.
    pub(in crate::report) help: String,
    /// Its page in Markdown; empty when it has none.
    pub(in crate::report) page: String,
}

macro_rules! page {
    ($code:literal) => {
        ($code, include_str!(concat!("../../../python/refaudit/rules/", $code, ".md")))
    };
}

/// The pages that the documentation has. One that is missing here fails a test.
const PAGES: [(&str, &str); 7] =
    [page!("RA101"), page!("RA102"), page!("RA103"), page!("RA104"), page!("RA105"), page!("RA106"), page!("RA201")];

/// A rule of findings.
pub(in crate::report) fn rule(code: &str, name: &str) -> Rule {
    let page = PAGES.iter().find(|(known, _)| *known == code).map_or("", |(_, page)| page);
    let short = match first_paragraph(page) {
        text if text.is_empty() => format!("{}.", visible(name, 60)),
        text => text,
    };
    Rule {
        id: visible(code, 40),
        name: visible(name, 60),
        short,
        help: advice(code).to_owned(),
        page: without_links(page),
    }
}

/// The first paragraph after the heading `What it does`, in one line.
fn first_paragraph(page: &str) -> String {
    let body = page.split_once("## What it does").map_or("", |(_, rest)| rest).trim_start();
    let paragraph = body.split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "")
}

/// Links from page to page lead nowhere outside of the documentation: their text stays.
fn without_links(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, text, after)) = link(rest) {
        out.push_str(before);
        out.push_str(if text.is_empty() { "the documentation" } else { text });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What stands before the next link to a page of ours, its text, and what follows.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let middle =
        text.match_indices("](").map(|(at, _)| at).find(|at| text[at + 2..].split(')').next().is_some_and(is_page))?;
    let open = text[..middle].rfind('[')?;
    let close = middle + text[middle..].find(')')?;
    Some((&text[..open], &text[open + 1..middle], &text[close + 1..]))
}

fn is_page(target: &str) -> bool {
    target.split('#').next().is_some_and(|file| file.ends_with(".md"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_tells_what_it_is_and_what_to_do() {
        for (code, _) in PAGES {
            let rule = rule(code, "name");
            assert!(rule.short.ends_with('.') && rule.short.len() > 40, "{}", rule.short);
            assert!(rule.help.len() > 40 && rule.page.starts_with(&format!("# {code} ")));
            assert!(!rule.page.contains(".md)") && !rule.page.contains("[]"), "{}", rule.page);
        }
        assert_eq!(rule("RA999", "new-rule").short, "new-rule.");
    }

    #[test]
    fn links_to_pages_become_their_text() {
        assert_eq!(without_links("See [](a/b.md#c) and [this](../x.md)."), "See the documentation and this.");
        assert_eq!(without_links("`x[1](2)` and [a](https://b.c)"), "`x[1](2)` and [a](https://b.c)");
    }
}
