//! What the growth of the layers means, in one sentence.

use super::visible::bytes;
use super::words::State;
use crate::document::{Document, Layers, Verdict};

/// A resident set that moves by less than this has not moved: pages come and go.
const NOISE: u64 = 256 * 1024;

/// What the findings of a session leak, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Leaked {
    /// Native blocks.
    native: u64,
    /// Objects, and blocks of CPython's allocators.
    objects: u64,
    /// What only a repetition could tell.
    maybe: u64,
    /// There are leaks or over-releases, of whatever size.
    certain: bool,
    /// The session has no verdict: nothing is known of what leaks.
    unknown: bool,
}

impl Leaked {
    pub(super) fn of(doc: &Document) -> Self {
        let unknown = matches!(State::of(doc), State::Invalid | State::Empty);
        let mut leaked = Self { unknown, ..Self::default() };
        for finding in &doc.findings {
            let sum = match (finding.verdict, finding.kind.as_str()) {
                (Verdict::Maybe, _) => &mut leaked.maybe,
                (_, "native-block") => &mut leaked.native,
                _ => &mut leaked.objects,
            };
            *sum = sum.saturating_add(finding.bytes);
            leaked.certain |= finding.verdict != Verdict::Maybe;
        }
        leaked
    }

    fn bytes(self) -> u64 {
        self.native.saturating_add(self.objects).saturating_add(self.maybe)
    }
}

/// The layered picture in one sentence.
///
/// The resident set is what a person sees grow. It is put down to leaks first, then to what is held
/// in plain sight, then to what the allocators keep for later.
pub(super) fn sentence(layers: Option<&Layers>, leaked: Leaked) -> String {
    let Some(layers) = layers else { return "How much each layer of memory grew was not measured.".into() };
    let grown = match u64::try_from(layers.resident) {
        Ok(grown) if grown >= NOISE => grown,
        _ => return not_grown(layers, leaked),
    };
    let start = format!("Resident memory grew by {}", bytes(grown));
    if leaked.unknown {
        return format!("{start}; whether any of it leaks is not known.");
    }
    match in_words(leaked) {
        Some(leaks) if leaked.bytes() <= grown => {
            let rest = rest(layers, leaked, grown - leaked.bytes());
            format!("{start}, of which {leaks}{}.", rest.map_or(String::new(), |rest| format!("; {rest}")))
        }
        Some(leaks) => format!("{start}; {leaks}, in part in memory that the process already had."),
        None => {
            let but = if leaked.certain { "what leaks are references and not memory" } else { "nothing leaks" };
            let rest = rest(layers, leaked, grown);
            format!("{start}, but {but}: {}.", rest.as_deref().unwrap_or("no allocator that could be seen has it"))
        }
    }
}

fn not_grown(layers: &Layers, leaked: Leaked) -> String {
    let start = if layers.resident <= -(NOISE as i64) {
        format!("Resident memory shrank by {}", bytes(layers.resident.unsigned_abs()))
    } else {
        "Resident memory did not grow".into()
    };
    match in_words(leaked) {
        Some(leaks) if !leaked.unknown => format!("{start}, yet {leaks}."),
        _ => format!("{start}."),
    }
}

/// `3.0 MiB are leaked native blocks and 4.0 KiB are leaked objects`.
fn in_words(leaked: Leaked) -> Option<String> {
    let parts: Vec<String> = [
        (leaked.native, "are leaked native blocks"),
        (leaked.objects, "are leaked objects and their blocks"),
        (leaked.maybe, "may be leaked"),
    ]
    .into_iter()
    .filter(|(size, _)| *size > 0)
    .map(|(size, what)| format!("{} {what}", bytes(size)))
    .collect();
    let (last, others) = parts.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}

/// Where growth that does not leak went: the largest of the things that it can be. Less than a tenth
/// of it would explain nothing.
fn rest(layers: &Layers, leaked: Leaked, grown: u64) -> Option<String> {
    let held =
        positive(layers.objects).saturating_add(positive(layers.blocks)).saturating_sub(leaked.objects).min(grown);
    let native = positive(layers.native).saturating_sub(leaked.native).min(grown);
    let kept = kept(layers).min(grown);
    let most = held.max(native).max(kept);
    let size = bytes(most);
    match most {
        0 => None,
        most if most < grown / 10 => None,
        most if most == kept => Some(format!("the allocators keep {size} for later")),
        most if most == native => Some(format!("{size} are native blocks that do not grow with every run")),
        _ => Some(format!("{size} are Python objects held in plain sight, by caches and the like")),
    }
}

/// What the allocators hold that nobody uses. Blocks beyond 512 bytes are in no arena, so that it is
/// rather more than this.
fn kept(layers: &Layers) -> u64 {
    let in_arenas = positive(layers.objects).saturating_add(positive(layers.blocks));
    positive(layers.arenas).saturating_sub(in_arenas).saturating_add(positive(layers.heap_free))
}

fn positive(growth: i64) -> u64 {
    u64::try_from(growth).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: i64 = 1 << 20;
    const NOTHING: Layers =
        Layers { objects: 0, blocks: 0, native: 0, arenas: 0, heap_in_use: 0, heap_free: 0, resident: 0 };

    fn leaked(native: u64, objects: u64, maybe: u64) -> Leaked {
        let certain = native + objects > 0;
        Leaked { native, objects, maybe, certain, unknown: false }
    }

    #[track_caller]
    fn says(layers: Layers, leaked: Leaked, words: &str) {
        assert_eq!(sentence(Some(&layers), leaked), words);
    }

    #[test]
    fn nothing_grew() {
        says(NOTHING, Leaked::default(), "Resident memory did not grow.");
        says(Layers { resident: 100_000, ..NOTHING }, Leaked::default(), "Resident memory did not grow.");
        says(Layers { resident: -2 * MIB, ..NOTHING }, Leaked::default(), "Resident memory shrank by 2.0 MiB.");
        says(NOTHING, leaked(4096, 0, 0), "Resident memory did not grow, yet 4.0 KiB are leaked native blocks.");
    }

    #[test]
    fn resident_memory_grew_and_nothing_leaks() {
        let grown = Layers { resident: 12 * MIB, ..NOTHING };
        let words = "Resident memory grew by 12.0 MiB, but nothing leaks: the allocators keep 11.0 MiB for later.";
        says(Layers { arenas: 9 * MIB, objects: MIB, heap_free: 3 * MIB, ..grown }, Leaked::default(), words);
        let words = "Resident memory grew by 12.0 MiB, but nothing leaks: no allocator that could \
                     be seen has it.";
        says(Layers { arenas: MIB, ..grown }, Leaked::default(), words);
    }

    #[test]
    fn native_blocks_grew_with_findings() {
        let grown = Layers { resident: 12 * MIB, native: 3 * MIB, ..NOTHING };
        let words = "Resident memory grew by 12.0 MiB, of which 3.0 MiB are leaked native blocks.";
        says(grown, leaked(3 << 20, 0, 0), words);
        let words = "Resident memory grew by 12.0 MiB, of which 3.0 MiB are leaked native blocks, 2.0 KiB are leaked \
                     objects and their blocks and 1.0 KiB may be leaked; the allocators keep 8.0 MiB for later.";
        says(Layers { heap_free: 8 * MIB, ..grown }, leaked(3 << 20, 2048, 1024), words);
        let words = "Resident memory grew by 12.0 MiB, of which 1.0 MiB are leaked objects and their blocks; 7.0 MiB \
                     are Python objects held in plain sight, by caches and the like.";
        says(Layers { objects: 8 * MIB, native: 0, ..grown }, leaked(0, 1 << 20, 0), words);
        let words = "Resident memory grew by 1.0 MiB; 3.0 MiB are leaked native blocks, in part in memory that the \
                     process already had.";
        says(Layers { resident: MIB, ..grown }, leaked(3 << 20, 0, 0), words);
    }

    #[test]
    fn objects_in_plain_sight() {
        let grown = Layers { resident: 12 * MIB, objects: 8 * MIB, blocks: 2 * MIB, arenas: 11 * MIB, ..NOTHING };
        let words = "Resident memory grew by 12.0 MiB, but nothing leaks: 10.0 MiB are Python objects held in plain \
                     sight, by caches and the like.";
        says(grown, Leaked::default(), words);
        let references = Leaked { certain: true, ..Leaked::default() };
        assert!(sentence(Some(&grown), references).contains("what leaks are references and not memory: 10.0 MiB"));
        let words = "Resident memory grew by 12.0 MiB, but nothing leaks: 9.0 MiB are native blocks that do not grow \
                     with every run.";
        says(Layers { resident: 12 * MIB, native: 9 * MIB, ..NOTHING }, Leaked::default(), words);
    }

    #[test]
    fn not_measured_and_not_known() {
        assert_eq!(sentence(None, Leaked::default()), "How much each layer of memory grew was not measured.");
        let words = "Resident memory grew by 2.0 MiB; whether any of it leaks is not known.";
        let unknown = Leaked { unknown: true, ..leaked(1, 1, 1) };
        says(Layers { resident: 2 * MIB, ..NOTHING }, unknown, words);
        says(NOTHING, unknown, "Resident memory did not grow.");
    }

    #[test]
    fn any_numbers_make_a_sentence() {
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            let extreme = Layers {
                objects: number,
                blocks: number,
                native: number,
                arenas: number,
                heap_in_use: number,
                heap_free: number,
                resident: number,
            };
            for size in [0, u64::MAX] {
                let leaked = Leaked { native: size, objects: size, maybe: size, certain: true, unknown: false };
                assert!(sentence(Some(&extreme), leaked).ends_with('.'));
            }
        }
    }
}
