//! Lines of Python code objects, from the bytes of `co_linetable`.

/// Which layout the bytes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFormat {
    /// Pairs of deltas, CPython 3.10. Source: PEP 626, CPython's `Objects/lnotab_notes.txt`.
    Pairs,
    /// Location entries, CPython 3.11 and later. Source: CPython's `Objects/locations.md`
    /// (`InternalDocs/code_objects.md` since 3.14).
    Locations,
}

/// The line table of a code object, copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTable {
    /// `co_linetable`.
    pub bytes: Vec<u8>,
    /// `co_firstlineno`.
    pub first_line: u32,
    /// Layout of `bytes`.
    pub format: LineFormat,
}

/// Line of the instruction at a byte offset in the code; `None` when it has none, or lies outside.
#[must_use]
pub fn python_line(table: &LineTable, instruction: u32) -> Option<u32> {
    let line = match table.format {
        LineFormat::Pairs => of_pairs(table, instruction),
        LineFormat::Locations => of_locations(table, instruction),
    }?;
    u32::try_from(line).ok().filter(|&line| line > 0)
}

fn of_pairs(table: &LineTable, instruction: u32) -> Option<i64> {
    let mut line = i64::from(table.first_line);
    let mut end = 0_u64;
    for pair in table.bytes.chunks_exact(2) {
        let delta = i8::from_le_bytes([pair[1]]);
        let has_line = delta != i8::MIN;
        if has_line {
            line += i64::from(delta);
        }
        end += u64::from(pair[0]);
        if u64::from(instruction) < end {
            return has_line.then_some(line);
        }
    }
    None
}

/// Bytes of a code unit, which location entries count in.
const CODE_UNIT: u64 = 2;

fn of_locations(table: &LineTable, instruction: u32) -> Option<i64> {
    let mut bytes = table.bytes.iter().copied().peekable();
    let mut line = i64::from(table.first_line);
    let mut end = 0_u64;
    while let Some(head) = bytes.next() {
        let code = (head >> 3) & 0xf;
        match code {
            // Short forms: on the same line, columns in the second byte; 10 to 12: 0 to 2 lines on.
            10..=12 => line += i64::from(code - 10),
            13 | 14 => line = line.checked_add(signed(&mut bytes)?)?,
            _ => {}
        }
        end += (u64::from(head & 7) + 1) * CODE_UNIT;
        if u64::from(instruction) < end {
            return (code != 15).then_some(line);
        }
        // Only the first byte of an entry has its highest bit set.
        while bytes.next_if(|byte| byte & 0x80 == 0).is_some() {}
    }
    None
}

/// Six bits a byte, lowest first, bit 6 for more to come; the lowest bit of the whole is the sign.
fn signed(bytes: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let mut value = 0_i64;
    for shift in (0..60).step_by(6) {
        let byte = bytes.next()?;
        value |= i64::from(byte & 0x3f) << shift;
        if byte & 0x40 == 0 {
            let magnitude = value >> 1;
            return Some(if value & 1 == 0 { magnitude } else { -magnitude });
        }
    }
    None
}
