//! Counts calls of `m_free`: the definition gets a function that counts and goes on to its own.
//!
//! Before 3.15 `module_dealloc` reads `m_free` of the definition; 3.15 copies it when the module is
//! made (`Objects/moduleobject.c`). So it is replaced before that. A module that is made from the
//! backup copy has no definition, and its death is not counted: CPython calls no `m_free` for it.

use core::ffi::c_void;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use pyo3::ffi;

use super::definition::Definition;
use super::slots::Kind;

/// What a definition had, and how often it was called.
#[derive(Clone, Copy)]
struct Counted {
    own: Option<ffi::freefunc>,
    calls: u64,
}

/// By address of the definition.
static COUNTED: LazyLock<Mutex<HashMap<u64, Counted>>> = LazyLock::new(Mutex::default);

fn with<T>(look: impl FnOnce(&mut HashMap<u64, Counted>) -> T) -> T {
    look(&mut COUNTED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Counts the `m_free` calls of a definition from now on.
///
/// A definition without `m_free` gets only the counter, unless it makes its module itself: CPython
/// asks then whether there is an `m_free` (`PyModule_FromDefAndSpec2`: "requests module state").
pub(super) fn count(definition: Definition) {
    let own = definition.free();
    if own.is_some_and(is_ours) {
        return;
    }
    if own.is_none() && definition.slots().iter().any(|slot| slot.kind == Kind::Create) {
        return;
    }
    with(|counted| counted.entry(definition.address()).or_insert(Counted { own, calls: 0 }).own = own);
    definition.set_free(free);
}

/// How often `m_free` of a definition was called; `None` when that is not counted.
pub(super) fn calls(definition: u64) -> Option<u64> {
    with(|counted| counted.get(&definition).map(|counted| counted.calls))
}

/// The definition's own `m_free`.
pub(super) fn own(definition: Definition) -> Option<ffi::freefunc> {
    match definition.free() {
        Some(free) if is_ours(free) => with(|counted| counted.get(&definition.address()).and_then(|it| it.own)),
        other => other,
    }
}

fn is_ours(function: ffi::freefunc) -> bool {
    core::ptr::fn_addr_eq(function, free as ffi::freefunc)
}

/// Stands in for `m_free`.
///
/// # Safety
/// Called by CPython with a module that dies.
unsafe extern "C" fn free(module: *mut c_void) {
    // SAFETY: a module object, of which only a field is read; its definition is still there.
    let definition = unsafe { ffi::PyModule_GetDef(module.cast()) } as u64;
    let own = with(|counted| {
        let counted = counted.get_mut(&definition)?;
        counted.calls += 1;
        counted.own
    });
    if let Some(own) = own {
        // SAFETY: the function that CPython would have called, with its argument.
        unsafe { own(module) };
    }
}
