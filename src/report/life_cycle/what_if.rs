//! What the model answers, and what a child process made of it, in words.

use super::super::visible::{NAME, visible};
use crate::document::module::WhatIf;

/// Whether a child process agrees with the model.
pub(super) fn confirmed(asked: &WhatIf) -> (&'static str, &'static str) {
    match asked.confirmed {
        None => ("untried", "not tried in a child process"),
        Some(went) if went == asked.unloads => ("confirmed", "a child process in which they were cleared agrees"),
        Some(true) => ("contradicted", "but in a child process in which they were cleared, it did unload"),
        Some(false) => ("contradicted", "but in a child process in which they were cleared, it did not"),
    }
}

/// The answer of the model, and of the child process that tried it.
pub(super) fn what_if_text(asked: &WhatIf) -> String {
    let would = match (asked.unloads, asked.remaining.is_empty()) {
        (true, _) => "if CPython's caches let go, it would unload".to_owned(),
        (false, true) => "even if CPython's caches let go, it would stay".to_owned(),
        (false, false) => {
            format!("even if CPython's caches let go, it would stay: {} holds it", visible(&asked.remaining, NAME))
        }
    };
    let detail = visible(&asked.detail, NAME);
    let detail = if detail.is_empty() { detail } else { format!(" ({})", detail.trim_end_matches('.')) };
    format!("{would}; {}{detail}.", confirmed(asked).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_and_child_process_are_compared() {
        let text = |unloads, confirmed| {
            what_if_text(&WhatIf { unloads, confirmed, remaining: "x.so:c".into(), ..WhatIf::default() })
        };
        assert!(text(true, Some(true)).contains("agrees"));
        assert!(text(false, Some(false)).contains("x.so:c holds it; a child process"));
        assert!(text(false, Some(true)).contains("but in a child process"));
        assert!(text(true, None).contains("not tried"));
    }
}
