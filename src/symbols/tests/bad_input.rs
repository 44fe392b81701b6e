//! Files that are not what they seem to be.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use object::{Object, ObjectSection};
use proptest::prelude::*;

use super::compiled::{Folder, extent};
use crate::symbols::{Bytes, Files, Located, Symbolizer};

/// The same bytes for every path.
struct Always(Arc<Vec<u8>>);

impl Files for Always {
    fn open(&self, _: &Path) -> Option<Bytes> {
        Some(self.0.clone())
    }
}

fn locate(bytes: Vec<u8>, address: u64) -> Vec<Located> {
    Symbolizer::new(Box::new(Always(Arc::new(bytes)))).locate("library.so", address)
}

/// A good library, an address in it, and where its debug information is.
struct Good {
    bytes: Vec<u8>,
    address: u64,
    debug: Vec<std::ops::Range<usize>>,
}

fn good() -> &'static Good {
    static GOOD: OnceLock<Good> = OnceLock::new();
    GOOD.get_or_init(|| {
        let folder = Folder::new();
        let library = folder.library();
        let bytes = std::fs::read(&library).expect("compiled");
        let elf = object::File::parse(&*bytes).expect("ELF");
        let is_debug = |name: &str| name.starts_with(".debug");
        let sections = elf.sections().filter(|section| section.name().is_ok_and(is_debug));
        let ranges = sections.filter_map(|section| section.file_range());
        let debug = ranges.map(|(start, size)| start as usize..(start + size) as usize).collect();
        let address = extent(&library, "outer").0;
        Good { bytes, address, debug }
    })
}

#[test]
fn the_good_library_is_good() {
    let frames = locate(good().bytes.clone(), good().address);
    assert_eq!(frames.last().map(|frame| frame.function.as_str()), Some("outer"));
    assert!(good().debug.len() >= 4);
}

#[test]
fn files_without_a_name_in_them() {
    let mut big_endian = good().bytes[..64].to_vec();
    big_endian[5] = 2;
    let text = b"#!/bin/sh\necho no library\n".to_vec();
    for bytes in [Vec::new(), vec![0; 4096], text, b"\x7fELF".to_vec(), big_endian] {
        assert_eq!(locate(bytes, 0x1000), [Located::default()]);
    }
}

#[test]
fn a_missing_file() {
    let folder = Folder::new();
    let mut symbolizer = folder.symbolizer();
    for path in ["", "/", "no/such/library.so", folder.path("missing.so").to_str().expect("ASCII")] {
        assert_eq!(symbolizer.locate(path, 0x1000), [Located::default()], "{path}");
    }
}

#[test]
fn every_truncation_has_an_answer() {
    let Good { bytes, address, .. } = good();
    for length in (0..bytes.len()).step_by(97) {
        assert!(!locate(bytes[..length].to_vec(), *address).is_empty());
    }
}

/// Changes bytes, and asks for addresses around the function; none may take long.
fn survives(changes: &[(usize, u8)]) -> Result<(), TestCaseError> {
    let Good { bytes, address, .. } = good();
    let mut bytes = bytes.clone();
    for &(offset, value) in changes {
        bytes[offset] = value;
    }
    let start = Instant::now();
    let mut symbolizer = Symbolizer::new(Box::new(Always(Arc::new(bytes))));
    for near in address.saturating_sub(16)..address + 48 {
        prop_assert!(!symbolizer.locate("library.so", near).is_empty());
    }
    prop_assert!(start.elapsed() < Duration::from_secs(10), "an answer took too long");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn corrupt_anywhere(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24)) {
        let length = good().bytes.len();
        survives(&changes.iter().map(|(at, value)| (at.index(length), *value)).collect::<Vec<_>>())?;
    }

    #[test]
    fn corrupt_debug_information(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..64),
    ) {
        let sections = &good().debug;
        let place = |section: &prop::sample::Index, at: &prop::sample::Index| {
            let range = section.get(sections);
            range.start + at.index(range.len())
        };
        survives(&changes.iter().map(|(section, at, value)| (place(section, at), *value)).collect::<Vec<_>>())?;
    }
}
