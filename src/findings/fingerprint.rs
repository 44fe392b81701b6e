//! A name for a finding that stays the same from run to run, build to build and machine to machine.

use std::collections::BTreeMap;

use super::evidence::{Suspect, Thing};
use super::finding::Finding;
use super::ledger::is_borrowed;
use super::trace::{Frame, Site, Trace};

/// What compilers append to the name of a function that they copied or took apart.
const CLONES: [&str; 7] = [".constprop.", ".isra.", ".part.", ".lto_priv.", ".llvm.", ".localalias", ".cold"];

/// FNV-1a, 64 bits, as hexadecimal digits. Source: Fowler, Noll, Vo (RFC 9923).
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The fingerprint of a suspect: what it is, of which type, in which test, and the function to blame.
///
/// Left out is what changes while the leak stays the same: lines and offsets, addresses, sizes and
/// counts, who seemed to hold it (a stale word may), and what the compiler inlined or copied.
pub(super) fn of_suspect(suspect: &Suspect, subject: &str) -> String {
    let blamed = suspect.site.as_ref().map_or("", |site| author(site, &suspect.traces));
    fingerprint(&[thing(suspect), &type_name(suspect), &name(suspect), &subject_of(subject), plain(blamed)])
}

/// Tells findings of one fingerprint apart: the second and all after it get a number, in an order
/// that depends on neither addresses nor sizes.
pub(super) fn tell_apart(findings: &mut [&mut Finding]) {
    let place = |f: &Finding| f.site.as_ref().map_or((String::new(), 0), |s| (s.frame.file.clone(), s.frame.line));
    findings.sort_by_cached_key(|f| {
        let holder = f.holder.as_ref().map_or("", |holder| holder.kind.as_str()).to_owned();
        (f.rule.clone(), place(f), f.type_name.clone(), holder, without_addresses(&f.object_label))
    });
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = fingerprint(&[&finding.fingerprint, &count.to_string()]);
        }
    }
}

/// The kind of thing. Not its rule: whether an object is held by something or by nothing can be
/// judged another way in the next run.
fn thing(suspect: &Suspect) -> &'static str {
    let lost = suspect.per_run.iter().sum::<i64>() < 0;
    match suspect.thing {
        Thing::Reference | Thing::TypeReference if lost => "over-release",
        Thing::Reference => "reference",
        Thing::TypeReference => "type-reference",
        Thing::Object => "object",
        Thing::Block => "block",
        Thing::NativeBlock => "native-block",
    }
}

/// The type; of a block without its size, which is another in each version of the interpreter.
fn type_name(suspect: &Suspect) -> String {
    match suspect.thing {
        Thing::Block => suspect.type_name.trim_start_matches(|c: char| c.is_ascii_digit()).into(),
        _ => suspect.type_name.clone(),
    }
}

/// The label of what people know by its name, as a type or a function; other labels tell a value.
fn name(suspect: &Suspect) -> String {
    let is_known_by_name = suspect.thing == Thing::TypeReference
        || suspect.thing == Thing::Reference
            && matches!(suspect.type_name.as_str(), "module" | "function" | "builtin_function_or_method" | "type");
    if is_known_by_name { without_addresses(&suspect.object_label) } else { String::new() }
}

/// A test or call without what differs from machine to machine: addresses, folders of absolute paths.
pub(super) fn subject_of(subject: &str) -> String {
    let words: Vec<&str> = subject
        .split(' ')
        .map(|word| if word.starts_with('/') { word.rsplit('/').next().unwrap_or(word) } else { word })
        .collect();
    without_addresses(&words.join(" "))
}

/// `0x7f12ab` becomes `0x`.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        short.push_str("0x");
        short.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    short
}

/// The function that wrote the call, whether or not the compiler put it into another one: with
/// optimisation the site is the outermost of the functions inlined there, without it the innermost.
fn author<'a>(site: &'a Site, traces: &'a [Trace]) -> &'a str {
    let of_others = |frame: &Frame| is_borrowed(frame) || frame.file.contains("/include/python");
    traces
        .iter()
        .find_map(|trace| Some((&trace.frames, trace.frames.iter().position(|frame| *frame == site.frame)?)))
        .and_then(|(frames, at)| {
            let inlined = frames[..at].iter().rev().take_while(|f| f.inlined && f.offset == site.frame.offset);
            inlined.filter(|frame| !of_others(frame) && !frame.function.is_empty()).last()
        })
        .map_or(&site.frame.function, |frame| &frame.function)
}

/// A function's name without what a compiler appended to it.
fn plain(function: &str) -> &str {
    CLONES.iter().filter_map(|clone| function.find(clone)).min().map_or(function, |end| &function[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Origin;
    use crate::findings::Holder;

    fn frame(function: &str, line: u32, inlined: bool) -> Frame {
        Frame {
            origin: Origin::Extension,
            function: function.into(),
            file: "box.c".into(),
            line,
            module: "box.so".into(),
            offset: "0x10".into(),
            inlined,
            guess: false,
        }
    }

    /// A leak whose stack is `frames`, the outermost of which is blamed.
    fn suspect(thing: Thing, frames: Vec<Frame>) -> Suspect {
        Suspect {
            thing,
            type_name: "40 bytes from the mem domain".into(),
            object_label: "at 0x7f00".into(),
            address: 0x10,
            per_run: vec![1, 1],
            bytes: 80,
            bytes_per_run: vec![40, 40],
            site: frames.last().map(|frame| Site { frame: frame.clone(), source: Vec::new() }),
            traces: vec![Trace { frames, blocks: 2, bytes: 80, stale: false, truncated: false }],
            holder: Holder { kind: "nothing".into(), text: String::new() },
            place: None,
            members: Vec::new(),
            keeps: Vec::new(),
            exact: true,
        }
    }

    fn print(suspect: &Suspect) -> String {
        of_suspect(suspect, "test_box.py::test_make")
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["ab", "c"]), fingerprint(&["ab", "c"]));
    }

    #[test]
    fn lines_sizes_counts_and_holders_change_nothing() {
        let first = suspect(Thing::Block, vec![frame("make", 3, false)]);
        let mut other = suspect(Thing::Block, vec![frame("make", 33, false)]);
        other.type_name = "56 bytes from the mem domain".into();
        other.address = 0x999;
        other.per_run = vec![7, 8];
        other.holder.kind = "static".into();
        assert_eq!(print(&first), print(&other));
        other.type_name = "56 bytes from the raw domain".into();
        assert_ne!(print(&first), print(&other));
    }

    #[test]
    fn inlining_and_copies_of_functions_change_nothing() {
        let called = suspect(Thing::Object, vec![frame("keep", 3, false)]);
        let inlined = suspect(Thing::Object, vec![frame("keep", 3, true), frame("label", 9, false)]);
        let copied = suspect(Thing::Object, vec![frame("keep.constprop.0.isra.0", 3, false)]);
        assert_eq!(print(&called), print(&inlined));
        assert_eq!(print(&called), print(&copied));
        assert_ne!(print(&called), print(&suspect(Thing::Object, vec![frame("label", 9, false)])));
        let mut header = frame("std::vector<int>::push_back", 3, true);
        header.file = "/usr/include/c++/12/bits/stl_vector.h".into();
        let helped = suspect(Thing::Object, vec![header, frame("keep", 3, false)]);
        assert_eq!(print(&called), print(&helped));
    }

    #[test]
    fn addresses_and_folders_in_a_subject_change_nothing() {
        assert_eq!(subject_of("t.py::f[<T at 0x7f01>-0xff]"), subject_of("t.py::f[<T at 0x7e99>-0xff]"));
        assert_eq!(subject_of("/build/a/leaky.py --quick"), "leaky.py --quick");
        assert_ne!(subject_of("t.py::f[a]"), subject_of("t.py::f[b]"));
    }
}
