//! Who holds what findings are about: the chains that teach most.

use rustc_hash::FxHashMap;

use super::anchors::{Anchors, cuts};
use super::chains::Namer;
use super::holders::Owner;
use super::memory::{Memory, routes};
use super::{ROOTS_FOR_A_CHAIN, nameless};
use crate::analysis::{Cut, Referrers, Search};
use crate::audit::words::Words;
use crate::findings::{Chain, Root};
use crate::heap::NodeId;
use crate::sys::{self, Capture, Describer};

/// Chains for one finding at most.
const MOST: usize = 3;
/// Holders of an object with a count too low that are looked at.
const HOLDERS: usize = 16;

/// What is asked about one finding.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Asked {
    /// What it is about, in words and by address.
    pub(in crate::audit) label: String,
    pub(in crate::audit) address: u64,
    /// Too few references are counted: everybody who has one is asked for.
    pub(in crate::audit) too_low: bool,
    /// Nothing is asked.
    pub(in crate::audit) skip: bool,
}

/// The answer.
#[derive(Debug, Clone, Default)]
pub(in crate::audit) struct Found {
    pub(in crate::audit) chains: Vec<Chain>,
    /// How many objects and words point to it.
    pub(in crate::audit) holders: usize,
}

/// Paths to one object, by who refers to it where that was asked for.
struct Paths {
    node: Option<NodeId>,
    rows: Vec<Vec<Vec<NodeId>>>,
    holders: usize,
}

/// The answers, in the order of what was asked.
pub(in crate::audit) fn paths(capture: &Capture, words: &mut Words, asked: &[Asked], scope: &[String]) -> Vec<Found> {
    if asked.iter().all(|asked| asked.skip) {
        return vec![Found::default(); asked.len()];
    }
    let (known, caches) = (sys::known(), sys::import_caches(&[]));
    let describer = Describer::new(capture);
    let wanted = || asked.iter().filter(|asked| !asked.skip).map(|asked| asked.address);
    let anchors = Anchors::new(capture, &known, &caches, "", &wanted().collect::<Vec<u64>>());
    let (own, _) = cuts(capture, &known, &caches, &describer);
    let referrers = Referrers::of(&capture.heap);
    let mut search = Search::new(&capture.heap, &referrers, &own);
    let is_anchor = |node: NodeId| anchors.is_one(node);
    let mut to = |node: NodeId| search.paths(node, MOST * ROOTS_FOR_A_CHAIN, is_anchor);
    let of = |asked: &Asked| {
        let node = capture.heap.find(asked.address).filter(|_| !asked.skip);
        let (rows, holders) = match node {
            Some(node) if asked.too_low => by_holder(&referrers, &own, node, &mut to),
            Some(node) => (vec![beyond(to(node), &anchors, capture.roots, &mut to)], 0),
            None => (Vec::new(), 0),
        };
        Paths { node, rows, holders }
    };
    let found: Vec<Paths> = asked.iter().map(of).collect();
    let roots = nameless(capture, &anchors, found.iter().flat_map(|paths| paths.rows.iter().flatten()));
    words.look(capture, wanted().chain(roots.iter().copied()));
    let routes: FxHashMap<_, _> = routes(capture, words, &mut search, wanted().chain(roots), &is_anchor);
    let memory = Memory { words, routes: &routes, scope };
    let namer = Namer::new(capture, &known, &anchors, Owner { package: "", files: &[], all: true }, memory, describer);
    asked.iter().zip(found).map(|(asked, found)| answer(&namer, asked, found)).collect()
}

/// Paths, and for the first that begin where only memory points to, ones that begin with a name: a list that
/// a static holds may be an attribute as well.
fn beyond(
    mut paths: Vec<Vec<NodeId>>,
    anchors: &Anchors,
    threads: usize,
    to: &mut dyn FnMut(NodeId) -> Vec<Vec<NodeId>>,
) -> Vec<Vec<NodeId>> {
    let is_named = |path: &&Vec<NodeId>| anchors.is_one(path[0]);
    let nameless = paths.iter().filter(|path| !is_named(path) && path[0] as usize >= threads && path.len() > 1);
    let longer: Vec<Vec<NodeId>> = nameless
        .take(MOST)
        .filter_map(|path| {
            let before = to(path[0]).into_iter().find(|path| is_named(&path))?;
            Some(before.into_iter().chain(path[1..].iter().copied()).collect())
        })
        .collect();
    paths.extend(longer);
    paths
}

/// For each object that refers to a node, the paths to it and on to the node; and how many these are.
fn by_holder(
    referrers: &Referrers,
    own: &Cut,
    node: NodeId,
    to: &mut dyn FnMut(NodeId) -> Vec<Vec<NodeId>>,
) -> (Vec<Vec<Vec<NodeId>>>, usize) {
    let mut holders: Vec<NodeId> =
        referrers.of_node(node).iter().copied().filter(|&holder| holder != node && own.follows(holder, node)).collect();
    holders.sort_unstable();
    holders.dedup();
    let count = holders.len();
    let on = |holder: NodeId| {
        let mut paths = to(holder);
        if paths.is_empty() {
            paths.push(vec![holder]);
        }
        paths.into_iter().map(|path| path.into_iter().chain([node]).collect()).collect()
    };
    (holders.into_iter().take(HOLDERS).map(on).collect(), count)
}

fn answer(namer: &Namer<'_>, asked: &Asked, found: Paths) -> Found {
    let Some(node) = found.node else {
        let chains = if asked.skip { Vec::new() } else { namer.to_block(&asked.label, asked.address) };
        return Found { chains: teaching(chains), holders: 0 };
    };
    if !asked.too_low {
        let paths = found.rows.into_iter().flatten().collect::<Vec<Vec<NodeId>>>();
        return Found { chains: teaching(namer.chains(&asked.label, &paths)), holders: 0 };
    }
    let words = namer.by_words(&asked.label, node);
    let holders = found.holders + words.len();
    // One chain for each holder: it is these that are in danger.
    let best = |row: &Vec<Vec<NodeId>>| teaching(namer.chains(&asked.label, row)).into_iter().next();
    let chains = found.rows.iter().filter_map(best).chain(words).collect();
    Found { chains: teaching(chains), holders }
}

/// The first chains, each once: those from a name that people know first, then the shorter ones.
fn teaching(mut chains: Vec<Chain>) -> Vec<Chain> {
    // That nobody knows who holds it needs no chain.
    chains.retain(|chain| !(chain.links.len() < 2 && matches!(chain.root, Root::Unknown | Root::Interpreter)));
    chains.sort_by_key(|chain| (rank(chain.root), chain.links.len()));
    let mut first: Vec<Chain> = Vec::new();
    for chain in chains {
        if !first.contains(&chain) {
            first.push(chain);
        }
    }
    first.truncate(MOST);
    first
}

/// How much a root teaches, the best first.
fn rank(root: Root) -> u8 {
    match root {
        Root::Program | Root::Static => 0,
        Root::Registry => 1,
        Root::Framework => 2,
        Root::Hidden => 3,
        Root::Thread | Root::Exception => 4,
        Root::ImportCache => 5,
        Root::Interpreter => 6,
        Root::Unknown => 7,
    }
}
