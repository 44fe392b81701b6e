//! A library with and without its debug information and symbols.

use object::Object;

use super::compiled::{Folder, answers, extent, has_inlined_call, objcopy};
use crate::symbols::Located;

#[test]
fn inlined_functions_come_first() {
    let folder = Folder::new();
    let library = folder.library();
    let found = answers(&mut folder.symbolizer(), &library, extent(&library, "outer"));
    assert!(has_inlined_call(&found), "{found:#?}");
    let source = folder.path("library.c");
    for frames in &found {
        assert_eq!(frames.last().map(|frame| frame.function.as_str()), Some("outer"));
        assert!(frames.iter().all(|frame| frame.file == source.to_str().expect("ASCII")), "{frames:?}");
    }
}

#[test]
fn without_dwarf_the_symbol_table_names_every_function() {
    let folder = Folder::new();
    let library = folder.library();
    let stripped = folder.path("stripped.so");
    objcopy(&["--strip-debug"], &library, &stripped);
    for function in ["outer", "hidden", "chooses"] {
        let found = answers(&mut folder.symbolizer(), &stripped, extent(&library, function));
        let expected = Located { function: function.into(), ..Located::default() };
        assert_eq!(found, [[expected]], "one answer, exact");
    }
}

#[test]
fn a_stripped_library_has_guesses_outside_of_exported_functions() {
    let folder = Folder::new();
    let library = folder.library();
    let stripped = folder.path("stripped.so");
    objcopy(&["--strip-all"], &library, &stripped);
    let exact = answers(&mut folder.symbolizer(), &stripped, extent(&library, "outer"));
    assert_eq!(exact, [[Located { function: "outer".into(), ..Located::default() }]]);

    let hidden = answers(&mut folder.symbolizer(), &stripped, extent(&library, "hidden"));
    for frame in hidden.iter().flatten() {
        // Nothing is exported before it, or another function is, which is then a guess.
        assert_eq!(frame.guess, !frame.function.is_empty(), "{frame:?}");
        assert_ne!(frame.function, "hidden");
    }
    let (last, size) = extent(&library, "chooses").max(extent(&library, "outer")).max(extent(&library, "hidden"));
    let after = folder.symbolizer().locate(stripped.to_str().expect("ASCII"), last + size);
    assert!(after[0].function.is_empty() || after[0].guess, "{after:?}");
}

#[test]
fn addresses_outside_of_code_have_no_name() {
    let folder = Folder::new();
    let library = folder.library();
    let stripped = folder.path("stripped.so");
    objcopy(&["--strip-debug"], &library, &stripped);
    for path in [&library, &stripped] {
        for address in [0, 1, u64::MAX, 0x7fff_ffff_ffff] {
            let found = folder.symbolizer().locate(path.to_str().expect("ASCII"), address);
            assert_eq!(found, [Located::default()], "{address:#x}");
        }
    }
}

#[test]
fn answers_are_remembered() {
    let folder = Folder::new();
    let library = folder.library();
    let (start, _) = extent(&library, "outer");
    let path = library.to_str().expect("ASCII");
    let mut symbolizer = folder.symbolizer();
    let first = symbolizer.locate(path, start);
    std::fs::remove_file(&library).expect("was there");
    assert_eq!(symbolizer.locate(path, start), first);
    assert_eq!(symbolizer.locate(path, start + 1).last().map(|frame| frame.function.as_str()), Some("outer"));
}

#[test]
fn another_build_at_the_same_path_names_nothing() {
    let folder = Folder::new();
    let library = folder.library();
    let (start, _) = extent(&library, "outer");
    let path = library.to_str().expect("ASCII");
    let bytes = std::fs::read(&library).expect("compiled");
    let id = object::File::parse(&*bytes).expect("ELF").build_id().expect("sound").expect("has one").to_vec();
    let mut symbolizer = folder.symbolizer();
    assert_eq!(symbolizer.locate_build(path, &id, start), symbolizer.locate(path, start));
    assert_eq!(symbolizer.locate_build(path, &[1; 20], start), [Located::default()]);
    // The answers about one build are not those about the other.
    assert_eq!(symbolizer.locate_build(path, &id, start), symbolizer.locate(path, start));
}
