//! References held by threads: their state and the frames they execute.
//!
//! A thread is a root of the model heap with edges like any other node. Frames of generators are
//! left out: the generator reports them even while it runs.

use pyo3::ffi;

use super::compat::{THREAD_FIELDS, thread};
use super::object::read;
use crate::heap::Builder;

/// Addresses of the thread states of the current interpreter.
pub(in crate::sys) fn threads() -> Vec<u64> {
    let mut found = Vec::new();
    // SAFETY: the GIL is held, so the list of threads stands still.
    let mut state = unsafe { ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get()) };
    while !state.is_null() {
        found.push(state as u64);
        // SAFETY: as above; `state` is a member of the list.
        state = unsafe { ffi::PyThreadState_Next(state) };
    }
    found
}

/// Adds every reference that a thread holds, as edges of the node being expanded.
pub(in crate::sys) fn references(state: u64, heap: &mut Builder) {
    for &offset in THREAD_FIELDS {
        // SAFETY: a pointer field of a live thread state.
        let target: u64 = unsafe { read(state, offset) };
        if target != 0 {
            heap.edge_to(target);
        }
    }
    executing(state, heap);
}

/// The innermost frame of a thread; 0 when it runs no Python.
#[cfg(not(Py_3_11))]
#[inline(always)]
pub(in crate::sys) fn innermost(state: u64) -> u64 {
    // SAFETY: the innermost frame of a live thread state, or null.
    unsafe { read(state, thread::FRAME) }
}

#[cfg(not(Py_3_11))]
fn executing(state: u64, heap: &mut Builder) {
    use super::compat::frame_object;
    let mut frame = innermost(state);
    while frame != 0 {
        // The C function that executes a frame owns a reference to it, a generator keeps its own.
        // SAFETY: a field of a live frame.
        if unsafe { read::<u64>(frame, frame_object::F_GEN) } == 0 {
            heap.edge_to(frame);
        }
        // SAFETY: as above.
        frame = unsafe { read(frame, frame_object::F_BACK) };
    }
}

#[cfg(Py_3_11)]
fn executing(state: u64, heap: &mut Builder) {
    use super::compat::frame;
    /// `FRAME_OWNED_BY_THREAD`; the others are generators', frame objects' or no Python frames.
    const THREAD_OWNED: u8 = 0;

    let mut current = innermost(state);
    while current != 0 {
        // SAFETY: fields of a live interpreter frame, here and below.
        if unsafe { read::<u8>(current, frame::OWNER) } == THREAD_OWNED {
            frame_references(current, heap);
        }
        // SAFETY: as above.
        current = unsafe { read(current, frame::PREVIOUS) };
    }
}

#[cfg(Py_3_13)]
#[inline(always)]
pub(in crate::sys) fn innermost(state: u64) -> u64 {
    // SAFETY: a field of a live thread state.
    unsafe { read(state, thread::CURRENT_FRAME) }
}
#[cfg(all(Py_3_11, not(Py_3_13)))]
#[inline(always)]
pub(in crate::sys) fn innermost(state: u64) -> u64 {
    use super::compat::cframe;
    // SAFETY: every live thread state points to a live `_PyCFrame`.
    unsafe { read(read(state, thread::CFRAME), cframe::CURRENT_FRAME) }
}

/// What of a frame a stack is made of: its code object (with a tag in the low bits from 3.14 on, and
/// no code object at all in a frame of C code), its instruction, and the frame that called it.
pub(in crate::sys) mod fields {
    use super::read;
    #[cfg(Py_3_11)]
    use crate::sys::cpython::compat::frame::PREVIOUS;
    #[cfg(all(Py_3_11, not(Py_3_13)))]
    use crate::sys::cpython::compat::frame::{F_CODE, PREV_INSTR as INSTRUCTION};
    #[cfg(Py_3_13)]
    use crate::sys::cpython::compat::frame::{F_EXECUTABLE as F_CODE, INSTR_PTR as INSTRUCTION};
    #[cfg(not(Py_3_11))]
    use crate::sys::cpython::compat::frame_object::{F_BACK as PREVIOUS, F_CODE, F_LASTI};

    /// Whether a frame is Python's: C code that calls Python has one too, to be returned to.
    pub(in crate::sys) fn is_python(frame: u64) -> bool {
        /// `FRAME_OWNED_BY_CSTACK` of 3.12, and from 3.14 on also `FRAME_OWNED_BY_INTERPRETER`.
        #[cfg(Py_3_12)]
        const OF_C: u8 = 3;
        #[cfg(Py_3_12)]
        // SAFETY: a field of a live frame, here and below.
        return unsafe { read::<u8>(frame, crate::sys::cpython::compat::frame::OWNER) } < OF_C;
        #[cfg(not(Py_3_12))]
        return frame != 0;
    }

    /// Whether C code called the interpreter's loop for a frame: frames further out belong to another call of the loop.
    /// From 3.12 on C code has a frame of its own there.
    pub(in crate::sys) fn begins_loop(frame: u64) -> bool {
        #[cfg(all(Py_3_11, not(Py_3_12)))]
        // SAFETY: a field of a live frame, here and below.
        return unsafe { read::<u8>(frame, crate::sys::cpython::compat::frame::IS_ENTRY) } != 0;
        #[cfg(not(all(Py_3_11, not(Py_3_12))))]
        return cfg!(not(Py_3_11)) || !is_python(frame);
    }

    #[inline(always)]
    pub(in crate::sys) fn code(frame: u64) -> u64 {
        // SAFETY: a field of a live frame, here and below.
        unsafe { read(frame, F_CODE) }
    }

    /// Address of the instruction; before 3.11 its number in two-byte units.
    #[inline(always)]
    pub(in crate::sys) fn instruction(frame: u64) -> u64 {
        #[cfg(Py_3_11)]
        // SAFETY: as above.
        return unsafe { read(frame, INSTRUCTION) };
        #[cfg(not(Py_3_11))]
        // SAFETY: as above.
        return u64::from(unsafe { read::<u32>(frame, F_LASTI) });
    }

    /// A word that is another one for another instruction or another code object: from 3.11 on the
    /// instruction's address, which is inside the code object.
    #[inline(always)]
    pub(in crate::sys) fn place(frame: u64) -> u64 {
        if cfg!(Py_3_11) { instruction(frame) } else { code(frame) ^ instruction(frame) << 48 }
    }

    #[inline(always)]
    pub(in crate::sys) fn previous(frame: u64) -> u64 {
        // SAFETY: as above.
        unsafe { read(frame, PREVIOUS) }
    }
}

#[cfg(Py_3_11)]
fn frame_references(current: u64, heap: &mut Builder) {
    use super::compat::frame;
    #[cfg(not(Py_3_13))]
    const CODE: usize = frame::F_CODE;
    #[cfg(Py_3_13)]
    const CODE: usize = frame::F_EXECUTABLE;
    #[cfg(not(Py_3_12))]
    const FUNCTION: usize = frame::F_FUNC;
    #[cfg(Py_3_12)]
    const FUNCTION: usize = frame::F_FUNCOBJ;

    let mut stack_reference = |offset: usize| {
        // SAFETY: a slot of a live frame.
        let word: u64 = unsafe { read(current, offset) };
        if is_strong(word) {
            heap.edge_to(word);
        }
    };
    stack_reference(CODE);
    stack_reference(FUNCTION);
    for number in 0..local_count(current, CODE) {
        stack_reference(frame::LOCALSPLUS + number * 8);
    }
    for offset in [frame::F_LOCALS, frame::FRAME_OBJ] {
        // SAFETY: as above; these two are plain pointers in every version.
        let target: u64 = unsafe { read(current, offset) };
        if target != 0 {
            heap.edge_to(target);
        }
    }
}

/// From 3.14 on slots are tagged, and a tagged one is borrowed or no object at all.
#[cfg(Py_3_11)]
fn is_strong(word: u64) -> bool {
    word != 0 && (cfg!(not(Py_3_14)) || word & 3 == 0)
}

/// How many slots of a live frame are in use.
#[cfg(Py_3_11)]
pub(super) fn used_slots(current: u64) -> usize {
    use super::compat::frame;
    #[cfg(not(Py_3_13))]
    const CODE: usize = frame::F_CODE;
    #[cfg(Py_3_13)]
    const CODE: usize = frame::F_EXECUTABLE;
    local_count(current, CODE)
}

/// How many slots of a frame are in use: locals, cells and, where it is known, the value stack.
#[cfg(Py_3_11)]
fn local_count(current: u64, code_offset: usize) -> usize {
    use super::compat::{code, frame};
    // SAFETY: fields of a live frame and of its live code object, tag bits masked.
    let locals = unsafe {
        let executable = read::<u64>(current, code_offset) & !3;
        read::<i32>(executable, code::CO_NLOCALSPLUS)
    };
    #[cfg(not(Py_3_14))]
    // SAFETY: as above. -1 while the depth is in a register of the running loop.
    let used = unsafe { read::<i32>(current, frame::STACKTOP) };
    #[cfg(Py_3_14)]
    // SAFETY: as above. Null while the pointer is in a register of the running loop.
    let used = match unsafe { read::<u64>(current, frame::STACKPOINTER) } {
        0 => -1,
        top => ((top - current - frame::LOCALSPLUS as u64) / 8) as i32,
    };
    used.max(locals).max(0) as usize
}
