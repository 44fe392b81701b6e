//! Which function has which slot: all of the table of effects that return a reference or take the caller's, and whose
//! arguments are all in registers.

use core::ffi::CStr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use std::ffi::CString;
use std::sync::LazyLock;

use super::notes::{PASSED, TAKEN_OVER, packed, places};
use super::trampolines::{
    ARGUMENTS, OF_ARGUMENTS, OF_RESULTS, OF_STEALING, RESULTS, STEALING, of_arguments, of_result, of_stealing,
};
use crate::heap::effects::{Passed, Returned, effect, names};
use crate::sys::hook::native::{Hook, Kind};

/// Any number of arguments, or more than there are registers: what stands on the stack would have to be copied, and
/// how much that is nobody says.
const ON_THE_STACK: [&str; 16] = [
    "PyBytes_FromFormat",
    "PyCode_New",
    "PyCode_NewWithPosOnlyArgs",
    "PyEval_EvalCodeEx",
    "PyFile_FromFd",
    "PyObject_CallFunction",
    "PyObject_CallFunctionObjArgs",
    "PyObject_CallMethod",
    "PyObject_CallMethodObjArgs",
    "PyRun_FileExFlags",
    "PyTuple_Pack",
    "PyUnicode_FromFormat",
    "Py_BuildValue",
    "_PyObject_CallFunction_SizeT",
    "_PyObject_CallMethod_SizeT",
    "_Py_BuildValue_SizeT",
];
/// Extensions put the addresses of these into types, where the interpreter compares them with its own.
const VALUES: [&str; 8] = [
    "PyCFunction_Call",
    "PyEval_EvalFrameEx",
    "PyObject_GenericGetAttr",
    "PyObject_GenericGetDict",
    "PyObject_SelfIter",
    "PyType_GenericAlloc",
    "PyType_GenericNew",
    "PyVectorcall_Call",
];
/// Hooked for another purpose: counting itself, and the definitions of modules.
const ELSEWHERE: [&str; 9] = [
    "PyModuleDef_Init",
    "PyModule_Create2",
    "PyModule_FromDefAndSpec2",
    "PyModule_FromSlotsAndSpec",
    "Py_DecRef",
    "Py_NewRef",
    "Py_XNewRef",
    "_Py_DecRef",
    "_Py_Dealloc",
];
/// What the table calls borrowed or stolen is no reference of the caller's here: an object under construction, or one
/// that the thread holds from one call to another.
const NOT_THE_CALLERS: [&str; 5] =
    ["PyContext_Exit", "PyObject_GC_Resize", "PyObject_Init", "PyObject_InitVar", "Py_ReprLeave"];

/// A function with a slot.
pub(super) struct Slot {
    pub(super) name: &'static CStr,
    /// Its number: first those of which the result matters, then from [`RESULTS`] on those of which arguments do, and
    /// from [`ARGUMENTS`] further on those that only take over arguments.
    pub(super) number: usize,
    /// It returns what somebody else owns.
    pub(super) borrowed: bool,
}

static SLOTS: LazyLock<Vec<Slot>> = LazyLock::new(|| {
    let (mut results, mut arguments, mut stealing) = (0, 0, 0);
    let mut slots = Vec::new();
    let left_alone = |name: &&str| [&ON_THE_STACK[..], &VALUES, &ELSEWHERE, &NOT_THE_CALLERS].concat().contains(name);
    for name in names().filter(|name| !left_alone(name)) {
        let (Some(effect), Ok(text)) = (effect(name), CString::new(name)) else { continue };
        let moves = |passed: &Passed| !matches!(passed, Passed::Kept | Passed::FilledBorrowed | Passed::Untouched);
        let taken_over = places(&effect.arguments);
        let number = match (effect.arguments.iter().any(moves), effect.result) {
            (true, Returned::Nothing) if taken_over != 0 && stealing < STEALING => {
                TAKEN_OVER[stealing].store(taken_over, Relaxed);
                stealing += 1;
                RESULTS + ARGUMENTS + stealing - 1
            }
            (true, Returned::Nothing) if arguments < ARGUMENTS => {
                PASSED[arguments].store(packed(&effect.arguments), Relaxed);
                arguments += 1;
                RESULTS + arguments - 1
            }
            (false, Returned::New | Returned::Borrowed) if results < RESULTS => {
                results += 1;
                results - 1
            }
            _ => continue,
        };
        // As long-lived as the code that refers to it.
        let name = Box::leak(text.into_boxed_c_str());
        slots.push(Slot { name, number, borrowed: effect.result == Returned::Borrowed });
    }
    slots.sort_by_key(|slot| slot.number);
    slots
});

/// Where a slot's import leads to, and where its function is kept.
fn ends(number: usize) -> (usize, &'static AtomicPtr<()>) {
    const BOTH: usize = RESULTS + ARGUMENTS;
    match number {
        BOTH.. => (of_stealing(number - BOTH), &OF_STEALING[number - BOTH]),
        RESULTS.. => (of_arguments(number - RESULTS), &OF_ARGUMENTS[number - RESULTS]),
        _ => (of_result(number), &OF_RESULTS[number]),
    }
}

/// The hooks, for import tables.
pub(super) fn hooks() -> Vec<Hook> {
    let hook = |slot: &Slot| {
        let (both, original) = ends(slot.number);
        Hook { name: slot.name, kind: Kind::Reference, both: Some(both), giving_back: None, original }
    };
    SLOTS.iter().map(hook).collect()
}

/// The functions with a slot.
pub(super) fn all() -> impl Iterator<Item = &'static Slot> {
    SLOTS.iter()
}

/// The function of a slot: where it is, and whether what it returns is borrowed.
pub(in crate::sys) fn function(number: usize) -> Option<(u64, bool)> {
    let place = SLOTS.binary_search_by_key(&number, |slot| slot.number).ok()?;
    Some((ends(number).1.load(Relaxed) as u64, SLOTS[place].borrowed))
}
