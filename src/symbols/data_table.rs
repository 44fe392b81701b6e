//! Data symbols of a library: which variable is at an address.

use object::{Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, SymbolKind};

use super::elf::Elf;

/// Where a variable begins and ends, and which entry of its table it is.
struct Symbol {
    start: u64,
    size: u64,
    index: usize,
}

/// A name for an address, and how far behind its start the address is.
pub(super) struct NamedData {
    /// As the linker knows it.
    pub(super) name: String,
    pub(super) start: u64,
    /// No symbol spans the address: the name is only the nearest of a table that lacks most names.
    pub(super) guess: bool,
}

/// Data symbols of one table, sorted by address.
#[derive(Default)]
pub(super) struct DataTable {
    symbols: Vec<Symbol>,
    /// `.dynsym` rather than `.symtab`.
    dynamic: bool,
}

impl DataTable {
    /// `.symtab`, or `.dynsym` where that was stripped.
    pub(super) fn of(elf: &Elf<'_>) -> Self {
        let dynamic = elf.symbols().next().is_none();
        let mut symbols: Vec<Symbol> = if dynamic {
            elf.dynamic_symbols().filter_map(|symbol| data(&symbol)).collect()
        } else {
            elf.symbols().filter_map(|symbol| data(&symbol)).collect()
        };
        symbols.sort_by_key(|symbol| (symbol.start, symbol.size));
        Self { symbols, dynamic }
    }

    /// Whether the table is the reduced one, so that another file may know more.
    pub(super) fn is_reduced(&self) -> bool {
        self.dynamic
    }

    /// The symbol that spans an address; of a reduced table, else the nearest before it in its section.
    pub(super) fn name(&self, elf: &Elf<'_>, address: u64) -> Option<NamedData> {
        let after = self.symbols.partition_point(|symbol| symbol.start <= address);
        let nearest = self.symbols[..after].last()?;
        let guess = address - nearest.start >= nearest.size;
        if guess && !(self.dynamic && same_section(elf, nearest.start, address)) {
            return None;
        }
        let table = if self.dynamic { elf.dynamic_symbol_table() } else { elf.symbol_table() };
        let symbol = table?.symbol_by_index(object::SymbolIndex(nearest.index)).ok()?;
        let name = String::from_utf8_lossy(symbol.name_bytes().ok()?).into_owned();
        Some(NamedData { name, start: nearest.start, guess })
    }
}

fn data<'a>(symbol: &impl ObjectSymbol<'a>) -> Option<Symbol> {
    let wanted = symbol.kind() == SymbolKind::Data
        && !symbol.is_undefined()
        && symbol.name_bytes().is_ok_and(|name| !name.is_empty());
    wanted.then(|| Symbol { start: symbol.address(), size: symbol.size(), index: symbol.index().0 })
}

fn same_section(elf: &Elf<'_>, first: u64, second: u64) -> bool {
    elf.sections().any(|section| {
        let holds = |address: u64| address.wrapping_sub(section.address()) < section.size();
        holds(first) && holds(second)
    })
}
