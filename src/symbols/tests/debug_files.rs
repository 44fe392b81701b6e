//! Debug information in files of its own, and compressed.

use std::path::Path;

use object::Object;

use super::compiled::{Folder, answers, extent, has_inlined_call, objcopy};

/// Path below the root of debug files for the build-id of a library.
fn build_id_path(library: &Path) -> String {
    let bytes = std::fs::read(library).expect("compiled");
    let elf = object::File::parse(&*bytes).expect("ELF");
    let id = elf.build_id().expect("readable").expect("the linker was asked for one");
    let digits: Vec<String> = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(".build-id/{}/{}.debug", digits[0], digits[1..].concat())
}

/// Moves the debug information of a library to `debug_file`; the stripped library.
fn split(folder: &Folder, library: &Path, debug_file: &Path, options: &[&str]) -> std::path::PathBuf {
    std::fs::create_dir_all(debug_file.parent().expect("in a folder")).expect("made");
    objcopy(&["--only-keep-debug"], library, debug_file);
    let stripped = folder.path("stripped.so");
    objcopy(&[&["--strip-all"], options].concat(), library, &stripped);
    stripped
}

fn is_resolved(folder: &Folder, library: &Path, stripped: &Path) -> bool {
    has_inlined_call(&answers(&mut folder.symbolizer(), stripped, extent(library, "outer")))
}

#[test]
fn by_build_id() {
    let folder = Folder::new();
    let library = folder.library();
    let debug_file = folder.path("debug").join(build_id_path(&library));
    let stripped = split(&folder, &library, &debug_file, &[]);
    assert!(is_resolved(&folder, &library, &stripped));
    std::fs::remove_file(debug_file).expect("was there");
    assert!(!is_resolved(&folder, &library, &stripped), "a missing debug file leaves the exported name");
}

#[test]
fn a_debug_file_of_another_build_is_not_taken() {
    let folder = Folder::new();
    let library = folder.library();
    let debug_file = folder.path("debug").join(build_id_path(&library));
    let stripped = split(&folder, &library, &debug_file, &[]);
    objcopy(&["--remove-section=.note.gnu.build-id", "--only-keep-debug"], &library, &debug_file);
    assert!(!is_resolved(&folder, &library, &stripped));
}

#[test]
fn by_link_in_each_folder() {
    for place in ["library.debug", ".debug/library.debug", "debug/"] {
        let folder = Folder::new();
        let library = folder.library();
        let below_root = folder.0.strip_prefix("/").expect("absolute");
        let debug_file = if place == "debug/" {
            folder.path("debug").join(below_root).join("library.debug")
        } else {
            folder.path(place)
        };
        // Without a build-id the checksum decides.
        let bare = folder.path("bare.so");
        objcopy(&["--remove-section=.note.gnu.build-id"], &library, &bare);
        let stripped = split(&folder, &bare, &debug_file, &[]);
        let link = format!("--add-gnu-debuglink={}", debug_file.display());
        objcopy(&[&link], &stripped, &stripped);
        assert!(is_resolved(&folder, &library, &stripped), "{place}");

        let mut other = std::fs::read(&debug_file).expect("was made");
        other.push(0);
        std::fs::write(&debug_file, other).expect("written");
        assert!(!is_resolved(&folder, &library, &stripped), "{place}: another checksum");
    }
}

#[test]
fn compressed_sections() {
    let folder = Folder::new();
    let library = folder.library();
    for format in ["zlib", "zlib-gnu", "zstd"] {
        let compressed = folder.path("compressed.so");
        objcopy(&[&format!("--compress-debug-sections={format}")], &library, &compressed);
        assert_ne!(std::fs::read(&compressed).expect("made"), std::fs::read(&library).expect("compiled"));
        assert!(is_resolved(&folder, &library, &compressed), "{format}");
    }
}
