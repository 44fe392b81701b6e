//! Static variables: names, members, places of declarations.

use std::path::Path;
use std::process::Command;

use super::compiled::{Folder, extent, objcopy, run};
use crate::symbols::Variable;

/// The lines are part of the tests.
const SOURCE: &str = r"typedef struct { int count; void *items[3]; struct { char tag; void *inner; } deep; } State;
static void *cache;
static State state;
State rows[4];
void *exported = &cache;
static __thread int local;
void *touch(int at) {
  static void *last;
  local++;
  state.items[at] = cache;
  rows[at].deep.inner = last = cache;
  return &last;
}
";

struct Compiled {
    folder: Folder,
    library: std::path::PathBuf,
}

fn compiled() -> Compiled {
    let folder = Folder::new();
    let (source, library) = (folder.path("variables.c"), folder.path("variables.so"));
    std::fs::write(&source, SOURCE).expect("written");
    let flags = ["-O1", "-g", "-fPIC", "-shared", "-Wl,--build-id=sha1"];
    run(Command::new("cc").args(flags).arg(&source).arg("-o").arg(&library).current_dir(&folder.0));
    Compiled { folder, library }
}

fn variable(folder: &Folder, library: &Path, address: u64) -> Option<Variable> {
    folder.symbolizer().variable(library.to_str().expect("ASCII"), &[], address)
}

#[test]
fn dwarf_tells_members_and_lines() {
    let Compiled { folder, library } = compiled();
    let source = folder.path("variables.c").to_str().expect("ASCII").to_owned();
    for (symbol, inside, name, offset, line) in [
        ("cache", 0, "cache", 0, 2),
        ("cache", 5, "cache", 5, 2),
        ("state", 0, "state.count", 0, 3),
        ("state", 16, "state.items[1]", 0, 3),
        ("state", 40, "state.deep.inner", 0, 3),
        ("rows", 48 * 2 + 44, "rows[2].deep.inner", 4, 4),
        ("exported", 0, "exported", 0, 5),
    ] {
        let (start, _) = extent(&library, symbol);
        let expected = Variable { name: name.into(), offset, file: source.clone(), line, guess: false };
        assert_eq!(variable(&folder, &library, start + inside), Some(expected), "{symbol}+{inside}");
    }
}

#[test]
fn a_static_of_a_function_has_the_name_of_the_source() {
    let Compiled { folder, library } = compiled();
    let bytes = std::fs::read(&library).expect("compiled");
    let elf = object::File::parse(&*bytes).expect("ELF");
    use object::{Object, ObjectSymbol};
    let symbol = elf.symbols().find(|symbol| symbol.name().is_ok_and(|name| name.starts_with("last."))).expect("one");
    let found = variable(&folder, &library, symbol.address()).expect("known");
    assert_eq!((found.name.as_str(), found.line), ("last", 8));
}

#[test]
fn without_dwarf_the_symbol_table_names_the_variable() {
    let Compiled { folder, library } = compiled();
    let stripped = folder.path("stripped.so");
    objcopy(&["--strip-debug"], &library, &stripped);
    let (start, _) = extent(&library, "state");
    let expected = Variable { name: "state".into(), offset: 16, ..Variable::default() };
    assert_eq!(variable(&folder, &stripped, start + 16), Some(expected));
}

#[test]
fn a_stripped_library_has_exported_names_and_guesses() {
    let Compiled { folder, library } = compiled();
    let stripped = folder.path("stripped.so");
    objcopy(&["--strip-all"], &library, &stripped);
    let (start, _) = extent(&library, "rows");
    let exact = variable(&folder, &stripped, start + 8).expect("exported");
    assert_eq!((exact.name.as_str(), exact.offset, exact.guess), ("rows", 8, false));
    let (hidden, _) = extent(&library, "cache");
    assert!(variable(&folder, &stripped, hidden).is_none_or(|found| found.guess));
}

#[test]
fn a_separate_debug_file_is_found() {
    let Compiled { folder, library } = compiled();
    let (debug, stripped) = (folder.path("variables.debug"), folder.path("stripped.so"));
    objcopy(&["--only-keep-debug"], &library, &debug);
    objcopy(&["--strip-all", &format!("--add-gnu-debuglink={}", debug.display())], &library, &stripped);
    let (start, _) = extent(&library, "state");
    let found = variable(&folder, &stripped, start + 24).expect("known");
    assert_eq!((found.name.as_str(), found.line, found.guess), ("state.items[2]", 3, false));
}

#[test]
fn what_is_no_variable_has_no_name() {
    let Compiled { folder, library } = compiled();
    let (function, _) = extent(&library, "touch");
    for address in [0, 1, function, u64::MAX] {
        assert_eq!(variable(&folder, &library, address), None, "{address:#x}");
    }
    assert_eq!(variable(&folder, Path::new("/no/such/library.so"), 0x4000), None);
}

#[test]
fn every_truncation_has_an_answer() {
    let Compiled { folder, library } = compiled();
    let bytes = std::fs::read(&library).expect("compiled");
    let (start, _) = extent(&library, "state");
    let cut = folder.path("cut.so");
    for length in (0..bytes.len()).step_by(499) {
        std::fs::write(&cut, &bytes[..length]).expect("written");
        if let Some(found) = variable(&folder, &cut, start) {
            assert!(found.name.starts_with("state") || found.guess, "{found:?}");
        }
    }
}
