//! The unsafe room: everything that touches a pointer of the audited interpreter.
//!
//! An object pointer is valid only under the GIL and only until Python code runs; what leaves this
//! room is a number or a string.
#![allow(unsafe_code)]

mod arenas;
mod canary;
mod capture;
mod check;
mod check_stacks;
mod collectable;
mod collector;
mod cpython;
mod describe;
mod dynamic_symbol;
mod files;
mod holders;
mod hook;
pub(crate) mod imports;
mod layers;
mod libraries;
mod modules;
mod pages;
mod probe;
mod roots;
mod segments;
mod settle;
mod stack;
mod stale;
mod thread_stacks;
mod types;
pub(crate) mod watch;

pub(crate) use arenas::watch_arenas;
pub(crate) use canary::{Canary, leak_block, leak_reference, over_release};
pub(crate) use capture::{BEFORE_ANY_RUN, Capture, Landmarks, adopt_stray, capture, capture_within, summarise};
pub(crate) use check::check_layouts;
pub(crate) use check_stacks::check_stacks;
pub(crate) use collectable::{collectable, key_tables, type_address};
pub(crate) use collector::{Author, Authors, Facts, birth, facts, generations, is_finalized, type_of, weak_references};
pub(crate) use cpython::{LINE_FORMAT, NEWEST_MINOR, OLDEST_MINOR, layouts};
pub(crate) use describe::{Describer, is_own};
pub(crate) use files::MappedFiles;
pub(crate) use holders::{Interpreter, live_block, pointers};
pub(crate) use hook::{Awake, HookState, dropped, install, reinstall, stamp, stamped, state};
#[cfg(Py_3_13)]
pub(crate) use hook::{install_tracer, remove_tracer, tracer_is_active, tracer_is_foreign};
pub(crate) use imports as native;
pub(crate) use imports::covers;
pub(crate) use layers::{Memory, memory, memory_to_spare};
pub(crate) use libraries::{is_own_file, library};
pub(crate) use modules::{
    ImportCaches, facts as module_facts, forget_import, identify, import_caches, inits, is_alive, module_def,
    watch_inits,
};
pub(crate) use roots::{
    Known, REFERENCES_TO_A_COPY, StaticWord, definition_name, is_in_atexit_callback, is_own_static, known,
    nameless_registry, static_word,
};
pub(crate) use settle::{QUICK, THOROUGH, settle};
pub(crate) use stack::{
    RawFrame, agrees as unwinding_agrees, code, dropped as dropped_stacks, frames, limit as limit_stacks,
    limit_table as limit_stack_table, may_be_stale, time as time_unwinding, why_no_native,
};
pub(crate) use stale::StaleWords;
pub(crate) use thread_stacks::{calls_below, thread_name};
pub(crate) use types::{
    body_words, can_look, counts, deallocator, hold, instances, known_object, owned, parked, type_facts, visits,
};

/// Sees to it that native memory and stacks are recorded for all that is loaded now. Not for hooks.
pub(crate) fn watch_libraries(scope: &[String]) {
    native::sync(scope);
    stack::refresh();
}
