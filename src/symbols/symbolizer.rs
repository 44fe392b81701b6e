//! Answers for addresses, and remembers them.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::cython::{self, Sources};
use super::data_table::NamedData;
use super::demangle::{demangle, is_mangled};
use super::dwarf::Entry;
use super::library::Library;
use super::{Files, excerpt};

/// One function that an address is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// Demangled name; of what Cython generated, `module.Class.method`. Empty when unknown.
    pub function: String,
    /// Source file as the compiler recorded it, the `.pyx` file for Cython where the generated file
    /// is still there; empty when unknown.
    pub file: String,
    /// Line in `file`, from 1; 0 when unknown.
    pub line: u32,
    /// The compiler put this function into the next one.
    pub inlined: bool,
    /// `function` is only the nearest symbol before the address.
    pub guess: bool,
}

/// One static variable that an address is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variable {
    /// Demangled name, with the member of a struct and the item of an array where DWARF knows them:
    /// `state.cache[2]`.
    pub name: String,
    /// Bytes between the start of what `name` says and the address.
    pub offset: u64,
    /// Source file of the declaration as the compiler recorded it; empty when unknown.
    pub file: String,
    /// Line of the declaration, from 1; 0 when unknown.
    pub line: u32,
    /// The library is stripped, and `name` is only the nearest exported variable before the address.
    pub guess: bool,
}

/// Functions, files and lines of addresses in libraries, and variables.
///
/// Opens a library at the first question, builds its index as far as the questions go, and keeps
/// both, as it keeps every answer. Not for use inside a hook: it allocates, and reads files.
pub struct Symbolizer {
    files: Box<dyn Files>,
    /// By path and build id.
    libraries: FxHashMap<(String, Vec<u8>), Opened>,
    sources: Sources,
}

/// A library and the answers about it.
struct Opened {
    library: Library,
    answers: FxHashMap<u64, Vec<Located>>,
}

impl Symbolizer {
    /// Nothing is opened yet.
    #[must_use]
    pub fn new(files: Box<dyn Files>) -> Self {
        Self { files, libraries: FxHashMap::default(), sources: Sources::default() }
    }

    /// The functions at an address, innermost inlined one first; never empty.
    ///
    /// `library` is a path; `address` counts as the file itself does (from its lowest `p_vaddr`
    /// base, 0 for a shared library) and lies in the call: of a return address, one less.
    pub fn locate(&mut self, library: &str, address: u64) -> Vec<Located> {
        self.locate_build(library, &[], address)
    }

    /// The same for the build of the library that has an id, when it has one: another build that has
    /// taken its place on disk knows nothing of these addresses.
    pub fn locate_build(&mut self, library: &str, build_id: &[u8], address: u64) -> Vec<Located> {
        let opened = self.libraries.entry((library.to_owned(), build_id.to_vec())).or_insert_with(|| Opened {
            library: Library::open(&*self.files, Path::new(library), build_id),
            answers: FxHashMap::default(),
        });
        if let Some(known) = opened.answers.get(&address) {
            return known.clone();
        }
        let answer = answer(&mut opened.library, address, &*self.files, &mut self.sources);
        opened.answers.insert(address, answer.clone());
        answer
    }

    /// The static variable at an address in the data of a library, counted as in [`Self::locate`]; of the
    /// build that has an id, as in [`Self::locate_build`]. `None` when no table names it.
    pub fn variable(&mut self, library: &str, build_id: &[u8], address: u64) -> Option<Variable> {
        let library = &mut self.opened(library, build_id).library;
        let named = library.data(address);
        // A guess must not stand in the way of what DWARF knows.
        let exact = named.as_ref().filter(|named| !named.guess);
        let symbol = exact.map(|named| (named.name.clone(), named.start));
        let declared = library.variable(address).filter(|(variable, ..)| match &symbol {
            Some((_, start)) => variable.address == *start,
            None => true,
        });
        let Some((variable, member, offset)) = declared else {
            let NamedData { name, start, guess } = named?;
            return Some(Variable {
                name: demangle(&name).into_owned(),
                offset: address - start,
                guess,
                ..Variable::default()
            });
        };
        let mangled = symbol.map(|(name, _)| name).filter(|name| is_mangled(name));
        let name = mangled.map_or_else(|| variable.name.clone(), |name| demangle(&name).into_owned());
        Some(Variable { name: name + &member, offset, file: variable.file.clone(), line: variable.line, guess: false })
    }

    fn opened(&mut self, library: &str, build_id: &[u8]) -> &mut Opened {
        let files = &*self.files;
        self.libraries.entry((library.to_owned(), build_id.to_vec())).or_insert_with(|| Opened {
            library: Library::open(files, Path::new(library), build_id),
            answers: FxHashMap::default(),
        })
    }

    /// Lines of a source file around `line`, at most `around` before and as many after, each with
    /// its number. Long lines are cut. Empty when there is no such text file of at most 4 MB.
    #[must_use]
    pub fn excerpt(&self, file: &str, line: u32, around: u32) -> Vec<(u32, String)> {
        excerpt::excerpt(&*self.files, Path::new(file), line, around)
    }
}

fn answer(library: &mut Library, address: u64, files: &dyn Files, sources: &mut Sources) -> Vec<Located> {
    let mut entries = library.entries(address);
    if entries.is_empty() {
        entries.push(Entry::default());
    }
    let outermost = entries.len() - 1;
    let mut located = Vec::with_capacity(entries.len());
    for (depth, mut entry) in entries.into_iter().enumerate() {
        // The tables know the function that was compiled, not those put into it.
        let guess = depth == outermost && name_from_tables(&mut entry, library, address);
        let (function, file, line) = named_as_written(entry, library, address, files, sources);
        located.push(Located { function, file, line, inlined: depth < outermost, guess });
    }
    located
}

/// Completes the name of the function that was compiled; whether the new name is a guess.
fn name_from_tables(entry: &mut Entry, library: &mut Library, address: u64) -> bool {
    if !entry.name.is_empty() && !entry.is_short {
        return false;
    }
    match library.name(address) {
        Some(named) if entry.name.is_empty() || !named.guess && is_mangled(&named.name) => {
            entry.name = named.name;
            named.guess
        }
        _ => false,
    }
}

/// The entry in the words of the language that its code was written in.
fn named_as_written(
    entry: Entry,
    library: &Library,
    address: u64,
    files: &dyn Files,
    sources: &mut Sources,
) -> (String, String, u32) {
    let demangled = demangle(&entry.name);
    let Some(generated) = cython::generated_name(&demangled) else {
        return (demangled.into_owned(), entry.file, entry.line);
    };
    let origin = sources.origin(files, &entry.file, entry.line, generated, || library.compile_folder(address));
    let function = origin.function.or_else(|| cython::readable(generated));
    let function = function.unwrap_or_else(|| generated.to_owned());
    match origin.place {
        Some((file, line)) => (function, file, line),
        None => (function, entry.file, entry.line),
    }
}
