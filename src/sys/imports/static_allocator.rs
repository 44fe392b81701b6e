//! Recognises an allocator that is linked into a library: its blocks never pass an import table.

use std::fs::File;

use object::elf::{FileHeader64, SHF_ALLOC, SHF_EXECINSTR, SHN_UNDEF, SHT_DYNSYM, SHT_PROGBITS, SHT_SYMTAB};
use object::read::elf::{FileHeader, SectionHeader, SectionTable, Sym};
use object::read::{ReadCache, ReadRef, StringTable};
use object::{LittleEndian, U32};

type Header = FileHeader64<LittleEndian>;

/// Functions that an allocator surely defines.
const FUNCTIONS: [(&str, &[&str]); 3] = [
    ("jemalloc", &["je_malloc", "_rjem_malloc", "je_arena_malloc_hard", "_rjem_je_arena_malloc_hard"]),
    ("mimalloc", &["mi_malloc", "_mi_malloc_generic", "mi_heap_malloc"]),
    ("tcmalloc", &["tc_malloc", "tc_new", "TCMallocInternalMalloc"]),
];

/// Words of their messages, for a stripped file.
const MESSAGES: [(&str, &[u8]); 3] =
    [("jemalloc", b"<jemalloc>: "), ("mimalloc", b"mimalloc: "), ("tcmalloc", b"tcmalloc: ")];

/// Name of the allocator that the library at a path carries. Reads only the parts of the file that
/// say so; a file that cannot be read carries none.
pub(super) fn of(path: &str) -> Option<&'static str> {
    let cache = ReadCache::new(File::open(path).ok()?);
    let header = Header::parse(&cache).ok()?;
    let sections = header.sections(LittleEndian, &cache).ok()?;
    match defined(&sections, &cache) {
        Names::Told(allocator) => Some(allocator),
        Names::Complete => None,
        Names::Stripped => messages(&sections, &cache),
    }
}

/// What the symbol tables say.
enum Names {
    Told(&'static str),
    Complete,
    Stripped,
}

fn defined<'data, R: ReadRef<'data>>(sections: &SectionTable<'data, Header, R>, data: R) -> Names {
    let mut answer = Names::Stripped;
    for section in sections.iter() {
        let kind = section.sh_type(LittleEndian);
        if kind != SHT_SYMTAB && kind != SHT_DYNSYM {
            continue;
        }
        let Some(allocator) = in_table(section, sections, data) else {
            if kind == SHT_SYMTAB {
                answer = Names::Complete;
            }
            continue;
        };
        return Names::Told(allocator);
    }
    answer
}

fn in_table<'data, R: ReadRef<'data>>(
    section: &object::elf::SectionHeader64<LittleEndian>,
    sections: &SectionTable<'data, Header, R>,
    data: R,
) -> Option<&'static str> {
    let symbols: &[object::elf::Sym64<LittleEndian>] = section.data_as_array(LittleEndian, data).ok()?;
    let strings = sections.section(section.link(LittleEndian)).ok()?.data(LittleEndian, data).ok()?;
    let strings = StringTable::new(strings, 0, strings.len() as u64);
    symbols.iter().filter(|symbol| symbol.st_shndx(LittleEndian) != SHN_UNDEF).find_map(|symbol| {
        let name: &U32<LittleEndian> = &symbol.st_name;
        let name = strings.get(name.get(LittleEndian)).ok()?;
        FUNCTIONS
            .iter()
            .find(|(_, functions)| functions.iter().any(|function| function.as_bytes() == name))
            .map(|(allocator, _)| *allocator)
    })
}

/// What the constants of a stripped file say.
fn messages<'data, R: ReadRef<'data>>(sections: &SectionTable<'data, Header, R>, data: R) -> Option<&'static str> {
    let constants = sections.iter().filter(|section| {
        let loaded = section.sh_flags(LittleEndian).0 & (SHF_ALLOC.0 | SHF_EXECINSTR.0);
        section.sh_type(LittleEndian) == SHT_PROGBITS && loaded == SHF_ALLOC.0
    });
    constants
        .filter_map(|section| section.data(LittleEndian, data).ok())
        .find_map(|bytes| MESSAGES.iter().find(|(_, words)| holds(bytes, words)).map(|(allocator, _)| *allocator))
}

/// Whether some bytes hold others: looks at every place of their first byte.
fn holds(bytes: &[u8], words: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(place) = rest.iter().position(|byte| *byte == words[0]) {
        if rest[place..].starts_with(words) {
            return true;
        }
        rest = &rest[place + 1..];
    }
    false
}
