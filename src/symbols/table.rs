//! The symbol tables of a library: which name is at, or before, an address.

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

use super::elf::Elf;

/// Where a symbol begins and ends, and which entry of its table it is.
struct Symbol {
    start: u64,
    size: u32,
    index: u32,
    is_function: bool,
}

/// A name for an address.
pub(super) struct Named {
    /// As the linker knows it.
    pub(super) name: String,
    /// The symbol ends before the address, or has no size: the name is only the nearest.
    pub(super) guess: bool,
}

/// Code symbols of one table, sorted by address.
#[derive(Default)]
pub(super) struct Table {
    symbols: Vec<Symbol>,
    /// `.dynsym` rather than `.symtab`.
    dynamic: bool,
}

/// Nested or overlapping symbols looked at before the nearest one is taken for a guess.
const LOOK_BACK: usize = 32;

impl Table {
    /// `.symtab`, or `.dynsym` where that was stripped.
    pub(super) fn of(elf: &Elf<'_>) -> Self {
        let full: Vec<Symbol> = elf.symbols().filter_map(|symbol| code(elf, &symbol)).collect();
        let dynamic = full.is_empty();
        let mut symbols =
            if dynamic { elf.dynamic_symbols().filter_map(|symbol| code(elf, &symbol)).collect() } else { full };
        // Of several at one address the last is found first: functions, then the longest.
        symbols.sort_by_key(|symbol| (symbol.start, symbol.is_function, symbol.size, std::cmp::Reverse(symbol.index)));
        Self { symbols, dynamic }
    }

    /// Whether the table is the reduced one, so that another file may know more.
    pub(super) fn is_reduced(&self) -> bool {
        self.dynamic
    }

    /// The symbol that an address lies in, else the nearest before it in the same section. `elf` is
    /// the file that the table was made of.
    pub(super) fn name(&self, elf: &Elf<'_>, address: u64) -> Option<Named> {
        let after = self.symbols.partition_point(|symbol| symbol.start <= address);
        let before = || self.symbols[..after].iter().rev();
        let around = before().take(LOOK_BACK).find(|symbol| address - symbol.start < u64::from(symbol.size));
        let (symbol, guess) = match around {
            Some(symbol) => (symbol, false),
            None => (before().next().filter(|symbol| same_section(elf, symbol.start, address))?, true),
        };
        let index = object::SymbolIndex(symbol.index as usize);
        let table = if self.dynamic { elf.dynamic_symbol_table() } else { elf.symbol_table() };
        let name = object::ObjectSymbolTable::symbol_by_index(&table?, index).ok()?;
        let name = String::from_utf8_lossy(name.name_bytes().ok()?).into_owned();
        (!name.is_empty()).then_some(Named { name, guess })
    }
}

/// What the tables say of code; no data, files or sections, and nothing undefined.
fn code<'a>(elf: &Elf<'_>, symbol: &impl ObjectSymbol<'a>) -> Option<Symbol> {
    let is_function = symbol.kind() == SymbolKind::Text;
    // Assembly without `.type` says nothing of what it is.
    let in_code = || {
        let section = symbol.section_index().and_then(|index| elf.section_by_index(index).ok());
        symbol.kind() == SymbolKind::Unknown && section.is_some_and(|section| is_code(&section))
    };
    let wanted = !symbol.is_undefined() && (is_function || in_code()) && symbol.name_bytes().is_ok_and(is_a_name);
    wanted.then(|| Symbol {
        start: symbol.address(),
        size: u32::try_from(symbol.size()).unwrap_or(u32::MAX),
        index: u32::try_from(symbol.index().0).unwrap_or(u32::MAX),
        is_function,
    })
}

/// Not empty, and no mark that an assembler left.
fn is_a_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.starts_with(b"$")
}

/// By its flag rather than by its kind: in a separate debug file no section has content.
fn is_code<'a>(section: &impl ObjectSection<'a>) -> bool {
    match section.flags() {
        object::SectionFlags::Elf { sh_flags, .. } => sh_flags.contains(object::elf::SHF_EXECINSTR),
        _ => false,
    }
}

fn same_section(elf: &Elf<'_>, first: u64, second: u64) -> bool {
    elf.sections().any(|section| {
        let holds = |address: u64| address.wrapping_sub(section.address()) < section.size();
        is_code(&section) && holds(first) && holds(second)
    })
}
