//! The functions that the hooks stand in for.
//!
//! One for each name in the whole process. A slot that led to another function of that name (a
//! library's own allocator, a second C++ library) is left alone: calling the wrong one would free
//! a block with an allocator that does not know it.

use core::ffi::{CStr, c_void};
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use std::ffi::CString;

use crate::sys::dynamic_symbol::dynamic_symbol;
use crate::sys::hook::native::Hook;
use crate::sys::libraries::Library;

/// What the process means by a function's name.
pub(super) struct Meaning {
    /// The function itself; 0 while it is not known.
    pub(super) function: usize,
    /// Another address of the same function: the stub by which a program at a fixed address knows it.
    pub(super) alias: usize,
}

impl Meaning {
    /// Whether an address is that function.
    pub(super) fn is(&self, address: usize) -> bool {
        address != 0 && (address == self.function || address == self.alias)
    }
}

/// Looks up the originals of all hooks that have none yet.
///
/// The C++ library is no part of the interpreter, so it is seldom in the global search order;
/// what is not found is adopted from the first slot that leads to it ([`adopt`]).
pub(super) fn look_up(hooks: &[Hook], libraries: &[Library]) -> Vec<Meaning> {
    let cpp = Loaded::open(c"libstdc++.so.6");
    let meanings = hooks.iter().map(|hook| {
        let everywhere = symbol(libc::RTLD_DEFAULT, hook.name);
        let alias = if is_stub(everywhere) { everywhere } else { 0 };
        if hook.original.load(Relaxed).is_null() {
            let found = if alias == 0 { everywhere } else { behind_stub(hook.name, libraries) };
            let found = if found == 0 { cpp.symbol(hook.name) } else { found };
            hook.original.store(found as *mut (), Relaxed);
        }
        Meaning { function: hook.original.load(Relaxed) as usize, alias }
    });
    let meanings = meanings.collect();
    // SAFETY: forgets the messages of look-ups that failed; nobody waits for them.
    unsafe { libc::dlerror() };
    meanings
}

/// Makes a function that a slot leads to the original of its name.
pub(super) fn adopt(hook: &Hook, meaning: &mut Meaning, address: usize) {
    hook.original.store(address as *mut (), Relaxed);
    meaning.function = address;
}

/// Forgets originals whose library was unloaded. Whoever was redirected from them is gone too: a
/// library cannot outlive those that it is bound to.
pub(super) fn forget_unloaded(hooks: &[Hook], libraries: &[Library]) {
    for hook in hooks {
        let original = hook.original.load(Relaxed) as u64;
        if original != 0 && !is_code(libraries, original) {
            hook.original.store(ptr::null_mut(), Relaxed);
        }
    }
}

/// Whether an address is code of a loaded library.
pub(super) fn is_code(libraries: &[Library], address: u64) -> bool {
    libraries.iter().flat_map(|library| &library.code).any(|code| code.contains(&address))
}

fn symbol(handle: *mut c_void, name: &CStr) -> usize {
    // SAFETY: a pseudo handle or a live one, and a NUL-terminated name.
    unsafe { libc::dlsym(handle, name.as_ptr()) as usize }
}

/// Whether an address is not the function but a program's stub for it: such a program is linked
/// to a fixed address and takes the function's address somewhere, so that its stub must stand for
/// the function everywhere (x86-64 psABI, "Function Addresses").
fn is_stub(address: usize) -> bool {
    dynamic_symbol(address as u64).is_some_and(|symbol| !symbol.defined)
}

/// The function that a program's stub leads to: the first definition in the order of loading, in
/// which preloaded libraries come before the C library.
fn behind_stub(name: &CStr, libraries: &[Library]) -> usize {
    let defined = |library: &Library| {
        let address = Loaded::open(&CString::new(library.path.as_str()).ok()?).symbol(name);
        (library.span.contains(&(address as u64)) && !is_stub(address)).then_some(address)
    };
    libraries.iter().find_map(defined).unwrap_or(0)
}

/// A library, when it is loaded.
struct Loaded(*mut c_void);

impl Loaded {
    fn open(name: &CStr) -> Self {
        // SAFETY: a NUL-terminated name; nothing is loaded.
        Self(unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) })
    }

    fn symbol(&self, name: &CStr) -> usize {
        if self.0.is_null() { 0 } else { symbol(self.0, name) }
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: a handle of our own `dlopen`, given back once.
            unsafe { libc::dlclose(self.0) };
        }
    }
}
