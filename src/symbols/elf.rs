//! What is read of an ELF file beside its symbols and its DWARF.

use object::{Object, ObjectSection};

/// A parsed file; borrows its bytes and holds next to nothing, so that it is made anew when needed.
pub(super) type Elf<'a> = object::File<'a, &'a [u8]>;

/// No section is inflated to more than this: the size that a file states is not to be trusted.
const MOST_INFLATED: u64 = 1 << 30;

/// The file, if it is little-endian ELF. Nothing else is loaded on x86-64.
pub(super) fn parse(bytes: &[u8]) -> Option<Elf<'_>> {
    Elf::parse(bytes).ok().filter(Object::is_little_endian)
}

/// The id that the linker gave this build; empty ids are none.
pub(super) fn build_id<'a>(elf: &Elf<'a>) -> Option<&'a [u8]> {
    elf.build_id().ok().flatten().filter(|id| id.len() > 1)
}

/// Whether the file itself says which functions and lines its addresses are of.
pub(super) fn has_dwarf(elf: &Elf<'_>) -> bool {
    elf.section_by_name(".debug_info").is_some_and(|section| section.size() > 0)
        || elf.section_by_name(".zdebug_info").is_some()
}

/// Content of a section, and whether it is inflated rather than a part of the file.
pub(super) fn content<'a>(elf: &Elf<'a>, name: &str) -> Option<std::borrow::Cow<'a, [u8]>> {
    let compressed = elf.section_by_name(name)?.compressed_data().ok()?;
    if compressed.uncompressed_size > MOST_INFLATED && compressed.format != object::CompressionFormat::None {
        return None;
    }
    compressed.decompress().ok()
}
