//! One library: its debug information and its symbols, opened when they are first needed.

use std::path::{Path, PathBuf};

use super::data_table::{DataTable, NamedData};
use super::dwarf::{Dwarf, Entry};
use super::table::{Named, Table};
use super::variables::Declared;
use super::{Bytes, Files, debug_file, elf};

/// Symbols of one file, with the file.
struct Symbols {
    file: Bytes,
    table: Table,
}

/// What is known of a library; all of it may be missing.
#[derive(Default)]
pub(super) struct Library {
    dwarf: Option<Dwarf>,
    /// The file itself, and its debug file if it has one.
    files: Vec<Bytes>,
    /// Made at the first address that DWARF does not name.
    symbols: Option<Option<Symbols>>,
    /// Made at the first question for a variable, as `symbols`.
    data: Option<Option<(Bytes, DataTable)>>,
}

impl Library {
    /// Opens a library, and its separate debug file where it has no DWARF itself. A file with another
    /// build id than the one that is wanted is as good as none.
    pub(super) fn open(files: &dyn Files, path: &Path, build_id: &[u8]) -> Self {
        let Some(file) = files.open(path) else {
            return Self::default();
        };
        let Some(library) = elf::parse((*file).as_ref()) else {
            return Self::default();
        };
        if !build_id.is_empty() && elf::build_id(&library) != Some(build_id) {
            return Self::default();
        }
        if elf::has_dwarf(&library) {
            let dwarf = Dwarf::open(files, path, &file, &library);
            return Self { dwarf, files: vec![file], ..Self::default() };
        }
        match debug_file::find(files, path, &library) {
            Some((debug_path, debug)) => {
                let dwarf =
                    elf::parse((*debug).as_ref()).and_then(|parsed| Dwarf::open(files, &debug_path, &debug, &parsed));
                Self { dwarf, files: vec![file, debug], ..Self::default() }
            }
            None => Self { files: vec![file], ..Self::default() },
        }
    }

    /// What DWARF says of an address, innermost first; may be empty, and have gaps.
    pub(super) fn entries(&self, address: u64) -> Vec<Entry> {
        self.dwarf.as_ref().map_or_else(Vec::new, |dwarf| dwarf.entries(address))
    }

    /// What the symbol tables say of an address.
    pub(super) fn name(&mut self, address: u64) -> Option<Named> {
        let symbols = self.symbols.get_or_insert_with(|| best(&self.files)).as_ref()?;
        symbols.table.name(&elf::parse((*symbols.file).as_ref())?, address)
    }

    /// What the symbol tables say of an address in writable data.
    pub(super) fn data(&mut self, address: u64) -> Option<NamedData> {
        let files = &self.files;
        let (file, table) = self.data.get_or_insert_with(|| best_data(files)).as_ref()?;
        table.name(&elf::parse((**file).as_ref())?, address)
    }

    /// What DWARF says of an address in writable data: declaration, members, rest of the offset.
    pub(super) fn variable(&mut self, address: u64) -> Option<(&Declared, String, u64)> {
        self.dwarf.as_mut()?.variable(address)
    }

    /// The folder that the compiler ran in for the code at an address.
    pub(super) fn compile_folder(&self, address: u64) -> Option<PathBuf> {
        self.dwarf.as_ref()?.compile_folder(address).map(PathBuf::from)
    }
}

/// The first full table, else the reduced one of the library.
fn best(files: &[Bytes]) -> Option<Symbols> {
    let mut found = files.iter().filter_map(|file| {
        let table = Table::of(&elf::parse((**file).as_ref())?);
        Some(Symbols { file: file.clone(), table })
    });
    let first = found.next()?;
    if first.table.is_reduced() {
        return found.find(|other| !other.table.is_reduced()).or(Some(first));
    }
    Some(first)
}

/// The same for data symbols.
fn best_data(files: &[Bytes]) -> Option<(Bytes, DataTable)> {
    let tables = files.iter().filter_map(|file| {
        let table = DataTable::of(&elf::parse((**file).as_ref())?);
        Some((file.clone(), table))
    });
    tables.min_by_key(|(_, table)| table.is_reduced())
}
