//! A few lines of a source file.

use std::path::Path;

use super::Files;

/// Bytes of a file that is taken for source at most.
const LARGEST: usize = 4 << 20;
/// Characters of a line that are shown at most.
const WIDEST: usize = 240;

/// Lines `line - around ..= line + around` with their numbers; empty when `line` is not in the file.
pub(super) fn excerpt(files: &dyn Files, path: &Path, line: u32, around: u32) -> Vec<(u32, String)> {
    let Some(file) = files.open(path) else {
        return Vec::new();
    };
    let bytes: &[u8] = (*file).as_ref();
    if line == 0 || bytes.len() > LARGEST || bytes.contains(&0) {
        return Vec::new();
    }
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let first = line.saturating_sub(around).max(1);
    let last = line.saturating_add(around);
    let lines: Vec<(u32, String)> = (1_u32..)
        .zip(bytes.split(|&byte| byte == b'\n'))
        .skip(first as usize - 1)
        .take_while(|&(number, _)| number <= last)
        .map(|(number, text)| (number, cut(text)))
        .collect();
    let reaches = lines.last().is_some_and(|&(number, _)| number >= line);
    if reaches { lines } else { Vec::new() }
}

/// The text of a line without its end, at most [`WIDEST`] characters and a mark for the rest.
fn cut(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
