//! From paths of nodes to chains of words.

use super::anchors::{Anchor, Anchors};
use super::holders::{self, Holder, Owner};
use super::memory::Memory;
use crate::findings::life_cycle::{Chain, Link, Root};
use crate::heap::{NodeId, Place};
use crate::sys::{self, Capture, Describer, Known};

/// Names the nodes of one capture.
pub(super) struct Namer<'a> {
    capture: &'a Capture,
    known: &'a Known,
    anchors: &'a Anchors,
    owner: Owner<'a>,
    memory: Memory<'a>,
    describer: Describer<'a>,
}

impl<'a> Namer<'a> {
    pub(super) fn new(
        capture: &'a Capture,
        known: &'a Known,
        anchors: &'a Anchors,
        owner: Owner<'a>,
        memory: Memory<'a>,
        describer: Describer<'a>,
    ) -> Self {
        Self { capture, known, anchors, owner, memory, describer }
    }

    /// The chains that the paths to one object amount to; refaudit's own are left out.
    pub(super) fn chains(&self, label: &str, paths: &[Vec<NodeId>]) -> Vec<Chain> {
        paths.iter().flat_map(|path| self.of_path(label, path)).collect()
    }

    fn of_path(&self, label: &str, path: &[NodeId]) -> Vec<Chain> {
        let mut links = self.links(path);
        if let Some(Anchor::Copy(_)) = self.anchors.get(path[0]) {
            // It is not the module's dict, so its keys are no attributes.
            links[0].what = "dict".into();
            if let Some(name) = links[0].by.strip_prefix('.') {
                links[0].by = format!("['{name}']");
            }
        }
        let target = path.last().map(|&target| self.capture.heap.address(target));
        self.beginnings(path, &links, target.as_slice())
            .into_iter()
            .map(|holder| holder.leading_to(label, &links))
            .collect()
    }

    /// What is before the first object of a path; `trail` is what words led through already.
    fn beginnings(&self, path: &[NodeId], links: &[Link], trail: &[u64]) -> Vec<Holder> {
        match self.anchors.get(path[0]) {
            Some(_) => vec![self.of_anchor(path, links)],
            None if (path[0] as usize) < self.capture.roots => vec![self.of_thread(path)],
            None => self.of_root(path[0], trail),
        }
    }

    /// The chains to a block of memory.
    pub(super) fn to_block(&self, label: &str, address: u64) -> Vec<Chain> {
        let last = [Link { what: self.memory.name(address), by: String::new() }];
        let places = self.memory.words.to(address).iter();
        places
            .filter_map(|place| self.of_place(*place, &[address]))
            .map(|holder| holder.leading_to(label, &last))
            .collect()
    }

    /// The chains to an object from words that point to it.
    pub(super) fn by_words(&self, label: &str, node: NodeId) -> Vec<Chain> {
        let last = [Link { what: self.describer.thing(node), by: String::new() }];
        let address = self.capture.heap.address(node);
        let places = self.memory.words.to(address).iter();
        places
            .filter_map(|place| self.of_place(*place, &[address]))
            .map(|holder| holder.leading_to(label, &last))
            .collect()
    }

    /// What a word of memory is in, and what holds that. `None` where that leads in a circle: a wrapper and
    /// its native object know each other.
    fn of_place(&self, place: Place, trail: &[u64]) -> Option<Holder> {
        /// From word to word so often at most.
        const DEEPEST: usize = 5;
        let further = |address: u64| {
            (!trail.contains(&address)).then(|| trail.iter().copied().chain([address]).collect::<Vec<u64>>())
        };
        let (node, offset) = match place {
            Place::Static { address } => return holders::of_word(address, self.owner),
            Place::Stack { thread, address } => {
                let words = self.memory.stack(thread, address);
                return Some(Holder::new(Root::Thread, words.clone()).after(words, "a variable"));
            }
            Place::Block { address } | Place::Native { address } => {
                let trail = further(address)?;
                let places = self.memory.words.to(address).iter().filter(|_| trail.len() <= DEEPEST);
                let held = places.filter_map(|place| self.of_place(*place, &trail)).next();
                let holder = held.unwrap_or_else(|| Holder::new(Root::Hidden, ""));
                return Some(holder.after(self.memory.name(address), "pointer"));
            }
            Place::Field { node, offset } => (node, offset),
        };
        let trail = further(self.capture.heap.address(node))?;
        let what = self.describer.thing(node);
        let mut holder = Holder::new(Root::Hidden, format!("{what}, offset {offset}"));
        let field = format!("field at offset {offset}, which tp_traverse does not visit");
        if let Some(path) = self.memory.routes.get(&node).filter(|_| trail.len() <= DEEPEST) {
            let mut links = self.links(path);
            links.pop();
            let before = self.beginnings(path, &links, &trail).into_iter().next();
            holder.links = before.into_iter().flat_map(|before| before.links).chain(links).collect();
        }
        Some(holder.after(what, field))
    }

    fn links(&self, path: &[NodeId]) -> Vec<Link> {
        let by = |at: usize| path.get(at + 1).map_or_else(String::new, |&next| self.describer.refers(path[at], next));
        path.iter().enumerate().map(|(at, &node)| Link { what: self.describer.thing(node), by: by(at) }).collect()
    }

    fn of_anchor(&self, path: &[NodeId], links: &[Link]) -> Holder {
        let first = links.first().map_or("", |link| link.by.as_str());
        match self.anchors.get(path[0]).expect("an anchor") {
            Anchor::ByIndex => {
                Holder::new(Root::ImportCache, "modules_by_index").after("interpreter", "modules_by_index")
            }
            Anchor::Copy(name) => {
                Holder::new(Root::ImportCache, "m_copy").after(format!("definition of `{name}`"), "m_copy")
            }
            Anchor::Extensions => Holder::new(Root::ImportCache, "extensions").after("import.c", "extensions"),
            Anchor::Table => Holder::new(Root::Program, "sys.modules").after("module `sys`", ".modules"),
            Anchor::Registry(name) => named(Root::Registry, name),
            Anchor::Exception(name) => named(Root::Exception, name),
            Anchor::InterpreterDict => {
                let known = holders::framework(first).map(str::to_owned);
                let holder =
                    Holder::new(Root::Framework, known.unwrap_or_else(|| format!("interpreter-state dict{first}")));
                holder.after("interpreter", "PyInterpreterState_GetDict()")
            }
            Anchor::Module(name) => self.of_module(name, first).after("sys.modules", format!("['{name}']")),
            Anchor::Dict(name, module) => {
                let holder = self.of_module(name, first).after("sys.modules", format!("['{name}']"));
                holder.after(self.describer.thing(*module), ".__dict__")
            }
        }
    }

    /// A module that stays: a framework that hides in `builtins`, or the program.
    fn of_module(&self, name: &str, attribute: &str) -> Holder {
        match holders::framework(attribute) {
            Some(framework) if name == "builtins" => Holder::new(Root::Framework, framework),
            _ if self.known.registries.iter().any(|(_, registry)| registry.split('.').next() == Some(name)) => {
                Holder::new(Root::Registry, name)
            }
            _ => Holder::new(Root::Program, name),
        }
    }

    fn of_thread(&self, path: &[NodeId]) -> Holder {
        let Some(&next) = path.get(1) else { return Holder::new(Root::Thread, "") };
        let (words, exception) = self.describer.thread(path[0], next);
        Holder::new(if exception { Root::Exception } else { Root::Thread }, words)
    }

    /// An object that words of memory hold, or nothing in sight.
    fn of_root(&self, node: NodeId, trail: &[u64]) -> Vec<Holder> {
        let address = self.capture.heap.address(node);
        if sys::is_own(self.capture, address) {
            return Vec::new();
        }
        let places = self.memory.words.to(address);
        holders::of_places(self.capture, self.owner, node, places, &|place| self.of_place(place, trail))
    }
}

/// A container that is known as `module.attribute`.
fn named(root: Root, name: &str) -> Holder {
    let (module, attribute) = name.split_once('.').unwrap_or((name, ""));
    Holder::new(root, name).after(format!("module `{module}`"), format!(".{attribute}"))
}

/// The beginning of a chain in one line.
pub(super) fn in_words(chain: &Chain) -> String {
    let first = chain.links.first().map_or("", |link| link.what.as_str());
    let what = if chain.place.is_empty() { first } else { chain.place.as_str() };
    match chain.root {
        Root::ImportCache => format!("CPython's import cache: {what}"),
        Root::Static => format!("the static {what}"),
        Root::Framework => format!("the framework's cache: {what}"),
        Root::Hidden => format!("hidden memory: {what}"),
        Root::Program => format!("the program: {what}"),
        Root::Registry => format!("the registry {what}"),
        Root::Exception => format!("an exception: {what}"),
        Root::Thread => format!("a thread: {what}"),
        Root::Interpreter => format!("the interpreter: {what}"),
        Root::Unknown => format!("references to {first} that nothing in sight accounts for"),
    }
}
