//! What a module's definition says, as rows of a report.

use super::super::visible::{CELL, NAME, count, grouped, visible};
use super::words::seen;
use crate::document::module::Member;

/// Names of types and slots that are listed.
const MOST_NAMES: usize = 30;

/// What the definition says, as labels and texts.
pub(super) fn fact_rows(member: &Member) -> Vec<(&'static str, String)> {
    let facts = &member.facts;
    let or = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { visible(text, NAME) };
    let names = |all: &[String]| match all {
        [] => "none".to_owned(),
        _ => {
            let shown: Vec<String> = all.iter().take(MOST_NAMES).map(|name| visible(name, CELL)).collect();
            let more = all.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more}", shown.join(", "))
        }
    };
    let there = |there: bool| if there { "yes" } else { "no" };
    let calls = |number: Option<u64>| number.map_or("not counted".into(), |number| count(number, "time", "times"));
    vec![
        ("init", or(&facts.init, "not seen")),
        ("m_size", facts.m_size.map_or("not seen".into(), |size| size.to_string())),
        ("slots", names(&facts.slots)),
        ("interpreters", or(&facts.multiple_interpreters, "not declared")),
        ("GIL", or(&facts.gil, "not declared")),
        (
            "hooks",
            format!(
                "m_traverse {}, m_clear {}, m_free {}",
                there(facts.traverse),
                there(facts.clear),
                there(facts.free)
            ),
        ),
        ("functions", format!("{}; {} made", there(facts.has_methods), grouped(member.functions.made))),
        ("static types", names(&facts.static_types)),
        ("stable ABI", format!("{}; exports slots: {}", there(facts.abi3), there(facts.exports_slots))),
        ("framework", or(&facts.framework, "none that is known")),
        ("init calls", calls(member.init_calls)),
        ("m_free calls", calls(member.free_calls)),
        ("in caches", in_caches(member)),
    ]
}

fn in_caches(member: &Member) -> String {
    match (member.copy_alive, member.index_alive) {
        (None, None) if matches!(&*member.facts.init, "multi-phase" | "export-slots") => {
            "no; they keep nothing of this init".to_owned()
        }
        (copy, index) => format!("m_copy {}, modules_by_index {}", seen(copy), seen(index)),
    }
}
