//! Nodes that are known by name, where a chain begins; and the references that do not count.

use rustc_hash::FxHashMap;

use crate::analysis::Cut;
use crate::heap::NodeId;
use crate::sys::{self, Capture, Describer, ImportCaches, Known};

/// What an anchor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The list `modules_by_index`.
    ByIndex,
    /// The backup copy of the dict of the module with a name.
    Copy(String),
    /// The dict `extensions`.
    Extensions,
    /// The dict `sys.modules`.
    Table,
    /// A container of a registry, by name.
    Registry(String),
    /// An exception that `sys` keeps, by name.
    Exception(String),
    /// The dict that the interpreter has for extensions.
    InterpreterDict,
    /// A module that stays imported.
    Module(String),
    /// The dict of one, and the module.
    Dict(String, NodeId),
}

/// All anchors, by node.
#[derive(Debug)]
pub(super) struct Anchors(FxHashMap<NodeId, Anchor>);

impl Anchors {
    /// The caches and what is known, apart from the modules of `package` and the targets.
    pub(super) fn new(capture: &Capture, known: &Known, caches: &ImportCaches, package: &str, targets: &[u64]) -> Self {
        let mut anchors = Self(FxHashMap::default());
        let mut add = |address: u64, anchor: Anchor| {
            if let Some(node) = capture.heap.find(address).filter(|_| address != 0) {
                anchors.0.entry(node).or_insert(anchor);
            }
        };
        for &(def, copy) in &caches.copies {
            add(copy, Anchor::Copy(sys::definition_name(def)));
        }
        caches.by_index.into_iter().for_each(|list| add(list, Anchor::ByIndex));
        caches.extensions.into_iter().for_each(|dict| add(dict, Anchor::Extensions));
        add(known.table, Anchor::Table);
        add(known.interpreter_dict, Anchor::InterpreterDict);
        let stays = |name: &str| package.is_empty() || (name != package && !is_below(name, package));
        for module in known.modules.iter().filter(|module| stays(&module.name) && !module.own) {
            if targets.contains(&module.module) || targets.contains(&module.dict) {
                continue;
            }
            add(module.module, Anchor::Module(module.name.clone()));
            if let Some(node) = capture.heap.find(module.module) {
                add(module.dict, Anchor::Dict(module.name.clone(), node));
            }
        }
        let other = |address: &u64| !targets.contains(address);
        for (address, name) in known.registries.iter().filter(|(address, _)| other(address)) {
            add(*address, Anchor::Registry(name.clone()));
        }
        for (address, name) in known.exceptions.iter().filter(|(address, _)| other(address)) {
            add(*address, Anchor::Exception(name.clone()));
        }
        anchors
    }

    pub(super) fn is_one(&self, node: NodeId) -> bool {
        self.0.contains_key(&node)
    }

    /// Whether it is one of CPython's import caches.
    pub(super) fn is_cache(&self, node: NodeId) -> bool {
        matches!(self.get(node), Some(Anchor::ByIndex | Anchor::Copy(_) | Anchor::Extensions))
    }

    pub(super) fn get(&self, node: NodeId) -> Option<&Anchor> {
        self.0.get(&node)
    }
}

/// Whether a module is a part of a package.
fn is_below(name: &str, package: &str) -> bool {
    name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
}

/// The references that do not count: refaudit's own; and these together with CPython's import caches.
pub(super) fn cuts(capture: &Capture, known: &Known, caches: &ImportCaches, describer: &Describer<'_>) -> (Cut, Cut) {
    let heap = &capture.heap;
    let mut own = Cut::default();
    for module in known.modules.iter().filter(|module| module.own) {
        [module.module, module.dict].iter().filter_map(|&address| heap.find(address)).for_each(|node| own.close(node));
    }
    for thread in 0..capture.roots as NodeId {
        for &target in heap.targets(thread).iter().filter(|&&target| describer.is_own_frame(thread, target)) {
            own.edge(thread, target);
            // A frame that is an object can also be reached from the frame that it called.
            if describer.thing(target) == "frame" {
                own.close(target);
            }
        }
    }
    let mut without_caches = own.clone();
    for address in caches.by_index.iter().chain(&caches.extensions) {
        heap.find(*address).into_iter().for_each(|node| without_caches.close(node));
    }
    for (_, copy) in &caches.copies {
        heap.find(*copy).into_iter().for_each(|node| without_caches.account(node, sys::REFERENCES_TO_A_COPY));
    }
    (own, without_caches)
}
