//! A module audit as plain text of at most 80 columns.

use super::super::lines::Lines;
use super::super::stacks::site_lines;
use super::super::svg::in_words;
use super::super::visible::{NAME, SENTENCE, bytes, count, grouped, visible};
use super::text_member::member;
use super::whole::{by_cycle, cost_rows, growth_rows, in_interpreter};
use super::words::{amount, outcome, verdict};
use crate::document::ModuleDocument;
use crate::document::module::{InterpreterRun, Reload, Residue, ResidueRow};

/// Rows of a residue, findings of a reload, names of things in common that are listed.
const MOST_ROWS: usize = 12;

pub(in crate::report) fn render(doc: &ModuleDocument) -> String {
    let mut page = Lines::default();
    let judged = &doc.judged;
    page.wrap("", &visible(&judged.sentence, SENTENCE));
    page.wrap("", &format!("Verdict: {}.", verdict(judged.verdict)));
    let several = judged.members.len() > 1;
    for one in &judged.members {
        member(&mut page, one, several);
    }
    if let Some(rest) = &judged.observed.residue {
        residue(&mut page, rest);
    }
    if let Some(cycles) = &judged.observed.reload {
        reload(&mut page, cycles);
    }
    interpreters(&mut page, &judged.observed.interpreters);
    if let Some(cost) = &judged.observed.cost {
        page.title("WHAT IT COSTS");
        cost_rows(cost).into_iter().for_each(|(label, text)| page.detail(label, &text));
    }
    steps(&mut page, doc);
    page.done()
}

fn residue(page: &mut Lines, rest: &Residue) {
    page.title("WHAT IMPORTING LEAVES BEHIND");
    page.wrap("     ", &format!("{}.", amount(rest)));
    rest.rows.iter().take(MOST_ROWS).for_each(|row| residue_row(page, row));
    more(page, rest.rows.len(), "more type", "more types");
}

fn residue_row(page: &mut Lines, row: &ResidueRow) {
    let text = format!("{} x {}", grouped(row.count), visible(&row.type_name, NAME));
    page.wrap_after(&format!("{:>15}  ", bytes(row.bytes)), "                 ", &text);
    if let Some(site) = &row.site {
        site_lines(page, site);
    }
}

fn more(page: &mut Lines, all: usize, one: &str, many: &str) {
    if all > MOST_ROWS {
        page.wrap("     ", &format!("and {}", count((all - MOST_ROWS) as u64, one, many)));
    }
}

fn reload(page: &mut Lines, reload: &Reload) {
    page.title("IMPORTED AGAIN AND AGAIN");
    if !reload.refused.is_empty() {
        page.wrap("     ", &format!("It refuses to be imported again: {}", visible(&reload.refused, SENTENCE)));
        return;
    }
    page.detail("cycles", &grouped(reload.cycles));
    for (label, grown) in growth_rows(reload) {
        page.detail(label, &format!("{} by cycle", in_words(&by_cycle(grown))));
    }
    for finding in reload.findings.iter().take(MOST_ROWS) {
        page.detail("leak", &visible(&finding.message, SENTENCE));
        if let Some(site) = &finding.site {
            site_lines(page, site);
        }
    }
    more(page, reload.findings.len(), "more finding", "more findings");
}

fn interpreters(page: &mut Lines, runs: &[InterpreterRun]) {
    if runs.is_empty() {
        return;
    }
    page.title("IN SUB-INTERPRETERS");
    for run in runs {
        let detail = visible(&run.detail, SENTENCE);
        let why = if detail.is_empty() { detail } else { format!(": {detail}") };
        page.detail(&visible(&run.kind, 12), &format!("{}{why}", in_interpreter(run)));
        if !run.bytes.is_empty() {
            page.detail("", &format!("bytes not given back: {}", in_words(&run.bytes)));
        }
        if !run.shared.is_empty() {
            let shown: Vec<String> = run.shared.iter().take(MOST_ROWS).map(|name| visible(name, NAME)).collect();
            page.detail("", &format!("{} in common: {}", grouped(run.shared.len() as u64), shown.join(", ")));
        }
    }
}

fn steps(page: &mut Lines, doc: &ModuleDocument) {
    page.title("HOW THIS WAS SEEN");
    for step in &doc.judged.observed.steps {
        let detail = visible(&step.detail, SENTENCE);
        let why = if detail.is_empty() { detail } else { format!(": {detail}") };
        page.detail(&visible(&step.name, 40), &format!("{} after {:.2} s{why}", outcome(step), step.seconds));
    }
    for note in &doc.judged.observed.notes {
        page.detail("note", &visible(note, SENTENCE));
    }
    let (python, tool) = (&doc.interpreter, &doc.tool);
    let name = format!("{} {} {}, {}", python.implementation, python.version, python.build, python.platform);
    page.detail("interpreter", &visible(&name, NAME));
    page.detail("written by", &visible(&format!("{} {}", tool.name, tool.version), NAME));
}
