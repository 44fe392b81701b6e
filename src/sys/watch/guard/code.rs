//! The instruction at an address, decoded once as long as its bytes stay what they are.

use core::cell::Cell;

use iced_x86::{Decoder, DecoderError, DecoderOptions, Instruction};

/// Longest instruction.
const LONGEST: usize = 15;
const PAGE: u64 = 4096;
/// Instructions that a thread remembers: few write to counts again and again.
const REMEMBERED: usize = 32;

/// An instruction that was decoded.
#[derive(Clone, Copy)]
struct Known {
    /// Its bytes, and zeros.
    bytes: u128,
    /// Which knows its address and length.
    instruction: Instruction,
}

thread_local! {
    static KNOWN: [Cell<Option<Known>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

/// The instruction at an address that is being executed.
pub(super) fn decode(pc: u64) -> Option<Instruction> {
    // Those that may end in the next page are decoded each time.
    if pc % PAGE > PAGE - size_of::<u128>() as u64 {
        return decoded(pc);
    }
    // SAFETY: in the page that the processor fetched from just now.
    let bytes = unsafe { (pc as *const u128).read_unaligned() };
    KNOWN.with(|known| {
        let place = &known[(pc ^ pc >> 5) as usize % REMEMBERED];
        if let Some(Known { bytes: before, instruction }) = place.get()
            && instruction.ip() == pc
            && before == first(bytes, instruction.len())
        {
            return Some(instruction);
        }
        let instruction = decoded(pc)?;
        place.set(Some(Known { bytes: first(bytes, instruction.len()), instruction }));
        Some(instruction)
    })
}

/// The first bytes, and zeros.
fn first(bytes: u128, count: usize) -> u128 {
    bytes & ((1 << (8 * count)) - 1)
}

fn decoded(pc: u64) -> Option<Instruction> {
    let in_page = LONGEST.min(4096 - (pc & 4095) as usize);
    let attempt = |length: usize| {
        // SAFETY: the bytes up to the end of the page are mapped, since the processor fetched from it just now; more
        // are looked at only when the instruction goes on in the next page.
        let bytes = unsafe { core::slice::from_raw_parts(pc as *const u8, length) };
        let mut decoder = Decoder::with_ip(64, bytes, pc, DecoderOptions::NONE);
        let instruction = decoder.decode();
        (instruction, decoder.last_error())
    };
    match attempt(in_page) {
        (_, DecoderError::NoMoreBytes) if in_page < LONGEST => {
            let (instruction, error) = attempt(LONGEST);
            (error == DecoderError::None).then_some(instruction)
        }
        (instruction, error) => (error == DecoderError::None).then_some(instruction),
    }
}
