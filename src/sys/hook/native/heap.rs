//! Hooks on the C heap.

use core::ffi::{CStr, c_char, c_int, c_void};

use super::original::Original;
use super::record::{awake, born, found, gone, lives_on};
use crate::event::Route;

type Block = *mut c_void;

pub(super) static MALLOC: Original<extern "C-unwind" fn(usize) -> Block> = Original::new();
pub(super) static CALLOC: Original<extern "C-unwind" fn(usize, usize) -> Block> = Original::new();
pub(super) static REALLOC: Original<extern "C-unwind" fn(Block, usize) -> Block> = Original::new();
pub(super) static REALLOCARRAY: Original<extern "C-unwind" fn(Block, usize, usize) -> Block> = Original::new();
pub(super) static POSIX_MEMALIGN: Original<extern "C-unwind" fn(*mut Block, usize, usize) -> c_int> = Original::new();
pub(super) static ALIGNED_ALLOC: Original<extern "C-unwind" fn(usize, usize) -> Block> = Original::new();
pub(super) static MEMALIGN: Original<extern "C-unwind" fn(usize, usize) -> Block> = Original::new();
pub(super) static VALLOC: Original<extern "C-unwind" fn(usize) -> Block> = Original::new();
pub(super) static PVALLOC: Original<extern "C-unwind" fn(usize) -> Block> = Original::new();
pub(super) static STRDUP: Original<extern "C-unwind" fn(*const c_char) -> Block> = Original::new();
pub(super) static INNER_STRDUP: Original<extern "C-unwind" fn(*const c_char) -> Block> = Original::new();
pub(super) static STRNDUP: Original<extern "C-unwind" fn(*const c_char, usize) -> Block> = Original::new();
pub(super) static FREE: Original<extern "C-unwind" fn(Block)> = Original::new();
pub(super) static CFREE: Original<extern "C-unwind" fn(Block)> = Original::new();

pub(super) extern "C-unwind" fn malloc(size: usize) -> Block {
    let block = MALLOC.get()(size);
    born(block, size, Route::Malloc);
    block
}

pub(super) extern "C-unwind" fn calloc(count: usize, size: usize) -> Block {
    let block = CALLOC.get()(count, size);
    born(block, count.wrapping_mul(size), Route::Calloc);
    block
}

/// `BOTH`: for a library in scope, which also takes blocks with it.
#[inline(always)]
fn resized<const BOTH: bool>(old: Block, size: usize, resize: impl FnOnce() -> Block) -> Block {
    // Forgotten first: once the block is freed, another thread may be given its address.
    let known = gone(old);
    let block = resize();
    match known {
        Some(known) if !block.is_null() => lives_on(known, block as u64, size as u64),
        // No memory: the old block lives on. But a size of 0 frees it and returns null.
        Some(known) if size != 0 => lives_on(known, known.address, known.size),
        None if BOTH && old.is_null() => born(block, size, Route::Realloc),
        None if BOTH => found(block, size, Route::Realloc),
        _ => {}
    }
    block
}

pub(super) extern "C-unwind" fn realloc<const BOTH: bool>(old: Block, size: usize) -> Block {
    resized::<BOTH>(old, size, || REALLOC.get()(old, size))
}

pub(super) extern "C-unwind" fn reallocarray<const BOTH: bool>(old: Block, count: usize, size: usize) -> Block {
    // A product that overflows fails, and is not 0.
    let bytes = count.saturating_mul(size);
    resized::<BOTH>(old, bytes, || REALLOCARRAY.get()(old, count, size))
}

pub(super) extern "C-unwind" fn posix_memalign(place: *mut Block, alignment: usize, size: usize) -> c_int {
    let error = POSIX_MEMALIGN.get()(place, alignment, size);
    if error == 0 {
        // SAFETY: the original has just written there.
        born(unsafe { *place }, size, Route::Aligned);
    }
    error
}

pub(super) extern "C-unwind" fn aligned_alloc(alignment: usize, size: usize) -> Block {
    let block = ALIGNED_ALLOC.get()(alignment, size);
    born(block, size, Route::Aligned);
    block
}

pub(super) extern "C-unwind" fn memalign(alignment: usize, size: usize) -> Block {
    let block = MEMALIGN.get()(alignment, size);
    born(block, size, Route::Aligned);
    block
}

pub(super) extern "C-unwind" fn valloc(size: usize) -> Block {
    let block = VALLOC.get()(size);
    born(block, size, Route::Aligned);
    block
}

pub(super) extern "C-unwind" fn pvalloc(size: usize) -> Block {
    let block = PVALLOC.get()(size);
    born(block, size, Route::Aligned);
    block
}

/// A copy of a text was taken.
#[inline(always)]
fn copied(copy: Block) -> Block {
    if !copy.is_null() && awake() {
        // SAFETY: the original returned a NUL-terminated text.
        let text = unsafe { CStr::from_ptr(copy.cast()) };
        born(copy, text.to_bytes_with_nul().len(), Route::Strdup);
    }
    copy
}

pub(super) extern "C-unwind" fn strdup(text: *const c_char) -> Block {
    copied(STRDUP.get()(text))
}

/// The name that old headers of the C library turn `strdup` into.
pub(super) extern "C-unwind" fn inner_strdup(text: *const c_char) -> Block {
    copied(INNER_STRDUP.get()(text))
}

pub(super) extern "C-unwind" fn strndup(text: *const c_char, length: usize) -> Block {
    copied(STRNDUP.get()(text, length))
}

pub(super) extern "C-unwind" fn free(block: Block) {
    gone(block);
    FREE.get()(block);
}

pub(super) extern "C-unwind" fn cfree(block: Block) {
    gone(block);
    CFREE.get()(block);
}
