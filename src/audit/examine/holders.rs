//! What words of memory say about the holder of a root.

use crate::audit::stacks;
use crate::findings::life_cycle::{Chain, Link, Root};
use crate::heap::{NodeId, Place};
use crate::sys::{self, Capture, StaticWord};

/// The beginning of a chain: its kind, its place, and the links before the first object.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) root: Root,
    pub(super) place: String,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) links: Vec<Link>,
}

impl Holder {
    pub(super) fn new(root: Root, place: impl Into<String>) -> Self {
        Self { root, place: place.into(), file: String::new(), line: 0, links: Vec::new() }
    }

    /// The chain to something, of which the last links are known.
    pub(super) fn leading_to(self, held: &str, links: &[Link]) -> Chain {
        let Self { root, place, file, line, links: first } = self;
        let links = first.into_iter().chain(links.iter().cloned()).collect();
        Chain { root, held: held.to_owned(), place, file, line, source: Vec::new(), links }
    }

    /// With one more link before the first object.
    pub(super) fn after(mut self, what: impl Into<String>, by: impl Into<String>) -> Self {
        self.links.push(Link { what: what.into(), by: by.into() });
        self
    }
}

/// Whose libraries count as the module's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    /// Top-level name of the package that was dropped; empty when nothing was.
    pub(super) package: &'a str,
    /// Paths of its extension modules, which an editable build keeps elsewhere.
    pub(super) files: &'a [String],
    /// Every extension's statics are its own: nothing was dropped.
    pub(super) all: bool,
}

impl Owner<'_> {
    /// Whether a library is the package's, or one that its wheel brings.
    fn has(&self, path: &str) -> bool {
        self.all
            || !self.package.is_empty()
                && (sys::covers(&[self.package.to_owned()], path)
                || self.files.iter().any(|file| file == path)
                || path.contains(".libs/")
                // Where mypyc puts the code of a group of modules, beside their package.
                || path.contains("__mypyc."))
    }
}

/// Parts of keys and of names of variables, and the framework that they give away.
const MARKERS: &[(&str, &str)] = &[
    ("__pyx_", "Cython"),
    ("pybind11", "pybind11"),
    ("PYBIND11", "pybind11"),
    ("nanobind", "nanobind"),
    ("__nb_", "nanobind"),
    ("GILOnceCell", "PyO3"),
    ("PyOnceLock", "PyO3"),
    ("LazyTypeObject", "PyO3"),
    ("pyo3::", "PyO3"),
    ("CPyStatic", "mypyc"),
    ("CPyModule", "mypyc"),
    ("CPyType", "mypyc"),
    ("_cffi_", "cffi"),
];

/// The framework that a name gives away: of a variable, or a key of the interpreter's dict.
pub(super) fn framework(name: &str) -> Option<&'static str> {
    MARKERS.iter().find(|(marker, _)| name.contains(marker)).map(|(_, framework)| *framework)
}

/// Who holds a root, as far as words that point to it tell.
///
/// What a library of another package than the `owner`'s holds, the program holds.
///
/// A static of an extension says most, then memory that was allocated; the interpreter's own state comes
/// last, since it is full of stale words.
pub(super) fn of_places(
    capture: &Capture,
    owner: Owner<'_>,
    node: NodeId,
    places: &[Place],
    of_memory: &dyn Fn(Place) -> Option<Holder>,
) -> Vec<Holder> {
    let address = capture.heap.address(node);
    let references = capture.heap.unexplained(node);
    let words: Vec<StaticWord> = places
        .iter()
        .filter_map(|place| match place {
            Place::Static { address } => sys::static_word(*address),
            _ => None,
        })
        .filter(|word| !word.own)
        .collect();
    // The object may be a static itself: a type that was not made at run time.
    if let Some(word) = sys::static_word(address) {
        return vec![if word.interpreter { in_interpreter(&word) } else { of_static(&word, owner).whole() }];
    }
    let statics: Vec<Holder> =
        words.iter().filter(|word| !word.interpreter).map(|word| of_static(word, owner).pointing()).collect();
    if !statics.is_empty() {
        // The package's own first: a word elsewhere may be stale.
        let (own, others): (Vec<Holder>, Vec<Holder>) =
            statics.into_iter().partition(|holder| holder.root != Root::Program);
        return own.into_iter().chain(others).take(references.max(1) as usize).collect();
    }
    if let Some(registry) = sys::nameless_registry(address) {
        return vec![Holder::new(Root::Registry, registry)];
    }
    if sys::is_in_atexit_callback(capture, address) {
        return vec![Holder::new(Root::Registry, "atexit").after("atexit", "a callback")];
    }
    let is_memory = |place: &&Place| !matches!(place, Place::Static { .. });
    if let Some(holder) = places.iter().filter(is_memory).find_map(|place| of_memory(*place)) {
        return vec![holder];
    }
    if owner.all && words.is_empty() {
        return vec![Holder::new(Root::Unknown, "")];
    }
    // Of what was dropped, the interpreter's state has stale words only: its free lists keep them.
    if !owner.package.is_empty() {
        return vec![Holder::new(Root::Unknown, "")];
    }
    vec![words.first().map_or_else(|| Holder::new(Root::Interpreter, ""), |word| in_interpreter(word).pointing())]
}

impl Holder {
    /// For an object that is the variable, not what a member of it points to.
    fn whole(mut self) -> Self {
        /// How DWARF calls the first member of every object.
        const HEAD: &str = ".ob_base";
        if let Some(start) = self.place.find(HEAD) {
            let closing = if self.place.ends_with(')') { ")" } else { "" };
            self.place.truncate(start);
            self.place += closing;
        }
        self
    }

    /// With a link for the word itself.
    fn pointing(self) -> Self {
        let place = self.place.clone();
        self.after(place, "pointer")
    }
}

/// The static that a word of memory is in; `None` for our own.
pub(super) fn of_word(address: u64, owner: Owner<'_>) -> Option<Holder> {
    let word = sys::static_word(address).filter(|word| !word.own)?;
    Some(if word.interpreter { in_interpreter(&word) } else { of_static(&word, owner) }.pointing())
}

fn in_interpreter(word: &StaticWord) -> Holder {
    let name = stacks::variable(&word.path, &word.build_id, word.offset).map(|variable| variable.name);
    Holder::new(Root::Interpreter, name.unwrap_or_default())
}

fn of_static(word: &StaticWord, owner: Owner<'_>) -> Holder {
    /// The last member of the definition of a module, as DWARF names it.
    const COPY: &str = ".m_base.m_copy";
    let mut holder = of_variable(word);
    if owner.all && holder.place.ends_with(COPY) {
        holder.root = Root::ImportCache;
    }
    if !owner.has(&word.path) {
        holder.root = Root::Program;
    }
    holder
}

fn of_variable(word: &StaticWord) -> Holder {
    let library = word.path.rsplit('/').next().unwrap_or("?");
    let Some(variable) = stacks::variable(&word.path, &word.build_id, word.offset) else {
        return Holder::new(Root::Static, format!("{library}+{:#x}", word.offset));
    };
    let offset = if variable.offset > 0 { format!("+{:#x}", variable.offset) } else { String::new() };
    let near = if variable.guess { "near " } else { "" };
    let place = format!("{library}:{near}{}{offset}", variable.name);
    let mut holder = match framework(&variable.name) {
        Some(framework) => Holder::new(Root::Framework, format!("{framework} ({place})")),
        None => Holder::new(Root::Static, place),
    };
    holder.file = variable.file;
    holder.line = variable.line;
    holder
}
