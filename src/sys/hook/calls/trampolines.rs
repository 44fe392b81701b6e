//! What stands in for a function of the C API whose effect on references is to be seen: a few instructions for each
//! slot, and two ways to call the function.
//!
//! The function is called with every register as it came, and from a frame without destructors that is described to
//! unwinders: C++ exceptions and `longjmp` leave through it, and threads, recursion and forks need nothing of it. What
//! has arguments on the stack cannot be called so, and is left alone. While nothing is recorded the function is jumped to.

use core::arch::naked_asm;
use core::sync::atomic::{AtomicBool, AtomicPtr};

use super::notes::{note_after, note_before, note_result, note_stolen};

/// Functions of which the result matters; of which arguments do; which take over arguments in any case, and no more.
pub(super) const RESULTS: usize = 512;
pub(super) const ARGUMENTS: usize = 64;
pub(super) const STEALING: usize = 32;
/// Bytes of code for each slot.
const STRIDE: usize = 16;

pub(super) type Originals<const COUNT: usize> = [AtomicPtr<()>; COUNT];

/// The functions themselves; null until [`crate::sys::imports`] has found them. No import leads to a slot before.
pub(super) static OF_RESULTS: Originals<RESULTS> = [const { AtomicPtr::new(core::ptr::null_mut()) }; RESULTS];
pub(super) static OF_ARGUMENTS: Originals<ARGUMENTS> = [const { AtomicPtr::new(core::ptr::null_mut()) }; ARGUMENTS];
pub(super) static OF_STEALING: Originals<STEALING> = [const { AtomicPtr::new(core::ptr::null_mut()) }; STEALING];

/// Whether calls are recorded.
pub(super) static AWAKE: AtomicBool = AtomicBool::new(false);

/// What [`through_arguments`] keeps on the stack during a call.
#[repr(C)]
pub(super) struct Call {
    /// What the registers for arguments held.
    pub(super) arguments: [u64; 6],
    pub(super) slot: u64,
    pub(super) result: u64,
    /// What the first arguments pointed to before the call, where that matters.
    pub(super) before: [u64; 4],
}

/// Where an import of a slot's function leads to.
pub(super) fn of_result(slot: usize) -> usize {
    result_slots as *const () as usize + slot * STRIDE
}

/// The same for a function of which arguments matter.
pub(super) fn of_arguments(slot: usize) -> usize {
    argument_slots as *const () as usize + slot * STRIDE
}

/// The same for a function that takes over arguments, whatever comes of the call.
pub(super) fn of_stealing(slot: usize) -> usize {
    stealing_slots as *const () as usize + slot * STRIDE
}

/// What [`through_stealing`] has pushed: the slot, and what the registers for arguments held, the last one first.
#[repr(C)]
pub(super) struct Pushed {
    pub(super) slot: u64,
    pub(super) arguments: [u64; 6],
}

/// Whether a return address is one of ours: such frames are no part of the audited program's stacks.
#[inline(always)]
pub(in crate::sys) fn is_ours(address: u64) -> bool {
    let within = |function: usize| (0..PADDED).contains(&address.wrapping_sub(function as u64));
    within(through_result as *const () as usize) || within(through_arguments as *const () as usize)
}

/// The code that a call goes through has fewer bytes than this, and so many bytes of no code behind it.
const PADDED: u64 = 256;

/// The slots: each passes its own address on, 16 bytes apart.
#[unsafe(naked)]
extern "C-unwind" fn result_slots() {
    naked_asm!(
        ".cfi_startproc",
        ".rept {count}",
        "lea r11, [rip]",
        // A jump that no assembler makes shorter.
        ".byte 0xe9",
        ".long {through} - . - 4",
        ".byte 0x0f, 0x1f, 0x40, 0x00",
        ".endr",
        ".cfi_endproc",
        count = const RESULTS,
        through = sym through_result,
    )
}

#[unsafe(naked)]
extern "C-unwind" fn argument_slots() {
    naked_asm!(
        ".cfi_startproc",
        ".rept {count}",
        "lea r11, [rip]",
        ".byte 0xe9",
        ".long {through} - . - 4",
        ".byte 0x0f, 0x1f, 0x40, 0x00",
        ".endr",
        ".cfi_endproc",
        count = const ARGUMENTS,
        through = sym through_arguments,
    )
}

#[unsafe(naked)]
extern "C-unwind" fn stealing_slots() {
    naked_asm!(
        ".cfi_startproc",
        ".rept {count}",
        "lea r11, [rip]",
        ".byte 0xe9",
        ".long {through} - . - 4",
        ".byte 0x0f, 0x1f, 0x40, 0x00",
        ".endr",
        ".cfi_endproc",
        count = const STEALING,
        through = sym through_stealing,
    )
}

/// Calls the function of a slot, and notes what it returns unless it is null.
#[unsafe(naked)]
extern "C-unwind" fn through_result() {
    naked_asm!(
        ".cfi_startproc",
        "lea r10, [rip + {slots}]",
        "sub r11, r10",
        "shr r11, 4",
        "lea r10, [rip + {originals}]",
        "cmp byte ptr [rip + {awake}], 0",
        "je 3f",
        "push r11",
        ".cfi_adjust_cfa_offset 8",
        "call [r10 + r11 * 8]",
        "test rax, rax",
        "je 2f",
        "mov rdi, rax",
        "mov rsi, [rsp + 8]",
        "mov rdx, [rsp]",
        "mov [rsp], rax",
        "call {note}",
        "pop rax",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_adjust_cfa_offset 8",
        "2:",
        "pop r11",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        "3:",
        "jmp [r10 + r11 * 8]",
        ".skip {padded}, 0xcc",
        ".cfi_endproc",
        slots = sym result_slots,
        originals = sym OF_RESULTS,
        awake = sym AWAKE,
        note = sym note_result,
        padded = const PADDED,
    )
}

/// Calls the function of a slot, and notes before and after it what becomes of its arguments: a [`Call`] on the stack.
#[unsafe(naked)]
extern "C-unwind" fn through_arguments() {
    naked_asm!(
        ".cfi_startproc",
        "lea r10, [rip + {slots}]",
        "sub r11, r10",
        "shr r11, 4",
        "lea r10, [rip + {originals}]",
        "cmp byte ptr [rip + {awake}], 0",
        "je 3f",
        "sub rsp, 104",
        ".cfi_adjust_cfa_offset 104",
        "mov [rsp], rdi",
        "mov [rsp + 8], rsi",
        "mov [rsp + 16], rdx",
        "mov [rsp + 24], rcx",
        "mov [rsp + 32], r8",
        "mov [rsp + 40], r9",
        "mov [rsp + 48], r11",
        "mov rdi, rsp",
        "mov rsi, [rsp + 104]",
        "call {before}",
        "mov rdi, [rsp]",
        "mov rsi, [rsp + 8]",
        "mov rdx, [rsp + 16]",
        "mov rcx, [rsp + 24]",
        "mov r8, [rsp + 32]",
        "mov r9, [rsp + 40]",
        "mov r11, [rsp + 48]",
        "lea r10, [rip + {originals}]",
        "call [r10 + r11 * 8]",
        "mov [rsp + 56], rax",
        "mov rdi, rsp",
        "mov rsi, [rsp + 104]",
        "call {after}",
        "mov rax, [rsp + 56]",
        "add rsp, 104",
        ".cfi_adjust_cfa_offset -104",
        "ret",
        "3:",
        "jmp [r10 + r11 * 8]",
        ".skip {padded}, 0xcc",
        ".cfi_endproc",
        slots = sym argument_slots,
        originals = sym OF_ARGUMENTS,
        awake = sym AWAKE,
        before = sym note_before,
        after = sym note_after,
        padded = const PADDED,
    )
}

/// Notes what the function of a slot takes over, and jumps to it.
#[unsafe(naked)]
extern "C-unwind" fn through_stealing() {
    naked_asm!(
        ".cfi_startproc",
        "lea r10, [rip + {slots}]",
        "sub r11, r10",
        "shr r11, 4",
        "cmp byte ptr [rip + {awake}], 0",
        "je 3f",
        "push rdi",
        "push rsi",
        "push rdx",
        "push rcx",
        "push r8",
        "push r9",
        "push r11",
        ".cfi_adjust_cfa_offset 56",
        "mov rdi, rsp",
        "mov rsi, [rsp + 56]",
        "call {note}",
        "pop r11",
        "pop r9",
        "pop r8",
        "pop rcx",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        ".cfi_adjust_cfa_offset -56",
        "3:",
        "lea r10, [rip + {originals}]",
        "jmp [r10 + r11 * 8]",
        ".cfi_endproc",
        slots = sym stealing_slots,
        originals = sym OF_STEALING,
        awake = sym AWAKE,
        note = sym note_stolen,
    )
}
