//! What only tests of refaudit call: watching the counts of given objects, and the table of effects.

use pyo3::prelude::*;

use crate::audit;
use crate::event::{RefEvent, Serial};
use crate::heap::effects;
use crate::sys::{self, watch};

/// An event: object, count before and after, thread, mechanism, and frames as (function, file, line), innermost first.
type Event = (u64, i64, i64, u32, String, Vec<(String, String, u32)>);

/// Test support: begins to watch the counts of objects; `route` is `perf`, `registers`, or empty for any.
#[pyfunction(name = "_watch_counts")]
#[pyo3(signature = (objects, route = ""))]
pub(super) fn watch_counts(objects: Vec<Bound<'_, PyAny>>, route: &str) {
    use watch::breakpoint::Route;
    let routes: &[Route] = match route {
        "perf" => &[Route::Perf],
        "registers" => &[Route::Registers],
        _ => &[Route::Perf, Route::Registers],
    };
    let addresses: Vec<u64> = objects.iter().map(|object| object.as_ptr() as u64).collect();
    // The caller holds them still; this gives back what was taken for the list.
    drop(objects);
    sys::watch_libraries(&[]);
    watch::breakpoint::begin(&addresses, routes);
}

/// Test support: what extensions in scope did to the references of objects, through functions that they import; the
/// effects of calls among it.
#[pyfunction(name = "_imported_counts")]
pub(super) fn imported_counts(addresses: Vec<u64>) -> Vec<Event> {
    let objects: Vec<_> = addresses.into_iter().map(|address| (address, Serial::UNKNOWN)).collect();
    watch::imported(&objects).into_iter().map(told).collect()
}

/// Test support: records the effects of calls from now on, or no longer.
#[pyfunction(name = "_watch_calls")]
pub(super) fn watch_calls(watch: bool) {
    watch::watch_calls(watch);
}

/// Test support: the functions whose calls can be seen.
#[pyfunction(name = "_called_functions")]
pub(super) fn called_functions() -> Vec<String> {
    watch::called_functions()
}

/// Test support: operations that found no room in that record.
#[pyfunction(name = "_imported_dropped")]
pub(super) fn imported_dropped() -> u64 {
    watch::dropped_imported()
}

/// Test support: ends it; what was seen, and what could not be watched.
#[pyfunction(name = "_watched_counts")]
pub(super) fn watched_counts() -> (Vec<Event>, Vec<String>) {
    let (events, notes) = watch::breakpoint::end();
    (events.into_iter().map(told).collect(), notes)
}

fn told(event: RefEvent) -> Event {
    let frames = audit::frames_of(event.stack, &[]);
    let frames = frames.into_iter().map(|frame| (frame.function, frame.file, frame.line)).collect();
    let mechanism = serde_json::to_value(event.mechanism).ok();
    let mechanism = mechanism.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    (event.object, event.before, event.after, event.thread, mechanism, frames)
}

/// Test support: what the table says of a function of the C API: result, and each argument; None when it says nothing.
#[pyfunction(name = "_effect")]
pub(super) fn effect(name: &str) -> Option<(String, Vec<String>)> {
    let effect = effects::effect(name)?;
    let words = effect.arguments.iter().map(|passed| format!("{passed:?}").to_lowercase());
    Some((format!("{:?}", effect.result).to_lowercase(), words.collect()))
}

/// Test support: the names of the table of effects.
#[pyfunction(name = "_effect_names")]
pub(super) fn effect_names() -> Vec<&'static str> {
    effects::names().collect()
}
