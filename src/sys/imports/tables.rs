//! What a library imports, read from its dynamic table with every step checked.
//!
//! Layout: System V gABI, "Dynamic Section", "Symbol Table" and "Relocation"; numbers of the
//! relocations: x86-64 psABI, "Relocation Types".

use core::ops::Range;

/// Memory that may be looked at.
pub(crate) trait Image {
    /// Whether all of a range is readable.
    fn holds(&self, range: &Range<u64>) -> bool;
    /// Copies memory; `false`, and nothing copied, when not all of it is readable.
    fn read(&self, address: u64, into: &mut [u8]) -> bool;
}

/// Why a library's imports cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has no dynamic table.
    Missing,
    /// Something in it points outside of the library.
    Damaged,
}

/// A slot that the loader fills with the address of a wanted function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Import {
    /// Address of the slot.
    pub(crate) slot: u64,
    /// What `wanted` said of the function's name.
    pub(crate) function: usize,
    /// Code calls through it; else it is a variable that begins as the function's address.
    pub(crate) called: bool,
}

const VARIABLE: u64 = 1;
const GLOB_DAT: u64 = 6;
const JUMP_SLOT: u64 = 7;
const RELOCATION: u64 = 24;
const SYMBOL: u64 = 24;
/// No name that anybody wants is longer.
const LONGEST_NAME: usize = 64;

/// The slots whose functions `wanted` knows.
///
/// Code calls through `JUMP_SLOT` (with `PLT`) and `GLOB_DAT` (`-fno-plt`, but also the slot of a
/// function whose address is taken; the two look alike). `R_X86_64_64` is a variable, for example
/// `void *(*xmlMalloc)(size_t) = malloc`. Slots of objects and of functions that the library
/// defines itself are left out.
pub(crate) fn imports(
    image: &impl Image,
    base: u64,
    dynamic: Option<&Range<u64>>,
    wanted: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Vec<Import>, Fault> {
    let tables = Tables::read(image, base, dynamic.ok_or(Fault::Missing)?)?;
    let mut found = Vec::new();
    for range in &tables.relocations {
        let mut address = range.start;
        while address < range.end {
            let place = word(image, address)?;
            let info = word(image, address + 8)?;
            address += RELOCATION;
            let kind = info & 0xffff_ffff;
            if !matches!(kind, VARIABLE | GLOB_DAT | JUMP_SLOT) || info >> 32 == 0 {
                continue;
            }
            if let Some(function) = tables.function(image, info >> 32, &wanted)? {
                let slot = slot(image, base.wrapping_add(place))?;
                found.push(Import { slot, function, called: kind != VARIABLE });
            }
        }
    }
    Ok(found)
}

fn slot(image: &impl Image, address: u64) -> Result<u64, Fault> {
    let end = address.checked_add(8).ok_or(Fault::Damaged)?;
    if address.is_multiple_of(8) && image.holds(&(address..end)) { Ok(address) } else { Err(Fault::Damaged) }
}

fn word(image: &impl Image, address: u64) -> Result<u64, Fault> {
    let mut bytes = [0; 8];
    if image.read(address, &mut bytes) { Ok(u64::from_le_bytes(bytes)) } else { Err(Fault::Damaged) }
}

/// Where the tables stand in memory.
struct Tables {
    symbols: u64,
    strings: Range<u64>,
    relocations: [Range<u64>; 2],
}

impl Tables {
    fn read(image: &impl Image, base: u64, dynamic: &Range<u64>) -> Result<Self, Fault> {
        // By tag: PLTRELSZ 2, STRTAB 5, SYMTAB 6, RELA 7, RELASZ 8, RELAENT 9, STRSZ 10, SYMENT 11,
        // PLTREL 20, JMPREL 23.
        let mut entries = [None; 24];
        let mut address = dynamic.start;
        loop {
            if address.checked_add(16).is_none_or(|end| end > dynamic.end) {
                return Err(Fault::Damaged);
            }
            let tag = word(image, address)?;
            if tag == 0 {
                break;
            }
            if let Some(entry) = usize::try_from(tag).ok().and_then(|tag| entries.get_mut(tag)) {
                *entry = Some(word(image, address + 8)?);
            }
            address += 16;
        }
        let fits = |tag: usize, value: u64| entries[tag].is_none_or(|entry| entry == value);
        if !fits(9, RELOCATION) || !fits(11, SYMBOL) || !fits(20, 7) {
            return Err(Fault::Damaged);
        }
        // The loader adds the base to these in place, unless the table is read-only.
        let locate = |value: u64| {
            let here = |address: u64| image.holds(&(address..address.checked_add(1)?)).then_some(address);
            here(value).or_else(|| here(base.checked_add(value)?)).ok_or(Fault::Damaged)
        };
        let table = |start: usize, size: usize| match (entries[start], entries[size]) {
            (_, None | Some(0)) => Ok(0..0),
            (None, Some(_)) => Err(Fault::Damaged),
            (Some(start), Some(size)) => {
                let start = locate(start)?;
                let range = start..start.checked_add(size).ok_or(Fault::Damaged)?;
                if image.holds(&range) { Ok(range) } else { Err(Fault::Damaged) }
            }
        };
        let relocations = [table(7, 8)?, table(23, 2)?];
        if relocations.iter().any(|range| !(range.end - range.start).is_multiple_of(RELOCATION)) {
            return Err(Fault::Damaged);
        }
        let symbols = entries[6].map_or(Err(Fault::Damaged), locate)?;
        Ok(Self { symbols, strings: table(5, 10)?, relocations })
    }

    /// What is wanted of the undefined function with a symbol number.
    fn function(
        &self,
        image: &impl Image,
        number: u64,
        wanted: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Option<usize>, Fault> {
        let address = self.symbols.checked_add(number * SYMBOL).ok_or(Fault::Damaged)?;
        // st_name: u32, st_info: u8, st_other: u8, st_shndx: u16.
        let symbol = word(image, address)?;
        let (kind, section) = (symbol >> 32 & 15, symbol >> 48);
        // NOTYPE, FUNC, GNU_IFUNC.
        if section != 0 || !matches!(kind, 0 | 2 | 10) {
            return Ok(None);
        }
        let start = self.strings.start + (symbol & 0xffff_ffff);
        if start >= self.strings.end {
            return Err(Fault::Damaged);
        }
        let mut buffer = [0; LONGEST_NAME];
        let length = LONGEST_NAME.min((self.strings.end - start) as usize);
        if !image.read(start, &mut buffer[..length]) {
            return Err(Fault::Damaged);
        }
        let end = buffer[..length].iter().position(|byte| *byte == 0);
        Ok(end.and_then(|end| wanted(&buffer[..end])))
    }
}
