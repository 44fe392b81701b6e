//! Static variables as DWARF declares them: name, place of the declaration, members of structs.
//!
//! Source: DWARF 5, sections 2.5 (location descriptions), 4.1 (data objects), 5 (types).

use gimli::{AttributeValue, DebuggingInformationEntry, Operation, Unit, UnitOffset};

use super::sections::Reader;

type Dwarf<'a> = gimli::Dwarf<Reader<'a>>;
type Entry<'a> = DebuggingInformationEntry<Reader<'a>>;

/// Structs in structs that are looked into; deeper ones are corrupt, or nobody's place for a reference.
const DEEPEST: usize = 8;
/// Declarations that refer to declarations, likewise.
const LONGEST: usize = 8;

/// A variable with an address of its own.
pub(super) struct Declared {
    pub(super) address: u64,
    pub(super) name: String,
    /// Path of the source; empty when unknown.
    pub(super) file: String,
    /// From 1; 0 when unknown.
    pub(super) line: u32,
    /// Number of its unit, and its type there.
    unit: usize,
    kind: Option<UnitOffset>,
}

/// Every variable of the file at a fixed address, by address. What cannot be read is left out.
pub(super) fn declared(dwarf: &Dwarf<'_>) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut headers = dwarf.units();
    let mut number = 0;
    while let Ok(Some(header)) = headers.next() {
        if let Ok(unit) = dwarf.unit(header) {
            of_unit(dwarf, &unit, number, &mut found);
        }
        number += 1;
    }
    found.sort_by_key(|variable| variable.address);
    found
}

fn of_unit<'a>(dwarf: &Dwarf<'a>, unit: &Unit<Reader<'a>>, number: usize, found: &mut Vec<Declared>) {
    let Ok(mut entries) = unit.entries_raw(None) else { return };
    let mut entry = DebuggingInformationEntry::null();
    while !entries.is_empty() {
        match entries.read_entry(&mut entry) {
            Ok(true) if entry.tag() == gimli::DW_TAG_variable => {}
            Ok(_) => continue,
            Err(_) => return,
        }
        if let Some(address) = address(dwarf, unit, &entry) {
            found.extend(declaration(dwarf, unit, number, &entry, address));
        }
    }
}

/// The address of a variable that is at one place all the time.
fn address<'a>(dwarf: &Dwarf<'a>, unit: &Unit<Reader<'a>>, entry: &Entry<'a>) -> Option<u64> {
    let AttributeValue::Exprloc(expression) = entry.attr_value(gimli::DW_AT_location)? else { return None };
    let mut operations = expression.operations(unit.encoding());
    let address = match operations.next().ok()?? {
        Operation::Address { address } => address,
        Operation::AddressIndex { index } => dwarf.address(unit, index).ok()?,
        _ => return None,
    };
    // Anything more computes something else: the address of a thread's copy, for one.
    matches!(operations.next(), Ok(None)).then_some(address)
}

/// What the entry and the declarations that it completes say together.
fn declaration<'a>(
    dwarf: &Dwarf<'a>,
    unit: &Unit<Reader<'a>>,
    number: usize,
    entry: &Entry<'a>,
    address: u64,
) -> Option<Declared> {
    let mut declared =
        Declared { address, name: String::new(), file: String::new(), line: 0, unit: number, kind: None };
    let mut entry = entry.clone();
    for _ in 0..LONGEST {
        if declared.name.is_empty()
            && let Some(name) = entry.attr_value(gimli::DW_AT_name)
        {
            declared.name = dwarf.attr_string(unit, name).ok()?.to_string_lossy().into_owned();
        }
        if declared.line == 0 {
            let line = entry.attr_value(gimli::DW_AT_decl_line).and_then(|line| line.udata_value());
            let file = match entry.attr_value(gimli::DW_AT_decl_file) {
                Some(AttributeValue::FileIndex(number)) => Some(number),
                other => other.and_then(|file| file.udata_value()),
            };
            declared.line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            declared.file = file.and_then(|file| path(dwarf, unit, file)).unwrap_or_default();
        }
        declared.kind = declared.kind.or_else(|| reference(unit, &entry, gimli::DW_AT_type));
        let more = [gimli::DW_AT_specification, gimli::DW_AT_abstract_origin];
        let Some(next) = more.into_iter().find_map(|name| reference(unit, &entry, name)) else { break };
        entry = unit.entry(next).ok()?;
    }
    (!declared.name.is_empty()).then_some(declared)
}

fn reference<'a>(unit: &Unit<Reader<'a>>, entry: &Entry<'a>, name: gimli::DwAt) -> Option<UnitOffset> {
    match entry.attr_value(name)? {
        AttributeValue::UnitRef(offset) => Some(offset),
        AttributeValue::DebugInfoRef(offset) => offset.to_unit_offset(&unit.header),
        _ => None,
    }
}

/// Path of a source, made absolute with the folders that the line table and the unit name.
fn path<'a>(dwarf: &Dwarf<'a>, unit: &Unit<Reader<'a>>, number: u64) -> Option<String> {
    let header = unit.line_program.as_ref()?.header();
    let file = header.file(number)?;
    let mut path = std::path::PathBuf::new();
    if let Some(folder) = unit.comp_dir {
        path.push(folder.to_string_lossy().as_ref());
    }
    // Up to DWARF 4 folder 0 is the one that the compiler ran in; later it says so itself.
    if let Some(folder) = file.directory(header).filter(|_| file.directory_index() != 0) {
        path.push(dwarf.attr_string(unit, folder).ok()?.to_string_lossy().as_ref());
    }
    path.push(dwarf.attr_string(unit, file.path_name()).ok()?.to_string_lossy().as_ref());
    Some(path.to_string_lossy().into_owned())
}

/// The members of a variable that an offset into it leads to, as `.member[2]`, and what is left of the
/// offset. `None` when the variable ends before.
pub(super) fn member<'a>(dwarf: &Dwarf<'a>, variable: &Declared, offset: u64) -> Option<(String, u64)> {
    let mut headers = dwarf.units();
    for _ in 0..variable.unit {
        headers.next().ok()??;
    }
    let unit = dwarf.unit(headers.next().ok()??).ok()?;
    let (mut kind, mut offset, mut words) = (resolved(&unit, variable.kind?)?, offset, String::new());
    if offset >= size(&unit, &kind, 0)? {
        return None;
    }
    for _ in 0..DEEPEST {
        match kind.tag() {
            gimli::DW_TAG_structure_type | gimli::DW_TAG_class_type => {
                let Some((name, start, inner)) = member_at(dwarf, &unit, &kind, offset) else { break };
                words.push_str(&format!(".{name}"));
                offset -= start;
                kind = inner;
            }
            gimli::DW_TAG_array_type => {
                let Some(item) = reference(&unit, &kind, gimli::DW_AT_type).and_then(|at| resolved(&unit, at)) else {
                    break;
                };
                let Some(size) = size(&unit, &item, 0).filter(|&size| size > 0) else { break };
                words.push_str(&format!("[{}]", offset / size));
                offset %= size;
                kind = item;
            }
            _ => break,
        }
    }
    Some((words, offset))
}

/// The last member of a struct that starts at or before an offset: name, start and type.
fn member_at<'a>(
    dwarf: &Dwarf<'a>,
    unit: &Unit<Reader<'a>>,
    kind: &Entry<'a>,
    offset: u64,
) -> Option<(String, u64, Entry<'a>)> {
    let mut tree = unit.entries_tree(Some(kind.offset())).ok()?;
    let mut children = tree.root().ok()?.children();
    let mut best: Option<(u64, Entry<'a>)> = None;
    while let Ok(Some(child)) = children.next() {
        let entry = child.entry();
        let start = entry.attr_value(gimli::DW_AT_data_member_location).map_or(Some(0), |start| start.udata_value());
        let Some(start) = start.filter(|&start| entry.tag() == gimli::DW_TAG_member && start <= offset) else {
            continue;
        };
        if best.as_ref().is_none_or(|(known, _)| *known <= start) {
            best = Some((start, entry.clone()));
        }
    }
    let (start, entry) = best?;
    let name = dwarf.attr_string(unit, entry.attr_value(gimli::DW_AT_name)?).ok()?;
    let kind = resolved(unit, reference(unit, &entry, gimli::DW_AT_type)?)?;
    Some((name.to_string_lossy().into_owned(), start, kind))
}

/// A type without what does not change its layout.
fn resolved<'a>(unit: &Unit<Reader<'a>>, at: UnitOffset) -> Option<Entry<'a>> {
    let mut entry = unit.entry(at).ok()?;
    for _ in 0..LONGEST {
        match entry.tag() {
            gimli::DW_TAG_typedef
            | gimli::DW_TAG_const_type
            | gimli::DW_TAG_volatile_type
            | gimli::DW_TAG_atomic_type
            | gimli::DW_TAG_restrict_type => {
                entry = unit.entry(reference(unit, &entry, gimli::DW_AT_type)?).ok()?;
            }
            _ => return Some(entry),
        }
    }
    None
}

/// Bytes of a type. An array says of how many items it is, not how large.
fn size<'a>(unit: &Unit<Reader<'a>>, kind: &Entry<'a>, depth: usize) -> Option<u64> {
    if let Some(size) = kind.attr_value(gimli::DW_AT_byte_size) {
        return size.udata_value();
    }
    match kind.tag() {
        gimli::DW_TAG_pointer_type | gimli::DW_TAG_reference_type => Some(u64::from(unit.encoding().address_size)),
        gimli::DW_TAG_array_type if depth < DEEPEST => {
            let item = resolved(unit, reference(unit, kind, gimli::DW_AT_type)?)?;
            size(unit, &item, depth + 1)?.checked_mul(count(unit, kind)?)
        }
        _ => None,
    }
}

/// Items of an array of any number of dimensions.
fn count<'a>(unit: &Unit<Reader<'a>>, array: &Entry<'a>) -> Option<u64> {
    let mut tree = unit.entries_tree(Some(array.offset())).ok()?;
    let mut children = tree.root().ok()?.children();
    let mut product = 1u64;
    while let Ok(Some(child)) = children.next() {
        let entry = child.entry();
        let number = |name| entry.attr_value(name).and_then(|value| value.udata_value());
        let items = number(gimli::DW_AT_count).or_else(|| number(gimli::DW_AT_upper_bound)?.checked_add(1));
        if entry.tag() == gimli::DW_TAG_subrange_type {
            product = product.checked_mul(items?)?;
        }
    }
    Some(product)
}
