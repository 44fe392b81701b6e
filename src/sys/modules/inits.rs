//! Which init functions ran: who called which function of CPython with which definition.

use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::ffi;

use super::definition::Definition;
use super::frees;
use super::slots::{Kind, slots_at};

/// Whether import tables lead to the hooks.
static WATCHING: AtomicBool = AtomicBool::new(false);
static INITS: Mutex<Vec<Init>> = Mutex::new(Vec::new());

/// One definition that a library handed to CPython.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Init {
    /// Path of the library whose definition it is; empty when it is not known.
    pub(crate) library: String,
    /// Name of the function that it called.
    pub(crate) api: &'static str,
    /// Address of the definition; for `PyModule_FromSlotsAndSpec` of the slots.
    pub(crate) def: u64,
    /// `m_name`
    pub(crate) name: String,
    /// `m_size`
    pub(crate) m_size: i64,
    /// How often.
    pub(crate) calls: u64,
    /// How often `m_free` was called for its modules; `None` when that is not counted.
    pub(crate) frees: Option<u64>,
}

/// A function of CPython that init functions call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sys) enum Api {
    DefInit,
    Create,
    FromDef,
    FromSlots,
}

impl Api {
    /// CPython's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DefInit => "PyModuleDef_Init",
            Self::Create => "PyModule_Create2",
            Self::FromDef => "PyModule_FromDefAndSpec2",
            Self::FromSlots => "PyModule_FromSlotsAndSpec",
        }
    }
}

/// Records the init calls of all extensions from now on. Idempotent; there is no way back.
pub(crate) fn watch() {
    WATCHING.store(true, Relaxed);
    crate::sys::imports::sync_calls();
}

/// Whether they are recorded.
pub(in crate::sys) fn watching() -> bool {
    WATCHING.load(Relaxed)
}

fn lock() -> MutexGuard<'static, Vec<Init>> {
    INITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was recorded so far, in the order of first calls.
pub(crate) fn inits() -> Vec<Init> {
    let inits = lock().clone();
    let with_frees = |init: Init| Init { frees: frees::calls(init.def), ..init };
    inits.into_iter().map(with_frees).collect()
}

/// For the hooks: a library makes a call. The GIL is held, and no Python code runs.
///
/// # Safety
/// `argument` is what the function expects: null, a definition, or slots.
pub(in crate::sys) unsafe fn record(api: Api, argument: *mut c_void, caller: *const c_void) {
    if argument.is_null() {
        return;
    }
    let (name, m_size) = match api {
        // SAFETY: slots, by the caller's promise.
        Api::FromSlots => unsafe { described_by_slots(argument as u64) },
        _ => {
            // SAFETY: a definition, by the caller's promise.
            let Some(definition) = (unsafe { Definition::new(argument.cast::<ffi::PyModuleDef>()) }) else { return };
            frees::count(definition);
            (definition.name(), definition.size())
        }
    };
    let (api, def, library) = (api.name(), argument as u64, library_of(argument, caller));
    let mut inits = lock();
    match inits.iter_mut().find(|init| init.def == def && init.api == api && init.library == library) {
        Some(init) => (init.calls, init.name, init.m_size) = (init.calls + 1, name, m_size),
        None => inits.push(Init { library, api, def, name, m_size, calls: 1, frees: None }),
    }
}

/// # Safety
/// `array` is the address of an array of slots.
unsafe fn described_by_slots(array: u64) -> (String, i64) {
    // SAFETY: the caller's promise.
    let slots = unsafe { slots_at(array) };
    let value = |kind| slots.iter().find(|slot| slot.kind == kind).map(|slot| slot.value);
    let name = value(Kind::Name).filter(|name| *name != 0).map(|name| {
        // SAFETY: the value of this slot is a NUL-terminated text.
        unsafe { CStr::from_ptr(name as *const _) }.to_string_lossy().into_owned()
    });
    (name.unwrap_or_default(), value(Kind::StateSize).map_or(0, |size| size as i64))
}

/// Path of the library whose definition it is: the one that it stands in, for the call may come from a
/// framework's library, and seems to come from the interpreter when it is the last thing that the init
/// function does. A definition on the heap is the caller's.
fn library_of(definition: *const c_void, caller: *const c_void) -> String {
    let interpreter = loaded_at(ffi::PyMem_Malloc as *const c_void).map(|(base, _)| base);
    let mut found = [definition, caller].into_iter().filter_map(loaded_at);
    found.find(|(base, _)| Some(*base) != interpreter).map(|(_, path)| path).unwrap_or_default()
}

/// Load address and path of the library that an address is in.
fn loaded_at(address: *const c_void) -> Option<(u64, String)> {
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: fills the struct when it returns non-zero; the path is the loader's own.
    unsafe {
        if libc::dladdr(address, info.as_mut_ptr()) == 0 {
            return None;
        }
        let info = info.assume_init();
        Some((info.dli_fbase as u64, CStr::from_ptr(info.dli_fname).to_string_lossy().into_owned()))
    }
}
