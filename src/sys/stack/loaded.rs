//! What the loader knows of an address: where its library's unwind tables stand, and whether it is
//! in the interpreter's loop.

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::path::Path;
use std::sync::OnceLock;

use object::{Object as _, ObjectSymbol as _};

use crate::symbols::Files;
use crate::sys::dynamic_symbol::dynamic_symbol;
use crate::sys::files::MappedFiles;
use crate::sys::libraries;

/// `struct dl_find_object` of glibc 2.35 and newer, for x86-64.
#[repr(C)]
struct Found {
    flags: u64,
    start: *const u8,
    end: *const u8,
    link_map: *const c_void,
    unwind_index: *const u8,
    reserved: [u64; 7],
}

type FindObject = unsafe extern "C" fn(*const c_void, *mut Found) -> c_int;

/// glibc's look-up, which takes no lock and is never out of date; before 2.35 there is none.
fn find_object() -> Option<FindObject> {
    static FUNCTION: OnceLock<usize> = OnceLock::new();
    // SAFETY: looks a name up.
    let function =
        *FUNCTION.get_or_init(|| unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_dl_find_object".as_ptr()) } as usize);
    // SAFETY: null, or the function of that name, whose type this is.
    unsafe { core::mem::transmute::<usize, Option<FindObject>>(function) }
}

/// Unwind index of the library that an address is in, up to the library's end.
pub(super) fn unwind_index(address: u64) -> Option<&'static [u8]> {
    let Some(find) = find_object() else { return known_index(address) };
    let mut found = MaybeUninit::<Found>::zeroed();
    // SAFETY: fills the struct when it returns 0.
    let found = unsafe {
        if find(address as *const c_void, found.as_mut_ptr()) != 0 {
            return None;
        }
        found.assume_init()
    };
    slice(found.unwind_index as u64..found.end as u64)
}

/// The same from our own list of libraries.
fn known_index(address: u64) -> Option<&'static [u8]> {
    let library = libraries::library(libraries::number_of(address)?.0)?;
    let index = library.unwind_index.clone()?;
    slice(index.start..library.span.end)
}

/// From an address in a loaded library to the library's end.
pub(super) fn to_end(address: u64) -> Option<&'static [u8]> {
    let index = unwind_index(address)?;
    slice(address..index.as_ptr_range().end as u64)
}

/// Unwind tables are never written, and stay while code of their library is on the stack.
fn slice(range: Range<u64>) -> Option<&'static [u8]> {
    if range.start == 0 || range.start >= range.end {
        return None;
    }
    // SAFETY: mapped by the loader, and the caller has a return address into that library on its
    // stack, so that it cannot be unloaded meanwhile.
    Some(unsafe { core::slice::from_raw_parts(range.start as *const u8, (range.end - range.start) as usize) })
}

/// Pieces of the interpreter's loop: compilers move what is rare out of the function.
const PIECES: usize = 8;
static STARTS: [AtomicU64; PIECES] = [const { AtomicU64::new(0) }; PIECES];
static ENDS: [AtomicU64; PIECES] = [const { AtomicU64::new(0) }; PIECES];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Whether an address is in the interpreter's loop.
pub(super) fn is_eval_loop(address: u64) -> bool {
    (0..COUNT.load(Relaxed).min(PIECES)).any(|n| (STARTS[n].load(Relaxed)..ENDS[n].load(Relaxed)).contains(&address))
}

/// Looks for the pieces of the loop; whether the function itself was found. Once, not in a hook.
pub(super) fn find_eval_loop() -> bool {
    if COUNT.load(Relaxed) > 0 {
        return true;
    }
    let Some(function) = exported_loop() else { return false };
    let mut pieces = moved_out(function.start);
    pieces.push(function);
    pieces.sort_by_key(|piece| piece.start);
    pieces.dedup();
    // The many functions of a loop made of tail calls stand side by side.
    let mut joined: Vec<Range<u64>> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if piece.start <= last.end + 64 => last.end = last.end.max(piece.end),
            _ => joined.push(piece),
        }
    }
    joined.sort_by_key(|piece| core::cmp::Reverse(piece.end - piece.start));
    for (number, piece) in joined.iter().take(PIECES).enumerate() {
        STARTS[number].store(piece.start, Relaxed);
        ENDS[number].store(piece.end, Relaxed);
    }
    COUNT.store(joined.len().min(PIECES), Relaxed);
    !joined.is_empty()
}

/// The function itself, as the loader knows it.
fn exported_loop() -> Option<Range<u64>> {
    // SAFETY: looks a name up.
    let function = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_PyEval_EvalFrameDefault".as_ptr()) } as u64;
    let span = dynamic_symbol(function)?.span;
    (span.start == function && !span.is_empty()).then_some(span)
}

/// Pieces that the compiler moved out of the function, where the interpreter has its symbols.
fn moved_out(function: u64) -> Vec<Range<u64>> {
    let library = libraries::number_of(function).and_then(|(number, _)| libraries::library(number));
    let Some(library) = library else { return Vec::new() };
    let Some(bytes) = MappedFiles.open(Path::new(&library.path)) else { return Vec::new() };
    let Ok(file) = object::File::parse((*bytes).as_ref()) else { return Vec::new() };
    let is_piece = |name: &str| name.starts_with("_PyEval_EvalFrameDefault.") || name.starts_with("_TAIL_CALL_");
    let pieces = file.symbols().filter(|symbol| symbol.size() > 0 && symbol.name().is_ok_and(is_piece));
    let in_memory = |address: u64| library.base + address;
    pieces.map(|piece| in_memory(piece.address())..in_memory(piece.address() + piece.size())).collect()
}
