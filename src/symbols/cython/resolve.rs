//! From a line of a generated file to the `.pyx` file on this machine.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::name::{Kind, split};
use super::source::{Place, SourceMap};
use crate::symbols::Files;

/// What the generated file adds to a frame.
#[derive(Debug, Default)]
pub(in crate::symbols) struct Origin {
    /// Dotted name, if the file states it.
    pub(in crate::symbols) function: Option<String>,
    /// Source file and line.
    pub(in crate::symbols) place: Option<(String, u32)>,
}

/// Generated files that were read so far, by path; `None` for those that could not be.
#[derive(Default)]
pub(in crate::symbols) struct Sources {
    known: FxHashMap<String, Option<Generated>>,
}

struct Generated {
    map: SourceMap,
    /// Where the files of the map are, as far as that was asked for.
    found: FxHashMap<usize, String>,
}

impl Sources {
    /// What `file`, a generated C file, says of the function `identifier` and its line.
    pub(in crate::symbols) fn origin(
        &mut self,
        files: &dyn Files,
        file: &str,
        line: u32,
        identifier: &str,
        compile_folder: impl FnOnce() -> Option<PathBuf>,
    ) -> Origin {
        let Some((generated, (kind, mangled))) = self.read(files, file).zip(split(identifier)) else {
            return Origin::default();
        };
        let place = match kind {
            Kind::Body | Kind::Wrapper => generated.map.place(line, false),
            Kind::Module => generated.map.place(line, true),
            Kind::Slot(_) => generated.map.class(mangled),
            Kind::Property(_) => None,
        };
        let function = generated.map.function(identifier);
        let place = place.map(|place| (generated.path(files, place, Path::new(file), compile_folder), place.line));
        Origin { function, place }
    }

    fn read(&mut self, files: &dyn Files, file: &str) -> Option<&mut Generated> {
        if !self.known.contains_key(file) {
            let is_c = [".c", ".cpp", ".cc", ".cxx"].iter().any(|ending| file.ends_with(ending));
            let bytes = is_c.then(|| files.open(Path::new(file))).flatten();
            let map = bytes.and_then(|bytes| SourceMap::parse((*bytes).as_ref()));
            let generated = map.map(|map| Generated { map, found: FxHashMap::default() });
            self.known.insert(file.to_owned(), generated);
        }
        self.known.get_mut(file)?.as_mut()
    }
}

impl Generated {
    fn path(
        &mut self,
        files: &dyn Files,
        place: Place,
        generated: &Path,
        compile_folder: impl FnOnce() -> Option<PathBuf>,
    ) -> String {
        let written = &self.map.files[place.file];
        let find = || resolve(files, written, generated, compile_folder());
        self.found.entry(place.file).or_insert_with(find).clone()
    }
}

/// Cython writes paths relative to the folder that it ran in: that of the compiler, or one that the
/// generated file is below. A file that is nowhere keeps the path as it was written.
fn resolve(files: &dyn Files, written: &str, generated: &Path, compile_folder: Option<PathBuf>) -> String {
    let path = Path::new(written);
    if path.is_absolute() {
        return written.to_owned();
    }
    let above = generated.ancestors().skip(1).map(Path::to_owned);
    let beside = path.file_name().zip(generated.parent()).map(|(name, folder)| folder.join(name));
    let candidates = compile_folder.into_iter().chain(above).map(|folder| folder.join(path)).chain(beside);
    let found = candidates.into_iter().find(|candidate| files.open(candidate).is_some());
    found.map_or_else(|| written.to_owned(), |found| found.to_string_lossy().into_owned())
}
