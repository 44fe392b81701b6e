//! Redirects the import tables of loaded libraries to the hooks on native memory.
//!
//! A call that does not go through an import table is not seen: through a variable that holds a
//! function's address (libxml2's `xmlMalloc`) or a pointer from `dlsym`, inside a library (of the
//! C++ library for a long `std::string`), or inside the C library (`getline`, `asprintf`).
//! Slots also serve code that only wants a function's address; comparing such addresses across
//! libraries then fails, which no code does with an allocation function.

mod image;
mod originals;
mod patch;
mod scope;
mod static_allocator;
mod tables;

use core::ffi::CStr;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::SeqCst;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use self::image::Pinned;
use self::patch::{Outcome, Plan};
use self::scope::{Reach, file_name, normalised, reach};
use self::tables::Fault;
use super::hook::calls::watching_calls;
pub(crate) use super::hook::native::{blocks, forked, sleep, wake};
use super::hook::native::{hooks, watch_forks};
use super::libraries::{Library, generation, libraries};
use super::modules::watching_inits;
use super::watch::watching_signals;

/// One loading of a library: base, dynamic table, path.
type Key = (u64, u64, String);

/// What was done to the loaded libraries.
#[derive(Default)]
struct Table {
    generation: (u64, u64),
    scope: Vec<String>,
    /// Whether init functions, signal handlers, and calls that return or take references were hooked, too.
    more: (bool, bool, bool),
    /// As far as was asked for.
    reached: HashMap<Key, Reach>,
    /// Those whose blocks are seen.
    watched: Vec<Key>,
    notes: BTreeMap<Key, Vec<String>>,
    /// The allocator that a file carries, by path: a file is looked into once.
    allocators: HashMap<String, Option<&'static str>>,
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);
/// The last scope that was asked for.
static SCOPE: Mutex<Option<Vec<String>>> = Mutex::new(None);
/// Something changed that the table does not know yet.
static PENDING: AtomicBool = AtomicBool::new(false);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Redirects every loaded library that is not yet redirected as far as the scope says: names of
/// modules or distributions, or nothing for every extension. Cheap when nothing changed.
pub(crate) fn sync(scope: &[String]) {
    if forked() {
        return;
    }
    *lock(&SCOPE) = Some(scope.iter().map(|name| normalised(name)).collect());
    watch_forks();
    catch_up();
}

/// Sees to it that calls of init functions and installations of signal handlers are seen, now and in what is loaded
/// later, where somebody wants to know of these. The scope stays; when there is none, nobody's memory is in scope.
pub(in crate::sys) fn sync_calls() {
    if forked() {
        return;
    }
    lock(&SCOPE).get_or_insert_with(|| vec![String::new()]);
    watch_forks();
    catch_up();
}

/// Whether a library defines a function itself.
pub(in crate::sys) fn defines(library: &Library, name: &CStr) -> bool {
    Pinned::new(library).is_some_and(|image| library.span.contains(&(image.resolve(name) as u64)))
}

/// [`sync`] with the last scope. For the hooks: after a library was loaded or unloaded.
pub(in crate::sys) fn sync_again() {
    if !forked() && lock(&SCOPE).is_some() {
        catch_up();
    }
}

/// Whoever has the table does the work of all that come meanwhile: unloading a library can run
/// code that comes here again on the same thread.
fn catch_up() {
    PENDING.store(true, SeqCst);
    while PENDING.load(SeqCst) {
        let mut table = match TABLE.try_lock() {
            Ok(table) => table,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        while PENDING.swap(false, SeqCst) {
            let scope = lock(&SCOPE).clone().unwrap_or_default();
            table.get_or_insert_with(Table::default).refresh(scope);
        }
    }
}

/// Whether the library at a path belongs to one of the modules or distributions of a scope; to an
/// empty scope everything belongs.
pub(crate) fn covers(scope: &[String], path: &str) -> bool {
    let scope: Vec<String> = scope.iter().map(|name| normalised(name)).collect();
    scope::covers(&scope, path)
}

/// How many libraries there are whose native blocks are seen.
pub(crate) fn watched() -> usize {
    lock(&TABLE).as_ref().map_or(0, |table| table.watched.len())
}

/// What is not seen of the libraries that are loaded now, as sentences.
pub(crate) fn notes() -> Vec<String> {
    if forked() {
        return Vec::new();
    }
    let table = lock(&TABLE);
    let mut notes: Vec<String> = table.iter().flat_map(|table| table.notes.values().flatten().cloned()).collect();
    notes.sort();
    notes.dedup();
    notes
}

impl Table {
    fn refresh(&mut self, scope: Vec<String>) {
        let (generation, more) = (generation(), (watching_inits(), watching_signals(), watching_calls()));
        if generation == self.generation && scope == self.scope && more == self.more {
            return;
        }
        let (all, hooks) = (libraries(), hooks());
        if more != self.more {
            self.more = more;
            self.reached.clear();
        }
        if generation.1 != self.generation.1 {
            // Another library may stand where one was unloaded: look at all of them again.
            self.reached.clear();
            originals::forget_unloaded(&hooks, &all);
        }
        (self.generation, self.scope) = (generation, scope);
        let meanings = originals::look_up(&hooks, &all);
        let places = hooks.iter().enumerate().map(|(place, hook)| (hook.name.to_bytes(), place)).collect();
        let mut plan = Plan { meanings, hooks: &hooks, libraries: &all, places };
        let live: Vec<Key> = all.iter().map(key).collect();
        self.reached.retain(|key, _| live.contains(key));
        self.watched.retain(|key| live.contains(key));
        self.notes.retain(|key, _| live.contains(key));
        for library in &all {
            self.redirect(library, &mut plan);
        }
    }

    fn redirect(&mut self, library: &Library, plan: &mut Plan<'_>) {
        let key = key(library);
        let mut reach = reach(library, &self.scope);
        if self.reached.get(&key) == Some(&reach) || reach == Reach::Untouched {
            return;
        }
        let asked = reach;
        let mut notes = Vec::new();
        if reach == Reach::Both
            && let Some(allocator) = self.allocator(&library.path)
        {
            reach = Reach::WithoutMaps;
            notes.push(format!("carries its own allocator ({allocator}): blocks it serves are not seen"));
        }
        if library.dynamic.is_none() {
            notes.push(fault(Fault::Missing));
        } else if let Some(image) = Pinned::new(library) {
            let mut outcome = plan.apply(library, &image, reach);
            if outcome.frees_unseen && matches!(reach, Reach::Both | Reach::WithoutMaps) {
                // A block that is taken in sight and given back out of sight would look like a leak.
                let names = outcome.variables.join(", ");
                notes.push(format!("keeps the address of {names} in variables: its native memory is not seen"));
                reach = Reach::GivingBack;
                outcome = plan.apply(library, &image, reach);
            }
            notes.extend(sentences(&outcome, reach));
        } else {
            return;
        }
        let name = file_name(&library.path);
        self.notes.insert(key.clone(), notes.iter().map(|note| format!("{name} {note}")).collect());
        self.watched.retain(|watched| *watched != key);
        if matches!(reach, Reach::Both | Reach::WithoutMaps) {
            self.watched.push(key.clone());
        }
        self.reached.insert(key, asked);
    }

    fn allocator(&mut self, path: &str) -> Option<&'static str> {
        *self.allocators.entry(path.to_owned()).or_insert_with(|| static_allocator::of(path))
    }
}

fn key(library: &Library) -> Key {
    (library.base, library.dynamic.as_ref().map_or(0, |table| table.start), library.path.clone())
}

fn fault(fault: Fault) -> String {
    match fault {
        Fault::Missing => "has no dynamic table: its native memory is not seen".to_owned(),
        Fault::Damaged => "has a damaged dynamic table: its native memory is not seen".to_owned(),
    }
}

fn sentences(outcome: &Outcome, reach: Reach) -> Vec<String> {
    let mut notes: Vec<String> = outcome.fault.into_iter().map(fault).collect();
    if outcome.refused {
        notes.push("has an import table that cannot be written: its native memory is not seen".to_owned());
    }
    if matches!(reach, Reach::Both | Reach::WithoutMaps) {
        if !outcome.foreign.is_empty() {
            let names = outcome.foreign.join(", ");
            notes.push(format!("does not use the process's {names}: what these serve is not seen"));
        }
        if !outcome.variables.is_empty() {
            let names = outcome.variables.join(", ");
            notes.push(format!("keeps the address of {names} in variables: calls through these are not seen"));
        }
    }
    notes
}
