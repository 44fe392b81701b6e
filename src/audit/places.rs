//! Words for a place in memory that holds something: variable, allocation, thread.

use super::stacks;
use crate::findings::Frame;
use crate::heap::Place;
use crate::sys::{self, Describer};

/// A static by name, file and line, memory by where it was allocated, a stack by its thread and function;
/// `None` where no more is known than where it is.
pub(super) fn text(describer: &mut Describer<'_>, place: Place, scope: &[String]) -> Option<String> {
    match place {
        Place::Static { address } => of_static(address),
        Place::Field { .. } => Some(describer.place(place).1),
        Place::Block { address } => memory(address, scope).map(|memory| format!("a {memory}")),
        Place::Native { address } => memory(address, scope).map(|memory| format!("a native {memory}")),
        Place::Stack { thread, address } => Some(stack(thread, address)),
    }
}

/// `a C static of native.so: cache (native.c:41)`
fn of_static(address: u64) -> Option<String> {
    let word = sys::static_word(address)?;
    let variable = stacks::variable(&word.path, &word.build_id, word.offset)?;
    let library = word.path.rsplit('/').next().unwrap_or("?");
    let near = if variable.guess { "near " } else { "" };
    let offset = if variable.offset > 0 { format!("+{:#x}", variable.offset) } else { String::new() };
    let file = variable.file.rsplit('/').next().unwrap_or_default();
    let line = if variable.line > 0 { format!(" ({file}:{})", variable.line) } else { String::new() };
    Some(format!("a C static of {library}: {near}{}{offset}{line}", variable.name))
}

/// `block of 24 bytes, allocated in hold (holders.cpp:12)`; `None` when its birth was not seen.
pub(super) fn memory(address: u64, scope: &[String]) -> Option<String> {
    let block = sys::live_block(address)?;
    let frame = stacks::site(block.stack, scope).or_else(|| stacks::innermost(block.stack, scope));
    let birth = frame.map_or_else(String::new, |frame| format!(", allocated in {}", function(&frame)));
    Some(format!("block of {} bytes{birth}", block.size))
}

/// `a C frame of worker (leaky.so), in a thread that waits`
pub(super) fn stack(thread: u32, address: u64) -> String {
    let frame = sys::calls_below(address).into_iter().find_map(|(library, at)| stacks::extension_frame(library, at));
    let words = frame.map_or_else(|| "a C frame".to_owned(), |frame| format!("a C frame of {}", function(&frame)));
    format!("{words}, in thread {}", sys::thread_name(thread))
}

/// `leak (leaky.c:12)`, or as much of it as is known.
fn function(frame: &Frame) -> String {
    let file = frame.file.rsplit('/').next().unwrap_or_default();
    let name = if frame.function.is_empty() { frame.module.as_str() } else { frame.function.as_str() };
    match frame.line {
        0 => format!("{name} ({}+{})", frame.module, frame.offset),
        line => format!("{name} ({file}:{line})"),
    }
}
