//! The registers of interrupted code, as the kernel put them on the signal's stack.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use iced_x86::Register;
use libc::{greg_t, ucontext_t};

use super::operation::ARITHMETIC;
use crate::sys::stack::Registers;

/// Where the general registers stand in a context, by their numbers in instructions.
const GENERAL: [i32; 16] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RSP,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
];

/// Trap after one instruction.
const TRAP: greg_t = 0x100;

/// Offsets of the upper halves of zmm0 to zmm15 and of zmm16 to zmm31 in an XSAVE area; 0 when there are none.
static UPPER_ZMM: AtomicUsize = AtomicUsize::new(0);
static HIGH_ZMM: AtomicUsize = AtomicUsize::new(0);
/// Where the upper halves of ymm0 to ymm15 stand in it (Intel SDM 1, 13.4).
const UPPER_YMM: usize = 576;

/// Asks the processor for what does not change. Call before anything is watched.
pub(super) fn prepare() {
    let has = |leaf: u32| core::arch::x86_64::__cpuid(0).eax >= leaf;
    if has(0xd) {
        UPPER_ZMM.store(core::arch::x86_64::__cpuid_count(0xd, 6).ebx as usize, Relaxed);
        HIGH_ZMM.store(core::arch::x86_64::__cpuid_count(0xd, 7).ebx as usize, Relaxed);
    }
}

/// The registers of code that a signal interrupted; what is written here it finds when it goes on.
pub(super) struct Processor<'a>(pub(super) &'a mut ucontext_t);

/// Number of a general register, whatever its width.
pub(super) fn general(register: Register) -> Option<usize> {
    let number = register.full_register() as usize;
    (Register::RAX as usize..=Register::R15 as usize).contains(&number).then(|| number - Register::RAX as usize)
}

fn is_high_byte(register: Register) -> bool {
    matches!(register, Register::AH | Register::CH | Register::DH | Register::BH)
}

impl Processor<'_> {
    fn word(&mut self, place: i32) -> &mut greg_t {
        &mut self.0.uc_mcontext.gregs[place as usize]
    }

    pub(super) fn general(&self, number: usize) -> u64 {
        self.0.uc_mcontext.gregs[GENERAL[number] as usize] as u64
    }

    pub(super) fn set_general(&mut self, number: usize, value: u64) {
        *self.word(GENERAL[number]) = value as greg_t;
    }

    /// The value of a general register or a part of one, in the lowest bits.
    pub(super) fn value(&self, register: Register) -> Option<u64> {
        let value = self.general(general(register)?);
        Some(if is_high_byte(register) { value >> 8 } else { value })
    }

    /// Writes a general register as instructions do: 4 bytes clear the rest, fewer leave it.
    pub(super) fn set_value(&mut self, register: Register, value: u64) {
        let Some(number) = general(register) else { return };
        let old = self.general(number);
        let new = match register.size() {
            8 => value,
            4 => value & 0xffff_ffff,
            2 => old & !0xffff | value & 0xffff,
            _ if is_high_byte(register) => old & !0xff00 | (value & 0xff) << 8,
            _ => old & !0xff | value & 0xff,
        };
        self.set_general(number, new);
    }

    pub(super) fn pc(&self) -> u64 {
        self.0.uc_mcontext.gregs[libc::REG_RIP as usize] as u64
    }

    pub(super) fn set_pc(&mut self, pc: u64) {
        *self.word(libc::REG_RIP) = pc as greg_t;
    }

    pub(super) fn flags(&self) -> u64 {
        self.0.uc_mcontext.gregs[libc::REG_EFL as usize] as u64
    }

    /// Sets the flags of arithmetic and no others.
    pub(super) fn set_arithmetic(&mut self, flags: u64) {
        let others = self.flags() & !ARITHMETIC;
        *self.word(libc::REG_EFL) = (others | flags & ARITHMETIC) as greg_t;
    }

    pub(super) fn step(&mut self, on: bool) {
        let flags = self.word(libc::REG_EFL);
        *flags = if on { *flags | TRAP } else { *flags & !TRAP };
    }

    /// Whether it traps after one instruction.
    pub(super) fn steps(&self) -> bool {
        self.flags() as greg_t & TRAP != 0
    }

    /// For a stack whose innermost frame is the instruction at `pc`.
    pub(super) fn frame(&self, pc: u64) -> Registers {
        Registers { pc: pc + 1, sp: self.general(4), bp: self.general(5) }
    }

    /// Whether the fault was a write, not a fetch: bits 1 and 4 of the page fault's error code.
    pub(super) fn faulted_in_write(&self) -> bool {
        self.0.uc_mcontext.gregs[libc::REG_ERR as usize] & 0b10010 == 0b10
    }

    /// The first `width` bytes of a vector register; `None` when the kernel did not save them.
    pub(super) fn vector(&self, register: Register, width: usize) -> Option<[u8; 64]> {
        let number = register.full_register() as usize - Register::ZMM0 as usize;
        let mut bytes = [0; 64];
        if number >= 16 {
            bytes.copy_from_slice(self.saved(7, HIGH_ZMM.load(Relaxed), (number - 16) * 64, 64)?);
            return Some(bytes);
        }
        let low = self.0.uc_mcontext.fpregs;
        if low.is_null() {
            return None;
        }
        // SAFETY: the kernel points this at a whole FXSAVE area, which outlives the handler.
        let low = unsafe { (&raw const (*low)._xmm[number]).cast::<[u8; 16]>().read_unaligned() };
        bytes[..16].copy_from_slice(&low);
        if width > 16 {
            bytes[16..32].copy_from_slice(self.saved(2, UPPER_YMM, number * 16, 16)?);
        }
        if width > 32 {
            bytes[32..].copy_from_slice(self.saved(6, UPPER_ZMM.load(Relaxed), number * 32, 32)?);
        }
        Some(bytes)
    }

    /// Part of a component of the XSAVE area, zero when it is in its initial state.
    ///
    /// The kernel's `struct _fpx_sw_bytes` at 464 tells that the area goes on: a magic number, the size of all, the
    /// components, the size of the area. The components that are not in their initial state are the first word at 512.
    fn saved(&self, component: u32, offset: usize, from: usize, length: usize) -> Option<&'static [u8]> {
        const MAGIC: u32 = 0x4650_5853;
        static ZERO: [u8; 64] = [0; 64];
        let area = self.0.uc_mcontext.fpregs.cast::<u8>();
        if area.is_null() || offset == 0 {
            return None;
        }
        // SAFETY: inside the FXSAVE area, whose last 48 bytes are the kernel's.
        let (magic, components, size) = unsafe {
            let word = |at: usize| area.add(at).cast::<u32>().read_unaligned();
            (word(464), area.add(472).cast::<u64>().read_unaligned(), word(480) as usize)
        };
        if magic != MAGIC || components >> component & 1 == 0 || offset + from + length > size {
            return None;
        }
        // SAFETY: the header follows the FXSAVE area when the magic number says so.
        if unsafe { area.add(512).cast::<u64>().read_unaligned() } >> component & 1 == 0 {
            return Some(&ZERO[..length]);
        }
        // SAFETY: inside the area, of which the kernel says how large it is.
        Some(unsafe { core::slice::from_raw_parts(area.add(offset + from), length) })
    }
}
