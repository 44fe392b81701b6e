//! What stands in for each function: a few instructions that read the return address, the log, and the function.
//!
//! The function is jumped to with its argument as it came, so that it returns to the extension itself.

use core::arch::naked_asm;
use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::AtomicPtr;

use super::log::{note_death, note_decrement, note_increment};

/// Address of a function that is stood in for; null until [`crate::sys::imports`] has found it. No slot leads to a
/// wrapper before.
pub(super) struct Original {
    pub(super) address: AtomicPtr<()>,
}

impl Original {
    const fn new() -> Self {
        Self { address: AtomicPtr::new(ptr::null_mut()) }
    }
}

macro_rules! wrappers {
    ($($(#[$doc:meta])* $wrapper:ident $original:ident $note:ident;)*) => { $(
        pub(super) static $original: Original = Original::new();

        $(#[$doc])*
        ///
        /// One word is pushed, and one more to align the stack as a call wants it.
        #[unsafe(naked)]
        pub(super) extern "C-unwind" fn $wrapper(_: *mut c_void) -> *mut c_void {
            naked_asm!(
                ".cfi_startproc",
                "mov rsi, [rsp]",
                "push rdi",
                ".cfi_adjust_cfa_offset 8",
                "call {note}",
                "pop rdi",
                ".cfi_adjust_cfa_offset -8",
                "jmp [rip + {original}]",
                ".cfi_endproc",
                note = sym $note,
                original = sym $original,
            )
        }
    )* };
}

wrappers! {
    /// `Py_IncRef`
    inc_ref INC_REF note_increment;
    /// `_Py_IncRef`
    inner_inc_ref INNER_INC_REF note_increment;
    /// `Py_NewRef`
    new_ref NEW_REF note_increment;
    /// `Py_XNewRef`
    x_new_ref X_NEW_REF note_increment;
    /// `Py_DecRef`
    dec_ref DEC_REF note_decrement;
    /// `_Py_DecRef`
    inner_dec_ref INNER_DEC_REF note_decrement;
    /// `_Py_Dealloc`
    dealloc DEALLOC note_death;
}
