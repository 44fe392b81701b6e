//! Small pieces of sentences.

use super::observed::{Residue, Step};
use crate::findings::holding::{Chain, Root};

/// Names beyond this number are only counted.
const MOST_NAMES: usize = 4;

/// `1 type`, `3 types`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `` `A`, `B` and 3 more `` of `all` things of which some have names; empty when none has.
pub(super) fn listed(names: &[String], all: usize) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = all.max(names.len()) - shown.len();
    match (shown.as_slice(), more) {
        ([], _) => String::new(),
        (shown, 0) => and(shown),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `a, b and c`.
pub(super) fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A text that begins a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Bytes in the largest fitting unit.
pub(super) fn bytes(number: u64) -> String {
    match number {
        0..1024 => count(number, "byte", "bytes"),
        1024..1_048_576 => format!("{:.1} KiB", number as f64 / 1024.0),
        _ => format!("{:.1} MiB", number as f64 / 1_048_576.0),
    }
}

/// `12 objects and 3 blocks (4.5 KiB), 2 native blocks (1.0 KiB)`.
pub(super) fn amount(rest: &Residue) -> String {
    let mut parts = Vec::new();
    if rest.objects > 0 {
        parts.push(count(rest.objects, "object", "objects"));
    }
    if rest.blocks > 0 {
        parts.push(count(rest.blocks, "block", "blocks"));
    }
    let python = if parts.is_empty() { None } else { Some(format!("{} ({})", and(&parts), bytes(rest.bytes))) };
    let native = (rest.native_blocks > 0).then(|| {
        format!("{} ({})", count(rest.native_blocks, "native block", "native blocks"), bytes(rest.native_bytes))
    });
    python.into_iter().chain(native).collect::<Vec<_>>().join(", ")
}

/// What became of a step, as the end of "its child process ...".
pub(super) fn fate(step: &Step) -> String {
    let why = if step.detail.is_empty() { String::new() } else { format!(": {}", step.detail.trim_end_matches('.')) };
    match step.outcome.as_str() {
        "failed" => format!("raised an exception{why}"),
        "exited" => format!("exited{why}"),
        "died" => format!("died{why}"),
        "timeout" => format!("took more than {:.0} s and was stopped{why}", step.seconds),
        other => format!("ended with `{other}`{why}"),
    }
}

/// The root of a chain as the subject of a sentence.
pub(super) fn root(chain: &Chain) -> String {
    let place = chain.place.as_str();
    let first = chain.links.first().map_or("", |link| link.what.trim_matches('`'));
    let named = if place.is_empty() { first } else { place };
    let or = |noun: &str, unnamed: &str| {
        if named.is_empty() {
            unnamed.to_owned()
        } else {
            format!("{noun} `{}`{}", named.replace('`', "'"), line(chain))
        }
    };
    match chain.root {
        Root::ImportCache => "CPython's import cache".into(),
        Root::Static => or("the static", "a static"),
        Root::Framework if place.contains([':', '+']) => or("the framework's static", ""),
        Root::Framework if place == "interpreter-state dict" => "a framework, in the interpreter's dict,".into(),
        Root::Framework => or("the cache of", "the cache of its framework"),
        Root::Hidden => or("a reference that no traversal shows, in", "a reference that no traversal shows"),
        Root::Program if named == "sys.modules" => "`sys.modules`".into(),
        Root::Program => or("module", "the program"),
        Root::Registry => or("the registry", "a registry of the standard library"),
        Root::Exception => or("the exception", "a pending exception"),
        Root::Thread => or("the thread", "a thread"),
        Root::Interpreter => or("the interpreter's own state", "the interpreter's own state"),
        Root::Unknown => "a reference that nothing in sight accounts for".into(),
    }
}

/// ` (native.c:41)`, or nothing where no line is known.
fn line(chain: &Chain) -> String {
    let file = chain.file.rsplit('/').next().unwrap_or_default();
    if file.is_empty() || chain.line == 0 { String::new() } else { format!(" ({file}:{})", chain.line) }
}

#[cfg(test)]
mod tests {
    use super::super::sample::chain;
    use super::*;

    #[test]
    fn lists_and_amounts() {
        let names: Vec<String> = ["A", "B", "C", "D", "E"].map(String::from).to_vec();
        assert_eq!(listed(&names, 9), "`A`, `B`, `C`, `D` and 5 more");
        assert_eq!(listed(&names[..2], 2), "`A` and `B`");
        assert_eq!(listed(&[], 3), "");
        let rest =
            Residue { objects: 2, blocks: 1, bytes: 2048, native_blocks: 1, native_bytes: 10, ..Residue::default() };
        assert_eq!(amount(&rest), "2 objects and 1 block (2.0 KiB), 1 native block (10 bytes)");
        assert_eq!(amount(&Residue { native_blocks: 2, ..Residue::default() }), "2 native blocks (0 bytes)");
    }

    #[test]
    fn every_root_has_words_with_and_without_a_place() {
        for kind in [
            Root::ImportCache,
            Root::Static,
            Root::Framework,
            Root::Hidden,
            Root::Program,
            Root::Registry,
            Root::Exception,
            Root::Thread,
            Root::Interpreter,
            Root::Unknown,
        ] {
            let mut chain = chain(kind, "module `x`", "x.so:c");
            let named = root(&chain);
            chain.place.clear();
            chain.links.clear();
            assert!(!root(&chain).is_empty() && !root(&chain).contains('`'), "{kind:?}");
            let nameless = matches!(kind, Root::ImportCache | Root::Unknown);
            assert!(nameless || named.contains('`'), "{kind:?}: {named}");
        }
    }

    #[test]
    fn the_line_of_a_static_is_told() {
        let mut chain = chain(Root::Static, "module `x`", "x.so:cache");
        (chain.file, chain.line) = ("/src/native.c".into(), 41);
        assert_eq!(root(&chain), "the static `x.so:cache` (native.c:41)");
    }
}
