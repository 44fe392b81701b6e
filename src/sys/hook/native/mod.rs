//! Hooks on the memory that extensions take from the system themselves.
//!
//! They run on any thread, without the GIL, in signal handlers too: no lock, no allocation, no
//! panic, and `errno` as the original left it.

mod heap;
mod inits;
mod loader;
mod mappings;
mod masks;
mod operators;
mod original;
mod record;
mod signals;
mod spans;

use core::ffi::CStr;
use core::sync::atomic::AtomicPtr;
use std::sync::Once;

pub(in crate::sys) use masks::give_back as give_back_masks;
pub(crate) use record::{blocks, forked, sleep, wake};

use super::calls::watching_calls;
use crate::sys::modules::watching_inits;
use crate::sys::watch::watching_signals;

/// What a hooked function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sys) enum Kind {
    /// Takes or gives back blocks.
    Memory,
    /// Takes or gives back mappings.
    Map,
    /// Loads a library.
    Open,
    /// Unloads a library.
    Close,
    /// Takes the definition of a module.
    Init,
    /// Installs a signal handler, or blocks signals.
    Signal,
    /// Counts a reference, returns one or takes one over.
    Reference,
}

impl Kind {
    /// Whether memory goes unseen where the hook cannot be put.
    pub(in crate::sys) fn is_of_memory(self) -> bool {
        !matches!(self, Self::Init | Self::Signal | Self::Reference)
    }
}

/// A function of the system and what stands in for it.
pub(in crate::sys) struct Hook {
    /// Name of its symbol.
    pub(in crate::sys) name: &'static CStr,
    pub(in crate::sys) kind: Kind,
    /// Address of the hook for a library in scope.
    pub(in crate::sys) both: Option<usize>,
    /// Address of the hook for a library of which only what it gives back counts.
    pub(in crate::sys) giving_back: Option<usize>,
    /// Where its address is kept for the hook.
    pub(in crate::sys) original: &'static AtomicPtr<()>,
}

impl Hook {
    /// The function's name, as people write it.
    pub(in crate::sys) fn words(&self) -> &'static str {
        match self.name.to_str().unwrap_or_default() {
            name if name.starts_with("_Znw") => "operator new",
            name if name.starts_with("_Zna") => "operator new[]",
            name if name.starts_with("_Zdl") => "operator delete",
            name if name.starts_with("_Zda") => "operator delete[]",
            name => name,
        }
    }
}

/// Puts the hooks to sleep in forked children from now on. Idempotent.
pub(in crate::sys) fn watch_forks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler only stores two flags, and its library is never unloaded.
        unsafe { libc::pthread_atfork(None, None, Some(record::in_child)) };
    });
}

macro_rules! hooks {
    ($($name:literal $kind:ident $original:path, $both:expr, $giving_back:expr;)*) => { vec![$(Hook {
        name: $name,
        kind: Kind::$kind,
        both: Some($both as *const () as usize),
        giving_back: { let hook: Option<*const ()> = $giving_back; hook.map(|hook| hook as usize) },
        original: &$original.address,
    }),*] };
}

/// Every hook. Those on init functions and signal handlers only when somebody wants to know of these.
pub(in crate::sys) fn hooks() -> Vec<Hook> {
    let mut hooks = memory_hooks();
    hooks.extend(super::references::hooks());
    if watching_calls() {
        hooks.extend(super::calls::hooks());
    }
    if watching_inits() {
        hooks.extend(init_hooks());
    }
    if watching_signals() {
        hooks.extend(signal_hooks());
    }
    hooks
}

fn signal_hooks() -> Vec<Hook> {
    use {masks as k, signals as s};
    hooks! {
        c"sigaction" Signal s::ACTION, s::action, None;
        c"signal" Signal s::SIGNAL, s::signal, None;
        c"pthread_sigmask" Signal k::THREAD, k::of_thread, None;
        c"sigprocmask" Signal k::PROCESS, k::of_process, None;
    }
}

fn init_hooks() -> Vec<Hook> {
    use inits as i;
    hooks! {
        c"PyModuleDef_Init" Init i::DEF_INIT, i::def_init, None;
        c"PyModule_Create2" Init i::CREATE, i::create, None;
        c"PyModule_FromDefAndSpec2" Init i::FROM_DEF, i::from_def, None;
        c"PyModule_FromSlotsAndSpec" Init i::FROM_SLOTS, i::from_slots, None;
    }
}

fn memory_hooks() -> Vec<Hook> {
    use {heap as h, loader as l, mappings as m, operators as o};
    macro_rules! same {
        ($hook:expr) => {
            Some($hook as *const ())
        };
    }
    hooks! {
        c"malloc" Memory h::MALLOC, h::malloc, None;
        c"calloc" Memory h::CALLOC, h::calloc, None;
        c"realloc" Memory h::REALLOC, h::realloc::<true>, same!(h::realloc::<false>);
        c"reallocarray" Memory h::REALLOCARRAY, h::reallocarray::<true>, same!(h::reallocarray::<false>);
        c"posix_memalign" Memory h::POSIX_MEMALIGN, h::posix_memalign, None;
        c"aligned_alloc" Memory h::ALIGNED_ALLOC, h::aligned_alloc, None;
        c"memalign" Memory h::MEMALIGN, h::memalign, None;
        c"valloc" Memory h::VALLOC, h::valloc, None;
        c"pvalloc" Memory h::PVALLOC, h::pvalloc, None;
        c"strdup" Memory h::STRDUP, h::strdup, None;
        c"__strdup" Memory h::INNER_STRDUP, h::inner_strdup, None;
        c"strndup" Memory h::STRNDUP, h::strndup, None;
        c"free" Memory h::FREE, h::free, same!(h::free);
        c"cfree" Memory h::CFREE, h::cfree, same!(h::cfree);
        c"_Znwm" Memory o::NEW, o::new, None;
        c"_Znam" Memory o::NEW_ARRAY, o::new_array, None;
        c"_ZnwmRKSt9nothrow_t" Memory o::NEW_NOTHROW, o::new_nothrow, None;
        c"_ZnamRKSt9nothrow_t" Memory o::NEW_ARRAY_NOTHROW, o::new_array_nothrow, None;
        c"_ZnwmSt11align_val_t" Memory o::NEW_ALIGNED, o::new_aligned, None;
        c"_ZnamSt11align_val_t" Memory o::NEW_ARRAY_ALIGNED, o::new_array_aligned, None;
        c"_ZnwmSt11align_val_tRKSt9nothrow_t" Memory o::NEW_ALIGNED_NOTHROW, o::new_aligned_nothrow, None;
        c"_ZnamSt11align_val_tRKSt9nothrow_t" Memory o::NEW_ARRAY_ALIGNED_NOTHROW, o::new_array_aligned_nothrow, None;
        c"_ZdlPv" Memory o::DELETE, o::delete, same!(o::delete);
        c"_ZdaPv" Memory o::DELETE_ARRAY, o::delete_array, same!(o::delete_array);
        c"_ZdlPvm" Memory o::DELETE_SIZED, o::delete_sized, same!(o::delete_sized);
        c"_ZdaPvm" Memory o::DELETE_ARRAY_SIZED, o::delete_array_sized, same!(o::delete_array_sized);
        c"_ZdlPvRKSt9nothrow_t" Memory o::DELETE_NOTHROW, o::delete_nothrow, same!(o::delete_nothrow);
        c"_ZdaPvRKSt9nothrow_t" Memory o::DELETE_ARRAY_NOTHROW, o::delete_array_nothrow, same!(o::delete_array_nothrow);
        c"_ZdlPvSt11align_val_t" Memory o::DELETE_ALIGNED, o::delete_aligned, same!(o::delete_aligned);
        c"_ZdaPvSt11align_val_t" Memory o::DELETE_ARRAY_ALIGNED, o::delete_array_aligned, same!(o::delete_array_aligned);
        c"_ZdlPvmSt11align_val_t" Memory o::DELETE_SIZED_ALIGNED, o::delete_sized_aligned, same!(o::delete_sized_aligned);
        c"_ZdaPvmSt11align_val_t" Memory o::DELETE_ARRAY_SIZED_ALIGNED, o::delete_array_sized_aligned,
            same!(o::delete_array_sized_aligned);
        c"_ZdlPvSt11align_val_tRKSt9nothrow_t" Memory o::DELETE_ALIGNED_NOTHROW, o::delete_aligned_nothrow,
            same!(o::delete_aligned_nothrow);
        c"_ZdaPvSt11align_val_tRKSt9nothrow_t" Memory o::DELETE_ARRAY_ALIGNED_NOTHROW, o::delete_array_aligned_nothrow,
            same!(o::delete_array_aligned_nothrow);
        c"mmap" Map m::MMAP, m::mmap, None;
        c"mmap64" Map m::MMAP64, m::mmap64, None;
        c"munmap" Map m::MUNMAP, m::munmap, same!(m::munmap);
        c"mremap" Map m::MREMAP, m::mremap, same!(m::mremap);
        c"dlopen" Open l::OPEN, l::dlopen, None;
        c"dlclose" Close l::CLOSE, l::dlclose, None;
    }
}
