//! What an instruction does to the value that it finds in memory, computed by the same instruction on registers: the
//! flags are the processor's own.

use core::arch::asm;

/// Carry, parity, auxiliary carry, zero, sign and overflow: the flags that arithmetic sets (Intel SDM 1, 3.4.3.1).
pub(super) const ARITHMETIC: u64 = 0x8d5;

/// A change of one value in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Move,
    Exchange,
    ExchangeAdd,
    /// With the accumulator's value, which is compared.
    CompareExchange(u64),
    Add,
    Adc,
    Sub,
    Sbb,
    And,
    Or,
    Xor,
    Inc,
    Dec,
    Neg,
    Not,
    BitSet,
    BitReset,
    BitComplement,
}

/// The bits of a value of so many bytes.
pub(super) fn mask(width: usize) -> u64 {
    if width >= 8 { u64::MAX } else { (1 << (8 * width)) - 1 }
}

macro_rules! instruction {
    ($text:expr, $value:ident, $operand:ident, $flags:ident) => {
        // SAFETY: changes two registers and the arithmetic flags; the stack is as it was.
        unsafe {
            asm!("push {f}", "popfq", $text, "pushfq", "pop {f}",
                f = inout(reg) $flags, v = inout(reg) $value, o = in(reg) $operand)
        }
    };
}

macro_rules! two {
    ($name:literal, $width:ident, $value:ident, $operand:ident, $flags:ident) => {
        match $width {
            1 => instruction!(concat!($name, " {v:l}, {o:l}"), $value, $operand, $flags),
            2 => instruction!(concat!($name, " {v:x}, {o:x}"), $value, $operand, $flags),
            4 => instruction!(concat!($name, " {v:e}, {o:e}"), $value, $operand, $flags),
            _ => instruction!(concat!($name, " {v:r}, {o:r}"), $value, $operand, $flags),
        }
    };
}

macro_rules! one {
    ($name:literal, $width:ident, $value:ident, $operand:ident, $flags:ident) => {
        match $width {
            1 => instruction!(concat!($name, " {v:l} /* {o} */"), $value, $operand, $flags),
            2 => instruction!(concat!($name, " {v:x} /* {o} */"), $value, $operand, $flags),
            4 => instruction!(concat!($name, " {v:e} /* {o} */"), $value, $operand, $flags),
            _ => instruction!(concat!($name, " {v:r} /* {o} */"), $value, $operand, $flags),
        }
    };
}

macro_rules! bits {
    ($name:literal, $width:ident, $value:ident, $operand:ident, $flags:ident) => {
        match $width {
            2 => instruction!(concat!($name, " {v:x}, {o:x}"), $value, $operand, $flags),
            4 => instruction!(concat!($name, " {v:e}, {o:e}"), $value, $operand, $flags),
            _ => instruction!(concat!($name, " {v:r}, {o:r}"), $value, $operand, $flags),
        }
    };
}

/// The value that stands in memory afterwards, and the flags, for a value of `width` bytes (1, 2, 4 or 8).
pub(super) fn compute(operation: Operation, width: usize, value: u64, operand: u64, flags: u64) -> (u64, u64) {
    let (mut v, mut f, o) = (value, flags & ARITHMETIC | 2, operand);
    match operation {
        Operation::Move | Operation::Exchange => v = o,
        Operation::ExchangeAdd | Operation::Add => two!("add", width, v, o, f),
        Operation::CompareExchange(accumulator) => {
            let mut difference = accumulator;
            two!("sub", width, difference, v, f);
            if difference & mask(width) == 0 {
                v = o;
            }
        }
        Operation::Adc => two!("adc", width, v, o, f),
        Operation::Sub => two!("sub", width, v, o, f),
        Operation::Sbb => two!("sbb", width, v, o, f),
        Operation::And => two!("and", width, v, o, f),
        Operation::Or => two!("or", width, v, o, f),
        Operation::Xor => two!("xor", width, v, o, f),
        Operation::Inc => one!("inc", width, v, o, f),
        Operation::Dec => one!("dec", width, v, o, f),
        Operation::Neg => one!("neg", width, v, o, f),
        Operation::Not => one!("not", width, v, o, f),
        // There is none of one byte.
        Operation::BitSet => bits!("bts", width, v, o, f),
        Operation::BitReset => bits!("btr", width, v, o, f),
        Operation::BitComplement => bits!("btc", width, v, o, f),
    }
    (v & mask(width), f & ARITHMETIC)
}
