//! Lines of plain text that keep within the width of a terminal.

/// No line is wider than this, in columns of a terminal.
pub(super) const WIDTH: usize = 80;
/// Labels of details stand in a column of this width.
const LABEL: usize = 13;

/// Text that is broken into lines as it grows.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn done(self) -> String {
        self.0
    }

    pub(super) fn blank(&mut self) {
        self.0.push('\n');
    }

    /// A line as it is; the caller has seen to its width.
    pub(super) fn raw(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    pub(super) fn title(&mut self, title: &str) {
        self.0.push_str(&format!("\n{title}\n"));
    }

    /// A label and its text; a label too long for its column gets a line of its own.
    pub(super) fn detail(&mut self, label: &str, text: &str) {
        if columns(label) >= LABEL {
            self.wrap_after("     ", "     ", label);
            return self.detail("", text);
        }
        let first = format!("     {label:<LABEL$}");
        let rest = " ".repeat(5 + LABEL);
        self.wrap_after(&first, &rest, text);
    }

    pub(super) fn wrap(&mut self, indent: &str, text: &str) {
        self.wrap_after(indent, indent, text);
    }

    /// Words that do not fit even an empty line, as long names do, are broken anywhere.
    pub(super) fn wrap_after(&mut self, first: &str, rest: &str, text: &str) {
        let mut line = first.to_owned();
        let mut column = columns(first);
        let mut empty = true;
        for word in text.split(' ') {
            let long = columns(rest) + columns(word) > WIDTH;
            if !empty && !long && column + 1 + columns(word) > WIDTH {
                self.flush(&mut line, &mut column, rest);
                empty = true;
            }
            if !empty {
                line.push(' ');
                column += 1;
            }
            for c in word.chars() {
                if column + wide(c) > WIDTH {
                    self.flush(&mut line, &mut column, rest);
                }
                line.push(c);
                column += wide(c);
            }
            empty = false;
        }
        self.flush(&mut line, &mut column, rest);
    }

    fn flush(&mut self, line: &mut String, column: &mut usize, rest: &str) {
        self.0.push_str(line.trim_end());
        self.0.push('\n');
        rest.clone_into(line);
        *column = columns(rest);
    }
}

/// As much of a line as fits into `width` columns; a line that is cut ends with dots.
pub(super) fn clipped(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut column = 0;
    for c in line.chars().take_while(|c| {
        column += wide(*c);
        column < width
    }) {
        out.push(c);
    }
    out.push('\u{2026}');
    out
}

pub(super) fn columns(text: &str) -> usize {
    text.chars().map(wide).sum()
}

/// East Asian wide characters and emoji take two columns of a terminal.
fn wide(c: char) -> usize {
    match u32::from(c) {
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}
