//! A small library, its stripped forms, and the files of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use object::{Object, ObjectSymbol};

use crate::symbols::{Bytes, Files, Located, Symbolizer};

/// The lines are part of the tests.
pub(super) const SOURCE: &str = r"#include <stdlib.h>
static inline __attribute__((always_inline)) char *inner(unsigned long size) {
  return malloc(size);
}
char *outer(unsigned long size) {
  char *block = inner(size + 1);
  block[0] = 1;
  return block;
}
static volatile int seen;
static __attribute__((noinline, noclone)) int hidden(int value) {
  seen = value;
  return value * seen;
}
int chooses(int value) { return hidden(value) + 1; }
";

/// Regular files of this machine; paths below `from` are looked up below `to`.
pub(super) struct Disk {
    pub(super) from: PathBuf,
    pub(super) to: PathBuf,
}

impl Files for Disk {
    fn open(&self, path: &Path) -> Option<Bytes> {
        let path = path.strip_prefix(&self.from).map_or_else(|_| path.to_owned(), |below| self.to.join(below));
        let is_file = std::fs::metadata(&path).ok()?.is_file();
        let bytes = is_file.then(|| std::fs::read(path).ok()).flatten()?;
        Some(Arc::new(bytes))
    }
}

/// A folder of one test, removed at its end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("refaudit-symbols-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        // macros of the compiler and links of the system must not change what is compared
        Self(path.canonicalize().expect("it was made"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// `library.so` of [`SOURCE`], with debug information and a build-id.
    pub(super) fn library(&self) -> PathBuf {
        let (source, library) = (self.path("library.c"), self.path("library.so"));
        std::fs::write(&source, SOURCE).expect("written");
        let flags = ["-O2", "-g", "-fPIC", "-shared", "-Wl,--build-id=sha1"];
        run(Command::new("cc").args(flags).arg(&source).arg("-o").arg(&library).current_dir(&self.0));
        library
    }

    /// A symbolizer that finds debug files of the system in `debug/` of this folder.
    pub(super) fn symbolizer(&self) -> Symbolizer {
        Symbolizer::new(Box::new(Disk { from: "/usr/lib/debug".into(), to: self.path("debug") }))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder of the system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a tool of the compiler, which must be there.
pub(super) fn run(command: &mut Command) {
    let output = command.output().expect("a compiler is missing: apt-get install gcc libc6-dev binutils");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// `objcopy` with options, from one file to another.
pub(super) fn objcopy(options: &[&str], from: &Path, to: &Path) {
    run(Command::new("objcopy").args(options).arg(from).arg(to));
}

/// First address and size of a function, from the symbol table of an unstripped file.
pub(super) fn extent(library: &Path, function: &str) -> (u64, u64) {
    let bytes = std::fs::read(library).expect("compiled");
    let elf = object::File::parse(&*bytes).expect("ELF");
    let symbol = elf.symbol_by_name(function).expect("not stripped");
    (symbol.address(), symbol.size())
}

/// Every answer for the addresses of a function, without repetitions in a row.
pub(super) fn answers(symbolizer: &mut Symbolizer, library: &Path, (start, size): (u64, u64)) -> Vec<Vec<Located>> {
    let path = library.to_str().expect("ASCII");
    let mut found: Vec<_> = (start..start + size).map(|address| symbolizer.locate(path, address)).collect();
    found.dedup();
    found
}

/// Whether some answer is `inner` put into `outer`, on the lines of [`SOURCE`].
pub(super) fn has_inlined_call(answers: &[Vec<Located>]) -> bool {
    let place = |located: &Located| (located.function.clone(), located.line, located.inlined, located.guess);
    let expected = [("inner".to_owned(), 3, true, false), ("outer".to_owned(), 6, false, false)];
    answers.iter().any(|frames| frames.iter().map(place).eq(expected.iter().cloned()))
}
