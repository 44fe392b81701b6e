//! Import tables of libraries that were damaged in every way: read without harm, or refused.

#[path = "../../src/sys/imports/tables.rs"]
mod tables;

use core::ops::Range;

use proptest::prelude::*;
use tables::{Fault, Image, Import, imports};

/// One segment of memory.
struct Memory {
    base: u64,
    bytes: Vec<u8>,
}

impl Memory {
    fn offset(&self, range: &Range<u64>) -> Option<Range<usize>> {
        let start = range.start.checked_sub(self.base)? as usize;
        let end = range.end.checked_sub(self.base)? as usize;
        (start <= end && end <= self.bytes.len()).then_some(start..end)
    }

    fn put(&mut self, place: usize, words: &[u64]) {
        for (number, word) in words.iter().enumerate() {
            self.bytes[place + 8 * number..][..8].copy_from_slice(&word.to_le_bytes());
        }
    }
}

impl Image for Memory {
    fn holds(&self, range: &Range<u64>) -> bool {
        self.offset(range).is_some()
    }

    fn read(&self, address: u64, into: &mut [u8]) -> bool {
        let Some(end) = address.checked_add(into.len() as u64) else { return false };
        let Some(range) = self.offset(&(address..end)) else { return false };
        into.copy_from_slice(&self.bytes[range]);
        true
    }
}

const BASE: u64 = 0x7f00_0000_0000;
const DYNAMIC: Range<usize> = 0..192;
const SYMBOLS: usize = 256;
const STRINGS: usize = 512;
const NAMES: &[u8] = b"\0malloc\0free\0environ\0defined\0other\0";
const RELOCATIONS: usize = 640;
const STUBS: usize = 1024;
const SLOTS: usize = 1536;
const SIZE: usize = 2048;

/// st_name, st_info, st_shndx as they stand in a symbol's first word.
fn symbol(name: u64, kind: u64, section: u64) -> [u64; 3] {
    [name | (1 << 4 | kind) << 32 | section << 48, 0, 0]
}

fn relocation(slot: usize, number: u64, kind: u64) -> [u64; 3] {
    [SLOTS as u64 + 8 * slot as u64, number << 32 | kind, 0]
}

/// A library with a slot of every kind. `relocated`: the loader has added the base to its table.
fn library(relocated: bool) -> Memory {
    let mut memory = Memory { base: BASE, bytes: vec![0; SIZE] };
    let at = |place: usize| place as u64 + if relocated { BASE } else { 0 };
    let tables = [
        [5, at(STRINGS)],
        [10, NAMES.len() as u64],
        [6, at(SYMBOLS)],
        [11, 24],
        [7, at(RELOCATIONS)],
        [8, 5 * 24],
        [9, 24],
        [23, at(STUBS)],
        [2, 2 * 24],
        [20, 7],
        [0x6fff_fef5, 1],
        [0, 0],
    ];
    memory.put(DYNAMIC.start, tables.as_flattened());
    // null, malloc, free, an object, a function that the library defines, a function nobody wants.
    let symbols = [[0; 3], symbol(1, 2, 0), symbol(8, 0, 0), symbol(13, 1, 0), symbol(21, 2, 9), symbol(29, 2, 0)];
    memory.put(SYMBOLS, symbols.as_flattened());
    memory.bytes[STRINGS..STRINGS + NAMES.len()].copy_from_slice(NAMES);
    let data =
        [relocation(0, 1, 6), relocation(1, 1, 1), relocation(2, 3, 6), relocation(3, 4, 6), relocation(4, 0, 8)];
    memory.put(RELOCATIONS, data.as_flattened());
    memory.put(STUBS, [relocation(5, 2, 7), relocation(6, 5, 7)].as_flattened());
    memory
}

fn wanted(name: &[u8]) -> Option<usize> {
    [&b"malloc"[..], b"free", b"environ", b"defined"].iter().position(|wanted| *wanted == name)
}

fn read(memory: &Memory, dynamic: &Range<u64>) -> Result<Vec<(u64, usize, bool)>, Fault> {
    let found = imports(memory, memory.base, Some(dynamic), wanted)?;
    Ok(found.into_iter().map(|Import { slot, function, called }| (slot, function, called)).collect())
}

fn dynamic() -> Range<u64> {
    BASE + DYNAMIC.start as u64..BASE + DYNAMIC.end as u64
}

#[test]
fn slots_are_found_and_told_apart() {
    let slot = |number: u64| BASE + SLOTS as u64 + 8 * number;
    for relocated in [true, false] {
        assert_eq!(
            read(&library(relocated), &dynamic()),
            Ok(vec![(slot(0), 0, true), (slot(1), 0, false), (slot(5), 1, true)])
        );
    }
}

#[test]
fn a_library_without_a_table_is_said_to_have_none() {
    assert_eq!(imports(&library(true), BASE, None, wanted), Err(Fault::Missing));
}

#[test]
fn a_table_without_an_end_is_refused() {
    let range = BASE..BASE + 176;
    assert_eq!(read(&library(true), &range), Err(Fault::Damaged));
}

/// Values that break arithmetic.
fn extreme() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0..64u64,
        (0..64u64).prop_map(|small| u64::MAX - small),
        (0..SIZE as u64 + 64).prop_map(|near| BASE + near),
        Just(1 << 63),
        Just(BASE - 8),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// No panic (tests check arithmetic), no slot outside of the library, no odd one.
    #[test]
    fn damage_is_refused_or_harmless(
        changes in prop::collection::vec((0..SIZE / 8, extreme()), 1..6),
        relocated: bool,
        range in prop_oneof![Just(dynamic()), (extreme(), extreme()).prop_map(|(start, end)| start..end)],
    ) {
        let mut memory = library(relocated);
        for (word, value) in changes {
            memory.put(word * 8, &[value]);
        }
        for (slot, function, _) in read(&memory, &range).unwrap_or_default() {
            prop_assert!(memory.holds(&(slot..slot + 8)) && slot % 8 == 0);
            prop_assert!(function < 4);
        }
    }

    #[test]
    fn a_library_that_is_cut_off_is_refused_or_harmless(length in 0..SIZE) {
        let mut memory = library(true);
        memory.bytes.truncate(length);
        for (slot, ..) in read(&memory, &dynamic()).unwrap_or_default() {
            prop_assert!(memory.holds(&(slot..slot + 8)));
        }
    }

    /// Every field of the tables, one at a time.
    #[test]
    fn one_damaged_field(word in 0..STUBS / 8 + 12, value in extreme()) {
        let mut memory = library(true);
        memory.put(word * 8, &[value]);
        let found = read(&memory, &dynamic()).unwrap_or_default();
        prop_assert!(found.iter().all(|(slot, ..)| memory.holds(&(*slot..*slot + 8))));
    }
}
