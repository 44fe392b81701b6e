//! Lines of source around a site, as they are shown.

use super::super::secret::{WITHHELD, looks_secret};
use super::super::visible::{NAME, visible};
use crate::document::Site;

/// Lines that are shown.
const MOST_LINES: usize = 15;

/// The lines and their numbers, without the indentation that all of them share.
pub(in crate::report) fn excerpt(site: &Site) -> Vec<(u32, String)> {
    let lines = site.source.iter().take(MOST_LINES);
    let lines: Vec<_> = lines.map(|line| (line.number, tabs_to_spaces(&line.text))).collect();
    let withheld: Vec<bool> = lines.iter().map(|(_, text)| looks_secret(text)).collect();
    let indent = |text: &String| text.len() - text.trim_start_matches(' ').len();
    let shared = lines.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(_, text)| indent(text)).min();
    let shown = |text: &str| visible(text.get(shared.unwrap_or(0)..).unwrap_or("").trim_end(), NAME);
    let show = |((number, text), withheld): (&(u32, String), bool)| {
        (*number, if withheld { WITHHELD.to_owned() } else { shown(text) })
    };
    lines.iter().zip(withheld).map(show).collect()
}

/// Tabs would be shown as escapes; eight columns is what compilers and terminals take them for.
fn tabs_to_spaces(text: &str) -> String {
    if !text.contains('\t') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        let width = if c == '\t' { 8 - column % 8 } else { 1 };
        if c == '\t' {
            out.push_str(&" ".repeat(width))
        } else {
            out.push(c)
        }
        column += width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::SourceLine;
    use crate::report::sample;

    #[test]
    fn tabs_reach_the_next_stop() {
        assert_eq!(tabs_to_spaces("\tx\ty"), "        x       y");
    }

    #[test]
    fn shared_indentation_is_left_out() {
        let mut site = sample::leaks().findings.into_iter().find_map(|finding| finding.site).unwrap();
        let texts = ["\tif (é) {", "", "\t\treturn;  ", "        }"];
        let lines = texts.iter().zip(7..).map(|(text, number)| SourceLine { number, text: (*text).into() });
        site.source = lines.collect();
        let shown: Vec<String> = excerpt(&site).into_iter().map(|(_, text)| text).collect();
        assert_eq!(shown, ["if (é) {", "", "        return;", "}"]);
        site.source.clear();
        assert!(excerpt(&site).is_empty());
    }
}
