//! Functions, files and lines of an address, inlined ones included, as the compiler wrote them.

use std::path::Path;

use object::Object;

use super::elf::Elf;
use super::sections::{Reader, Sections};
use super::variables::{self, Declared};
use super::{Bytes, Files, debug_file, demangle};

/// One function that an address is in.
#[derive(Default)]
pub(super) struct Entry {
    /// Linkage name, else the plain one; empty when the compiler gave none.
    pub(super) name: String,
    /// Path of the source, made absolute with the compile folder where that is known.
    pub(super) file: String,
    /// From 1; 0 when unknown.
    pub(super) line: u32,
    /// The language mangles names, yet this one is plain: it lacks its namespaces and classes.
    pub(super) is_short: bool,
}

type Context<'a> = addr2line::Context<Reader<'a>>;

self_cell::self_cell! {
    /// The sections, and the index that is built lazily over them, unit by unit.
    struct Index {
        owner: Sections,
        #[not_covariant]
        dependent: Context,
    }
}

/// Debug information of one library.
pub(super) struct Dwarf {
    index: Index,
    /// Made at the first question for a variable.
    variables: Option<Vec<Declared>>,
}

impl Dwarf {
    /// Opens the DWARF that is in `file`, at `path`. `None` when it cannot be read.
    pub(super) fn open(files: &dyn Files, path: &Path, file: &Bytes, elf: &Elf<'_>) -> Option<Self> {
        let link = elf.gnu_debugaltlink().ok().flatten();
        let supplementary = link.and_then(|(name, id)| debug_file::supplementary(files, path, name, id));
        let sections = Sections::new(file, supplementary.as_ref())?;
        let index = Index::try_new(sections, |sections| Context::from_dwarf(sections.dwarf())).ok()?;
        Some(Self { index, variables: None })
    }

    /// The functions at an address, innermost first; empty when the file says nothing of it. A
    /// function without a line table, or a line without a function, gives an entry with a gap.
    pub(super) fn entries(&self, address: u64) -> Vec<Entry> {
        self.index.with_dependent(|_, context| {
            let mut found = Vec::new();
            // The index adds one to it.
            if address == u64::MAX {
                return found;
            }
            // What lies in `.dwo` files is not loaded; the skeleton has no functions then.
            let Ok(mut frames) = context.find_frames(address).skip_all_loads() else {
                return found;
            };
            while let Ok(Some(frame)) = frames.next() {
                let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
                let (file, line) = match &frame.location {
                    Some(location) => (location.file.unwrap_or_default(), location.line.unwrap_or(0)),
                    None => ("", 0),
                };
                let name = name.unwrap_or_default().into_owned();
                let language = frame.function.as_ref().and_then(|function| function.language);
                let is_short = !demangle::is_mangled(&name) && language.is_some_and(mangles);
                found.push(Entry { name, file: file.into(), line, is_short });
            }
            found
        })
    }

    /// The variable that an address is in: its declaration, and `.member` with the rest of the offset.
    pub(super) fn variable(&mut self, address: u64) -> Option<(&Declared, String, u64)> {
        let sections = self.index.borrow_owner();
        let variables = self.variables.get_or_insert_with(|| variables::declared(&sections.dwarf()));
        let after = variables.partition_point(|variable| variable.address <= address);
        let variable = variables[..after].last()?;
        let (member, offset) = variables::member(&sections.dwarf(), variable, address - variable.address)?;
        Some((variable, member, offset))
    }

    /// The folder that the compiler ran in for the code at an address.
    pub(super) fn compile_folder(&self, address: u64) -> Option<String> {
        self.index.with_dependent(|_, context| {
            let unit = context.find_dwarf_and_unit(address).skip_all_loads()?;
            unit.comp_dir.map(|folder| folder.to_string_lossy().into_owned())
        })
    }
}

/// Whether names of this language are mangled. The list is of the languages that are demangled here.
fn mangles(language: gimli::DwLang) -> bool {
    matches!(
        language,
        gimli::DW_LANG_Rust
            | gimli::DW_LANG_C_plus_plus
            | gimli::DW_LANG_C_plus_plus_03
            | gimli::DW_LANG_C_plus_plus_11
            | gimli::DW_LANG_C_plus_plus_14
            | gimli::DW_LANG_C_plus_plus_17
            | gimli::DW_LANG_C_plus_plus_20
    )
}
