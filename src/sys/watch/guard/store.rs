//! What an instruction does that writes to memory, far enough to do it in its place.
//!
//! Only what is wholly understood is a [`Store`]; for some others one register can lead the instruction itself to the
//! other mapping ([`rebased`]); the rest is nobody's business.

use iced_x86::{EncodingKind, Instruction, Mnemonic, OpKind, Register};

use super::operation::Operation;
use super::processor::{Processor, general};

/// A write that can be done in the instruction's place.
pub(super) struct Store {
    pub(super) address: u64,
    /// Bytes that are written.
    pub(super) width: usize,
    pub(super) what: What,
}

/// What is written.
pub(super) enum What {
    /// A value that depends on what stood there.
    Change {
        operation: Operation,
        operand: u64,
        /// The register that takes what stood there: always, or where a comparison failed.
        takes: Option<Register>,
    },
    /// Part of a vector register.
    Bytes([u8; 64]),
}

/// What an instruction writes, and where; `None` when it is not one of those that are done in its place.
pub(super) fn store(instruction: &Instruction, processor: &Processor<'_>) -> Option<Store> {
    let of_memory = (0..instruction.op_count()).find(|&number| instruction.op_kind(number) == OpKind::Memory)?;
    let address = instruction.virtual_address(of_memory, 0, |register, _, _| match register {
        Register::ES | Register::CS | Register::SS | Register::DS => Some(0),
        Register::FS | Register::GS => None,
        register => processor.value(register),
    })?;
    if of_memory == 0 && instruction.op_count() == 2 && instruction.op1_register().is_vector_register() {
        return vector(instruction, processor, address);
    }
    let width = instruction.memory_size().size();
    if instruction.encoding() != EncodingKind::Legacy || !matches!(width, 1 | 2 | 4 | 8) {
        return None;
    }
    let what = change(instruction, processor, 1 - of_memory)?;
    Some(Store { address, width, what })
}

/// `of_other` is the number of the operand that is not in memory.
fn change(instruction: &Instruction, processor: &Processor<'_>, of_other: u32) -> Option<What> {
    use Mnemonic as M;
    let operation = match (instruction.mnemonic(), of_other) {
        (M::Xchg, _) => Operation::Exchange,
        (_, 0) => return None,
        (M::Mov | M::Movnti, _) => Operation::Move,
        (M::Xadd, _) => Operation::ExchangeAdd,
        (M::Cmpxchg, _) => Operation::CompareExchange(processor.general(0)),
        (M::Add, _) => Operation::Add,
        (M::Adc, _) => Operation::Adc,
        (M::Sub, _) => Operation::Sub,
        (M::Sbb, _) => Operation::Sbb,
        (M::And, _) => Operation::And,
        (M::Or, _) => Operation::Or,
        (M::Xor, _) => Operation::Xor,
        (M::Inc, _) => Operation::Inc,
        (M::Dec, _) => Operation::Dec,
        (M::Neg, _) => Operation::Neg,
        (M::Not, _) => Operation::Not,
        // With a register they may write far from the address.
        (M::Bts, _) if instruction.op1_kind() == OpKind::Immediate8 => Operation::BitSet,
        (M::Btr, _) if instruction.op1_kind() == OpKind::Immediate8 => Operation::BitReset,
        (M::Btc, _) if instruction.op1_kind() == OpKind::Immediate8 => Operation::BitComplement,
        _ => return None,
    };
    if instruction.op_count() == 1 {
        return Some(What::Change { operation, operand: 0, takes: None });
    }
    let register = (instruction.op_kind(of_other) == OpKind::Register).then(|| instruction.op_register(of_other));
    let operand = match register {
        Some(register) => processor.value(register)?,
        None => instruction.try_immediate(of_other).ok()?,
    };
    let takes = match operation {
        Operation::Exchange | Operation::ExchangeAdd => Some(register?),
        Operation::CompareExchange(_) => Some(accumulator(instruction.memory_size().size())),
        _ => None,
    };
    Some(What::Change { operation, operand, takes })
}

fn accumulator(width: usize) -> Register {
    match width {
        1 => Register::AL,
        2 => Register::AX,
        4 => Register::EAX,
        _ => Register::RAX,
    }
}

/// Plain stores of a vector register or of the lowest part of one.
fn vector(instruction: &Instruction, processor: &Processor<'_>, address: u64) -> Option<Store> {
    use Mnemonic as M;
    let (register, width) = (instruction.op1_register(), instruction.memory_size().size());
    if instruction.has_op_mask() || !(register.is_xmm() || register.is_ymm() || register.is_zmm()) {
        return None;
    }
    let whole = matches!(
        instruction.mnemonic(),
        M::Movups
            | M::Movupd
            | M::Movaps
            | M::Movapd
            | M::Movdqu
            | M::Movdqa
            | M::Movntdq
            | M::Movntps
            | M::Movntpd
            | M::Vmovups
            | M::Vmovupd
            | M::Vmovaps
            | M::Vmovapd
            | M::Vmovdqu
            | M::Vmovdqa
            | M::Vmovntdq
            | M::Vmovntps
            | M::Vmovntpd
            | M::Vmovdqu8
            | M::Vmovdqu16
            | M::Vmovdqu32
            | M::Vmovdqu64
            | M::Vmovdqa32
            | M::Vmovdqa64
    ) && width == register.size();
    let low = matches!(
        instruction.mnemonic(),
        M::Movq
            | M::Movd
            | M::Movss
            | M::Movsd
            | M::Movlps
            | M::Movlpd
            | M::Vmovq
            | M::Vmovd
            | M::Vmovss
            | M::Vmovsd
            | M::Vmovlps
            | M::Vmovlpd
    ) && matches!(width, 4 | 8);
    let high = matches!(instruction.mnemonic(), M::Movhps | M::Movhpd | M::Vmovhps | M::Vmovhpd) && width == 8;
    if !(whole || low || high) {
        return None;
    }
    let mut bytes = processor.vector(register, width.max(16))?;
    if high {
        bytes.copy_within(8..16, 0);
    }
    Some(Store { address, width, what: What::Bytes(bytes) })
}

/// The general register that alone decides where an instruction writes, and that it has no other use for: with
/// another value in it the same instruction does the same elsewhere.
pub(super) fn rebased(instruction: &Instruction) -> Option<usize> {
    use Mnemonic as M;
    match instruction.op0_kind() {
        // `rep stos`, `rep movs`: the processor counts the register on, which a difference survives.
        OpKind::MemoryESRDI => return Some(7),
        OpKind::Memory => {}
        _ => return None,
    }
    let shift = matches!(instruction.mnemonic(), M::Shl | M::Shr | M::Sar | M::Rol | M::Ror | M::Rcl | M::Rcr);
    // The others have operands that are not written out.
    let plain = instruction.encoding() != EncodingKind::Legacy
        || shift
        || instruction.op_count() > 1 && instruction.op1_register().is_vector_register()
        || is_set(instruction.mnemonic());
    let segment = matches!(instruction.memory_segment(), Register::FS | Register::GS);
    if !plain || segment || instruction.is_vsib() || instruction.is_ip_rel_memory_operand() {
        return None;
    }
    let base = general(instruction.memory_base()).filter(|_| instruction.memory_base().size() == 8)?;
    let others = (1..instruction.op_count()).map(|number| instruction.op_register(number));
    let mut used = others.chain([instruction.memory_index()]);
    (!used.any(|register| general(register) == Some(base))).then_some(base)
}

fn is_set(mnemonic: Mnemonic) -> bool {
    use Mnemonic as M;
    matches!(
        mnemonic,
        M::Seta
            | M::Setae
            | M::Setb
            | M::Setbe
            | M::Sete
            | M::Setg
            | M::Setge
            | M::Setl
            | M::Setle
            | M::Setne
            | M::Setno
            | M::Setnp
            | M::Setns
            | M::Seto
            | M::Setp
            | M::Sets
    )
}
