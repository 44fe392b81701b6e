//! The roots that hold a module, as parts of its sentence.

use super::held::{Answerable, Survivor, answerable, keeping, survivor};
use super::observed::Member;
use super::words::{and, count, root};
use crate::findings::holding::Chain;

/// Roots beyond this number are only counted.
const MOST_ROOTS: usize = 3;
/// Links between root and module that are named.
const MOST_LINKS: usize = 2;

/// What holds the module and is answered for by `who`, each root once, with what lies between.
pub(super) fn roots(member: &Member, who: Answerable) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut chains: Vec<&Chain> = keeping(member).map(|(_, chain)| chain).collect();
    // The way to the module is shorter to tell than the way through it to its dict.
    chains.sort_by_key(|chain| survivor(chain) != Survivor::Module);
    for chain in chains.into_iter().filter(|chain| answerable(chain.root) == who) {
        let text = root(chain);
        if all.iter().all(|(one, _)| *one != text) {
            all.push((text, through(chain)));
        }
    }
    all
}

/// The links between root and survivor: ` through ...`.
fn through(chain: &Chain) -> String {
    match chain.links.as_slice() {
        [_, between @ .., _] if !between.is_empty() => {
            let (shown, rest) = between.split_at(between.len().min(MOST_LINKS));
            let mut parts: Vec<String> = shown.iter().map(|link| quoted(&link.what)).collect();
            if !rest.is_empty() {
                parts.push(count(rest.len() as u64, "more link", "more links"));
            }
            format!(" through {}", and(&parts))
        }
        _ => String::new(),
    }
}

/// A link as a name, unless it has marks of its own.
fn quoted(what: &str) -> String {
    if what.contains('`') { what.to_owned() } else { format!("`{what}`") }
}

/// The way from root to module is told of a single root; of several the chains tell it.
pub(super) fn holds(roots: &[(String, String)]) -> String {
    if let [(root, through)] = roots {
        return format!("{root} holds it{through}");
    }
    let (shown, rest) = roots.split_at(roots.len().min(MOST_ROOTS));
    let mut parts: Vec<String> = shown.iter().map(|(root, _)| root.clone()).collect();
    if !rest.is_empty() {
        parts.push(count(rest.len() as u64, "more holder", "more holders"));
    }
    format!("{} hold it", and(&parts))
}
