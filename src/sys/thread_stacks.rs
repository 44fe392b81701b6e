//! Stacks of the other threads, where these wait: what C code has in its variables holds things, too.

use core::ops::Range;

use super::libraries;
use super::probe::copied;

/// So much of a stack is searched at most.
const MOST_OF_A_STACK: u64 = 8 << 20;

/// The live part of the stack of each thread but our own that waits in the kernel, with the thread's number.
///
/// A thread that runs has its stack pointer in a register, where nobody else sees it: it is left out. All that
/// run Python wait for the GIL while we have it. The first word of a stack is not where the thread's stack
/// began but where its mapping ends, so that thread-local variables of C are in it.
///
/// Source: `proc(5)`, `/proc/pid/task/tid/syscall`: number, six arguments, stack pointer, instruction; `-1`,
/// stack pointer, instruction for one that waits outside of a system call; `running`.
pub(super) fn waiting_stacks() -> Vec<(u32, Range<u64>)> {
    // SAFETY: asks for a number.
    let own = unsafe { libc::syscall(libc::SYS_gettid) } as u32;
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let threads = tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok());
    let pointers: Vec<(u32, u64)> = threads
        .filter(|&thread: &u32| thread != own)
        .filter_map(|thread| {
            let said = std::fs::read_to_string(format!("/proc/self/task/{thread}/syscall")).ok()?;
            Some((thread, stack_pointer(&said)?))
        })
        .collect();
    if pointers.is_empty() {
        return Vec::new();
    }
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let stack = |(thread, start): (u32, u64)| {
        let mapping = maps.lines().filter_map(writable).find(|mapping| mapping.contains(&start))?;
        Some((thread, (start + 7) & !7..mapping.end.min(start + MOST_OF_A_STACK) & !7))
    };
    pointers.into_iter().filter_map(stack).collect()
}

/// What the system calls a thread, and its number.
pub(crate) fn thread_name(thread: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm")).unwrap_or_default();
    let name: String = name.trim().chars().filter(|character| !character.is_control()).collect();
    if name.is_empty() { thread.to_string() } else { format!("{name} ({thread})") }
}

/// Return addresses that stand below a word of a stack, the nearest first: library and address there. The
/// function that the nearest leads to is the one whose frame the word is in, unless it is an old word.
pub(crate) fn calls_below(address: u64) -> Vec<(u32, u64)> {
    /// A frame may have an array in it.
    const FARTHEST: u64 = 256 << 10;
    let mut page = [0u64; 512];
    let size = size_of_val(&page) as u64;
    let mut found = Vec::new();
    for start in (1..=FARTHEST / size).map(|number| address - number * size) {
        let Ok(words) = copied(start, &mut page) else { break };
        found.extend(words.iter().rev().filter_map(|&word| libraries::code_at(word.checked_sub(1)?)));
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// The stack pointer in what the kernel says of a thread's system call; `None` while it runs.
fn stack_pointer(said: &str) -> Option<u64> {
    let words: Vec<&str> = said.split_whitespace().collect();
    let at = words.len().checked_sub(2).filter(|_| words.len() > 2)?;
    u64::from_str_radix(words[at].strip_prefix("0x")?, 16).ok()
}

/// The range of a line of the memory map that may be written to.
fn writable(line: &str) -> Option<Range<u64>> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    rest.starts_with("rw").then_some(number(start)?..number(end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_pointer_is_the_last_word_but_one() {
        let said = "202 0x7f01 0x189 0x0 0x0 0x0 0xffffffff 0x7ffd0010 0x7f5520\n";
        assert_eq!(stack_pointer(said), Some(0x7ffd_0010));
        assert_eq!(stack_pointer("-1 0x7ffd0020 0x7f5520\n"), Some(0x7ffd_0020));
        assert_eq!(stack_pointer("running\n"), None);
        assert_eq!(stack_pointer(""), None);
    }

    #[test]
    fn only_memory_that_may_be_written_to_is_a_stack() {
        assert_eq!(writable("7f00-7f80 rw-p 00000000 00:00 0 "), Some(0x7f00..0x7f80));
        assert_eq!(writable("7f00-7f80 r--p 00000000 00:00 0 "), None);
    }
}
