//! Small pieces of sentences.

/// `1 type`, `3 types`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `twice`, `3 times`.
pub(super) fn times(number: u64) -> String {
    match number {
        1 => "once".into(),
        2 => "twice".into(),
        more => format!("{more} times"),
    }
}

/// Parts of a sentence, at most four of them.
pub(super) fn listed(parts: &[String]) -> String {
    const MOST: usize = 4;
    let mut text = parts.iter().take(MOST).cloned().collect::<Vec<_>>().join("; ");
    if parts.len() > MOST {
        text.push_str(&format!("; and {} more", parts.len() - MOST));
    }
    text
}
