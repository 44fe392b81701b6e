//! Names and numbers made fit to be read: nothing invisible, nothing endless.
//!
//! Type names, labels and test ids come from audited code and may hold anything. Escaping for a
//! markup language is the template's task; here characters that would deceive a reader or a
//! terminal become visible escapes in Python's notation.

use std::fmt::Write;

/// Longest name that a report shows whole.
pub(super) const NAME: usize = 300;
/// Longest name in a cell of a table.
pub(super) const CELL: usize = 120;
/// Longest sentence that a report shows whole.
pub(super) const SENTENCE: usize = 1200;

/// `name` with deceptive characters escaped; beyond `limit` characters the middle is left out and
/// the full length stated.
pub(super) fn visible(name: &str, limit: usize) -> String {
    let length = name.chars().count();
    if length <= limit {
        return escape(name.chars(), limit * 2);
    }
    let (head, tail) = (limit * 2 / 3, limit - limit * 2 / 3);
    format!(
        "{} \u{2026}[{} characters in all]\u{2026} {}",
        escape(name.chars().take(head), head * 2),
        grouped(length as u64),
        escape(name.chars().skip(length - tail), tail * 2),
    )
}

/// Escapes each character that needs it; a text that swells beyond `room` is cut, and says so.
fn escape(name: impl Iterator<Item = char>, room: usize) -> String {
    let mut out = String::new();
    for (index, c) in name.enumerate() {
        if out.len() > room * 4 {
            write!(out, "\u{2026}[cut after {index} characters]").expect("writing to a String");
            break;
        }
        match (deceptive(c), u32::from(c)) {
            (false, _) => out.push(c),
            (true, 0x09) => out.push_str("\\t"),
            (true, 0x0A) => out.push_str("\\n"),
            (true, 0x0D) => out.push_str("\\r"),
            (true, code @ 0..=0xFF) => write!(out, "\\x{code:02x}").expect("writing to a String"),
            (true, code @ 0..=0xFFFF) => write!(out, "\\u{code:04x}").expect("writing to a String"),
            (true, code) => write!(out, "\\U{code:08x}").expect("writing to a String"),
        }
    }
    out
}

/// Controls, bidirectional overrides, invisible and format characters, non-characters.
fn deceptive(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xFDD0..=0xFDEF
            | 0xE0000..=0xE0FFF | 0xF0000..)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Digits in groups of three: `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A signed number with its sign when negative, grouped.
pub(super) fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// Bytes in the largest fitting unit: `147 B`, `12.5 KiB`.
pub(super) fn bytes(count: u64) -> String {
    let mut tenths = u128::from(count) * 10;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
        if tenths < 10_240 || unit == "TiB" {
            return if unit == "B" {
                format!("{count} B")
            } else {
                format!("{}.{} {unit}", grouped((tenths / 10) as u64), tenths % 10)
            };
        }
        tenths = tenths.div_ceil(1024);
    }
    unreachable!("the last unit always fits")
}

/// `1 leak`, `2 leaks`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_gets_through() {
        for (given, shown) in [
            ("plain é 名", "plain é 名"),
            ("a\u{202e}b\u{2066}c", "a\\u202eb\\u2066c"),
            ("\x1b[31m\0\r\n\t\u{7f}\u{9b}", "\\x1b[31m\\x00\\r\\n\\t\\x7f\\x9b"),
            ("\u{feff}\u{200b}\u{e0041}\u{ffff}", "\\ufeff\\u200b\\U000e0041\\uffff"),
            ("'\\udc80' as escaped by its writer", "'\\udc80' as escaped by its writer"),
        ] {
            assert_eq!(visible(given, NAME), shown);
        }
    }

    #[test]
    fn long_names_lose_their_middle_and_tell_their_length() {
        let shown = visible(&format!("start{}end", "x".repeat(9_992)), 60);
        assert!(shown.starts_with("startxxx") && shown.ends_with("xxxend"), "{shown}");
        assert!(shown.contains("[10,000 characters in all]"), "{shown}");
        assert!(visible(&"\u{e0041}".repeat(9_000), NAME).len() < 12 * NAME);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(signed(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!((bytes(0), bytes(1023), bytes(1024)), ("0 B".into(), "1023 B".into(), "1.0 KiB".into()));
        assert_eq!(bytes(1_500_000), "1.5 MiB");
        assert_eq!(bytes(u64::MAX), "16,777,216.0 TiB");
    }
}
