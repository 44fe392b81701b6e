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
    vec![
        ("time", format!("{} in all", milliseconds(cost.milliseconds))),
        ("own time", format!("{}, its dependencies apart", milliseconds(cost.own_milliseconds))),
        (
            "memory",
            format!(
                "{} in {} objects and {} other blocks",
                bytes(cost.bytes),
                grouped(cost.objects),
                grouped(cost.blocks)
            ),
        ),
        ("shallow", format!("{}: its module objects and their dicts alone", bytes(cost.shallow_bytes))),
        ("retained", format!("{}: what only its modules keep alive", bytes(cost.retained_bytes))),
        ("depends on", dependencies),
    ]
}
