//! Who holds what should be gone: one capture, chains from roots, and what would happen without CPython's
//! import caches.

mod anchors;
mod chains;
mod holders;
mod memory;
mod of_findings;

use rustc_hash::FxHashMap;
use serde::Serialize;

use self::anchors::{Anchors, cuts};
use self::chains::Namer;
use self::holders::Owner;
use self::memory::{Memory, routes};
pub(super) use self::of_findings::{Asked, paths};
use super::landmarks;
use super::words::Words;
use crate::analysis::{Referrers, Search, reached, retained as retained_nodes};
use crate::findings::life_cycle::{Chain, Root};
use crate::heap::{Edges, NodeId};
use crate::sys::{self, Capture, Describer};

/// What was found out about some objects.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Examined {
    /// Chains to each of them, in their order.
    chains: Vec<Chain>,
    /// For each: its label, whether it would be freed if CPython's import caches let go, and what would hold
    /// it still, in words.
    what_if: Vec<(String, bool, String)>,
}

/// More roots than so many for each chain that is wanted are not looked at.
const ROOTS_FOR_A_CHAIN: usize = 64;

/// Looks who holds the objects of `targets`, each a label and an address: at most `most` chains for each.
///
/// `defs` are the definitions whose backup copies count as import caches; modules of `package` hold nothing.
/// `files` are the paths of its libraries. Refaudit's own modules and frames do not count. The caller has
/// settled, and holds none of the objects.
pub(crate) fn examine(
    targets: &[(String, u64)],
    defs: &[u64],
    package: &str,
    files: &[String],
    most: usize,
) -> Examined {
    let known = sys::known();
    let caches = sys::import_caches(defs);
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    let describer = Describer::new(&capture);
    let addresses: Vec<u64> = targets.iter().map(|(_, address)| *address).collect();
    let anchors = Anchors::new(&capture, &known, &caches, package, &addresses);
    let (own, without_caches) = cuts(&capture, &known, &caches, &describer);
    let heap = &capture.heap;
    let referrers = Referrers::of(heap);
    let limit = most * ROOTS_FOR_A_CHAIN;
    let (mut now, mut then) = (Search::new(heap, &referrers, &own), Search::new(heap, &referrers, &without_caches));
    let search = |search: &mut Search<'_>, address: u64, is_anchor: &dyn Fn(NodeId) -> bool| match heap.find(address) {
        Some(node) => search.paths(node, limit, is_anchor),
        None => Vec::new(),
    };
    let stays = |node: NodeId| anchors.is_one(node) && !anchors.is_cache(node);
    let paths: Vec<_> =
        addresses.iter().map(|&address| search(&mut now, address, &|node| anchors.is_one(node))).collect();
    let left: Vec<_> = addresses.iter().map(|&address| search(&mut then, address, &stays)).collect();
    let roots = nameless(&capture, &anchors, paths.iter().chain(&left).flatten());
    let mut words = Words::default();
    words.look(&capture, roots.iter().copied());
    let routes = routes(&capture, &mut words, &mut now, roots.into_iter(), &|node| anchors.is_one(node));
    let memory = Memory { words: &words, routes: &routes, scope: &[] };
    let namer = Namer::new(&capture, &known, &anchors, Owner { package, files, all: false }, memory, describer);
    let marks = reached(heap, &without_caches);
    let mut examined = Examined::default();
    for (((label, address), paths), left) in targets.iter().zip(&paths).zip(&left) {
        examined.chains.extend(select(namer.chains(label, paths), most));
        let remaining = select(namer.chains(label, left), 1).first().map(chains::in_words);
        examined.what_if.push(match heap.find(*address) {
            Some(node) if capture.complete && !marks[node as usize] => (label.clone(), true, String::new()),
            // What is alive and not in the model is held by nobody knows whom.
            _ => (label.clone(), false, remaining.unwrap_or_else(unseen)),
        });
    }
    examined
}

fn unseen() -> String {
    "references that nothing in sight accounts for".into()
}

/// Objects and bytes that live through some objects alone, these included.
pub(crate) fn retained(addresses: &[u64]) -> (u64, u64) {
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    let nodes: Vec<NodeId> = addresses.iter().filter_map(|&address| capture.heap.find(address)).collect();
    let describer = Describer::new(&capture);
    let kept = retained_nodes(&capture.heap, &nodes);
    (kept.len() as u64, kept.iter().map(|&node| describer.whole_size(node)).sum())
}

/// Addresses of the roots of paths that are not known by name.
fn nameless<'p>(capture: &Capture, anchors: &Anchors, paths: impl Iterator<Item = &'p Vec<NodeId>>) -> Vec<u64> {
    let nameless = |node: &NodeId| *node as usize >= capture.roots && !anchors.is_one(*node);
    let mut roots: Vec<NodeId> = paths.filter_map(|path| path.first().copied()).filter(nameless).collect();
    roots.sort_unstable();
    roots.dedup();
    roots.iter().map(|&root| capture.heap.address(root)).collect()
}

/// The first `most` chains: those that the module itself has to answer for first, since they decide, and one
/// of every kind before a second of any.
fn select(chains: Vec<Chain>, most: usize) -> Vec<Chain> {
    let mut seen: FxHashMap<Root, usize> = FxHashMap::default();
    let mut ranked: Vec<(bool, usize, Chain)> = Vec::new();
    for chain in chains {
        if ranked
            .iter()
            .any(|(.., other)| (other.root, &other.place, &other.links) == (chain.root, &chain.place, &chain.links))
        {
            continue;
        }
        let number = seen.entry(chain.root).or_default();
        let own = matches!(chain.root, Root::Static | Root::Framework | Root::Hidden | Root::Unknown);
        ranked.push((!(own && *number == 0), *number, chain));
        *number += 1;
    }
    ranked.sort_by_key(|(later, number, _)| (*later, *number));
    ranked.into_iter().take(most).map(|(.., chain)| chain).collect()
}
