//! What importing costs, as rows of a report.

use super::super::visible::{NAME, bytes, grouped, visible};
use super::words::milliseconds;
use crate::document::module::Cost;

/// Dependencies that are named.
const MOST_NAMES: usize = 40;

/// What importing costs, as labels and texts.
pub(super) fn cost_rows(cost: &Cost) -> Vec<(&'static str, String)> {
    let named: Vec<String> = cost.dependencies.iter().take(MOST_NAMES).map(|name| visible(name, NAME)).collect();
    let more = cost.dependencies.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let dependencies = if named.is_empty() {
        "none that were not there already".to_owned()
    } else {
        format!("{}: {}{more}", grouped(cost.dependencies.len() as u64), named.join(", "))
    };
    let own = cost.own_milliseconds.map(|time| format!("{}, its dependencies apart", milliseconds(time)));
    let memory = cost.bytes.zip(cost.objects).zip(cost.blocks).map(|((size, objects), blocks)| {
        format!("{} in {} objects and {} other blocks", bytes(size), grouped(objects), grouped(blocks))
    });
    let sized = |size: Option<u64>, what: &str| size.map(|size| format!("{}: {what}", bytes(size)));
    [
        ("time", Some(format!("{} in all", milliseconds(cost.milliseconds)))),
        ("own time", own),
        ("memory", memory),
        ("shallow", sized(cost.shallow_bytes, "its module objects and their dicts alone")),
        ("retained", sized(cost.retained_bytes, "what only its modules keep alive")),
        ("depends on", Some(dependencies)),
    ]
    .into_iter()
    .map(|(label, text)| (label, text.unwrap_or_else(|| "not measured".into())))
    .collect()
}
