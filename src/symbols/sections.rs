//! The DWARF sections of a file and of its supplementary file, with the bytes that they are in.

use std::borrow::Cow;
use std::ops::Range;

use gimli::{DwarfSections, SectionId};

use super::{Bytes, elf};

/// Bytes of one section.
#[derive(Default)]
enum Section {
    #[default]
    Missing,
    /// A part of the file; costs no memory where the file is mapped.
    InFile(Bytes, Range<usize>),
    Inflated(Vec<u8>),
}

impl Section {
    fn bytes(&self) -> &[u8] {
        match self {
            Section::Missing => &[],
            Section::InFile(file, range) => (**file).as_ref().get(range.clone()).unwrap_or_default(),
            Section::Inflated(bytes) => bytes,
        }
    }
}

/// How all DWARF is read here: little-endian, borrowed.
pub(super) type Reader<'a> = gimli::EndianSlice<'a, gimli::LittleEndian>;

/// Sections of a file, and of the file that `.gnu_debugaltlink` names (what `dwz` makes).
pub(super) struct Sections {
    main: DwarfSections<Section>,
    supplementary: Option<DwarfSections<Section>>,
}

impl Sections {
    /// Finds the sections, and inflates the compressed ones. `None` when either file is no ELF file.
    pub(super) fn new(file: &Bytes, supplementary: Option<&Bytes>) -> Option<Self> {
        let supplementary = supplementary.and_then(load);
        load(file).map(|main| Self { main, supplementary })
    }

    /// The same, as gimli reads them.
    pub(super) fn dwarf(&self) -> gimli::Dwarf<Reader<'_>> {
        self.main.borrow_with_sup(self.supplementary.as_ref(), |section| {
            gimli::EndianSlice::new(section.bytes(), gimli::LittleEndian)
        })
    }
}

/// Sections that lead from an address to functions and lines. Locations of variables, macros and
/// the indexes of names are not looked at.
fn is_needed(id: SectionId) -> bool {
    use SectionId as Id;
    matches!(
        id,
        Id::DebugAbbrev
            | Id::DebugAddr
            | Id::DebugAranges
            | Id::DebugInfo
            | Id::DebugLine
            | Id::DebugLineStr
            | Id::DebugRanges
            | Id::DebugRngLists
            | Id::DebugStr
            | Id::DebugStrOffsets
    )
}

fn load(file: &Bytes) -> Option<DwarfSections<Section>> {
    let bytes: &[u8] = (**file).as_ref();
    let elf = elf::parse(bytes)?;
    let section = |id: SectionId| {
        if !is_needed(id) {
            return Section::Missing;
        }
        match elf::content(&elf, id.name()) {
            Some(Cow::Borrowed(part)) => match range_in(bytes, part) {
                Some(range) => Section::InFile(file.clone(), range),
                None => Section::Missing,
            },
            Some(Cow::Owned(inflated)) => Section::Inflated(inflated),
            None => Section::Missing,
        }
    };
    DwarfSections::load(|id| Ok::<_, std::convert::Infallible>(section(id))).ok()
}

/// Where in `whole` its part `part` is.
fn range_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}
