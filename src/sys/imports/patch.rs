//! Writes the import table of one library.

use core::ops::Range;
use core::sync::atomic::Ordering::{Acquire, Release};

use rustc_hash::FxHashMap;

use super::image::Pinned;
use super::originals::{self, Meaning};
use super::scope::Reach;
use super::tables::{self, Fault};
use crate::sys::hook::native::{Hook, Kind};
use crate::sys::libraries::Library;

const PAGE: u64 = 4096;

/// What became of a library.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Its tables could not be read.
    pub(super) fault: Option<Fault>,
    /// Its import table could not be made writable.
    pub(super) refused: bool,
    /// Functions that lead elsewhere than to the process's own.
    pub(super) foreign: Vec<&'static str>,
    /// Functions whose address stands in variables. These are left alone: they are values, which
    /// code compares and stores elsewhere.
    pub(super) variables: Vec<&'static str>,
    /// One of these gives memory back.
    pub(super) frees_unseen: bool,
}

/// Everything that is the same for all libraries.
pub(super) struct Plan<'a> {
    pub(super) hooks: &'a [Hook],
    pub(super) meanings: Vec<Meaning>,
    pub(super) libraries: &'a [Library],
    /// Which hook is of which name.
    pub(super) places: FxHashMap<&'a [u8], usize>,
}

/// A slot and what is to stand in it.
struct Change {
    slot: u64,
    value: usize,
}

impl Plan<'_> {
    /// Redirects a library as far as `reach` says. What was redirected further is taken back.
    pub(super) fn apply(&mut self, library: &Library, image: &Pinned<'_>, reach: Reach) -> Outcome {
        let mut outcome = Outcome::default();
        let wanted = |name: &[u8]| self.places.get(name).copied();
        match tables::imports(image, library.base, library.dynamic.as_ref(), wanted) {
            Ok(imports) => {
                let changes: Vec<Change> = imports
                    .iter()
                    .filter_map(|import| self.change(library, image, reach, import, &mut outcome))
                    .collect();
                outcome.refused = !write(library, image, &changes);
            }
            Err(fault) => outcome.fault = Some(fault),
        }
        for names in [&mut outcome.foreign, &mut outcome.variables] {
            names.sort_unstable();
            names.dedup();
        }
        outcome
    }

    fn change(
        &mut self,
        library: &Library,
        image: &Pinned<'_>,
        reach: Reach,
        import: &tables::Import,
        outcome: &mut Outcome,
    ) -> Option<Change> {
        let (hook, meaning) = (&self.hooks[import.function], &mut self.meanings[import.function]);
        let wanted = target(hook, reach);
        if !import.called {
            outcome.variables.extend(wanted.filter(|_| hook.kind.is_of_memory()).map(|_| hook.words()));
            outcome.frees_unseen |= hook.kind == Kind::Memory && hook.giving_back.is_some();
            return None;
        }
        let now = image.slot(import.slot)?.load(Acquire);
        let ours = hook.both == Some(now) || hook.giving_back == Some(now);
        if !ours && wanted.is_some() {
            // A slot that leads back into its own library is bound at the first call.
            let lazy = library.code.iter().any(|code| code.contains(&(now as u64)));
            if meaning.function == 0 {
                let meant = if lazy { image.resolve(hook.name) } else { now };
                if originals::is_code(self.libraries, meant as u64) {
                    originals::adopt(hook, meaning, meant);
                }
            }
            if meaning.function == 0 || !(lazy || meaning.is(now)) {
                if hook.kind.is_of_memory() {
                    outcome.foreign.push(hook.words());
                }
                return None;
            }
        }
        let value = match wanted {
            Some(wanted) => wanted,
            None if ours => meaning.function,
            None => return None,
        };
        (value != now && value != 0).then_some(Change { slot: import.slot, value })
    }
}

/// Where a slot of a function is to lead in a library of some reach; `None` for the original.
fn target(hook: &Hook, reach: Reach) -> Option<usize> {
    match (hook.kind, reach) {
        (_, Reach::Untouched) => None,
        (Kind::Open, reach) => hook.both.filter(|_| reach == Reach::Interpreter),
        (Kind::Close, reach) => hook.both.filter(|_| matches!(reach, Reach::Interpreter | Reach::Standard)),
        (Kind::Signal, _) => hook.both,
        (_, Reach::Interpreter) => None,
        (Kind::Init, _) => hook.both,
        (Kind::Reference, reach) => hook.both.filter(|_| matches!(reach, Reach::Both | Reach::WithoutMaps)),
        (Kind::Memory, Reach::Both | Reach::WithoutMaps) | (Kind::Map, Reach::Both) => hook.both,
        (_, Reach::WithoutMaps | Reach::GivingBack | Reach::Standard) => hook.giving_back,
    }
}

/// Stores the changes; `false` when the pages cannot be made writable.
///
/// An atomic store, because other threads call through the slots meanwhile. A thread that binds a
/// lazy slot at this very moment may write after us: that slot is then not redirected. What the
/// loader had made read-only is read-only again afterwards.
fn write(library: &Library, image: &Pinned<'_>, changes: &[Change]) -> bool {
    let sealed = sealed_pages(library);
    let touched = changes.iter().map(|change| change.slot & !(PAGE - 1)).filter(|page| sealed.contains(page));
    let pages = touched.clone().min().zip(touched.max()).map(|(first, last)| first..last + PAGE);
    if pages.as_ref().is_some_and(|pages| !protect(pages, libc::PROT_READ | libc::PROT_WRITE)) {
        return false;
    }
    for change in changes {
        if let Some(slot) = image.slot(change.slot) {
            slot.store(change.value, Release);
        }
    }
    pages.is_none_or(|pages| protect(&pages, libc::PROT_READ))
}

/// The pages that the loader made read-only, rounded as it does it (glibc, `_dl_protect_relro`).
fn sealed_pages(library: &Library) -> Range<u64> {
    library.relro.as_ref().map_or(0..0, |relro| relro.start & !(PAGE - 1)..relro.end & !(PAGE - 1))
}

fn protect(pages: &Range<u64>, protection: i32) -> bool {
    let length = (pages.end - pages.start) as usize;
    // SAFETY: pages of the RELRO segment of a library that is held in place.
    unsafe { libc::mprotect(pages.start as *mut _, length, protection) == 0 }
}
