//! The memory of one loaded library, held in place while it is looked at.

use core::ffi::{CStr, c_int, c_void};
use core::ops::Range;
use core::ptr;
use core::sync::atomic::AtomicUsize;
use std::ffi::CString;

use super::tables::Image;
use crate::sys::libraries::Library;

/// A library that cannot be unloaded, and is relocated to the end, as long as this lives.
///
/// `dl_iterate_phdr` also lists a library that another thread is loading just now. `dlopen` waits
/// for that thread, and its handle keeps the library.
pub(super) struct Pinned<'a> {
    library: &'a Library,
    handle: *mut c_void,
    readable: Vec<Range<u64>>,
}

/// The first members of glibc's `struct link_map` (`<link.h>`).
#[repr(C)]
struct LinkMap {
    base: u64,
    name: *const core::ffi::c_char,
    dynamic: u64,
}

impl<'a> Pinned<'a> {
    /// Holds a library; `None` when it is gone already.
    pub(super) fn new(library: &'a Library) -> Option<Self> {
        let path = CString::new(library.path.as_str()).ok()?;
        // The main program is listed without a name.
        let handle = [path.as_ptr(), ptr::null()].into_iter().find_map(|path| {
            // SAFETY: a NUL-terminated path or null; nothing is loaded.
            let handle = unsafe { libc::dlopen(path, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
            (!handle.is_null()).then(|| Handle(handle)).filter(|handle| handle.is_of(library))
        });
        // SAFETY: forgets the message of a failure; nobody waits for it.
        unsafe { libc::dlerror() };
        let handle = handle?;
        let mut segments = Segments { dynamic: library.dynamic.as_ref()?.start, readable: Vec::new() };
        // SAFETY: `collect` fits the expected type and does not unwind; the struct outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(collect), (&raw mut segments).cast()) };
        Some(Self { library, handle: handle.keep(), readable: segments.readable })
    }

    /// What a name stands for in this library's own search order; 0 when it is nowhere.
    pub(super) fn resolve(&self, name: &CStr) -> usize {
        // SAFETY: a live handle and a NUL-terminated name; the message of a failure is forgotten.
        unsafe {
            let address = libc::dlsym(self.handle, name.as_ptr()) as usize;
            libc::dlerror();
            address
        }
    }

    /// A slot of the import table; `None` when it is not a whole word of writable data.
    pub(super) fn slot(&self, address: u64) -> Option<&AtomicUsize> {
        let range = address..address.checked_add(8)?;
        let inside = self.library.writable.iter().any(|segment| within(&range, segment)) && self.holds(&range);
        // SAFETY: an aligned word of a loaded segment, which stays as long as `self`. The loader
        // and we write it atomically.
        (inside && address.is_multiple_of(8)).then(|| unsafe { AtomicUsize::from_ptr(address as *mut usize) })
    }
}

impl Drop for Pinned<'_> {
    fn drop(&mut self) {
        drop(Handle(self.handle));
    }
}

impl Image for Pinned<'_> {
    fn holds(&self, range: &Range<u64>) -> bool {
        self.readable.iter().any(|segment| within(range, segment))
    }

    fn read(&self, address: u64, into: &mut [u8]) -> bool {
        let Some(end) = address.checked_add(into.len() as u64) else { return false };
        let inside = self.holds(&(address..end));
        if inside {
            // SAFETY: inside a readable segment of a library that is held in place.
            unsafe { ptr::copy_nonoverlapping(address as *const u8, into.as_mut_ptr(), into.len()) };
        }
        inside
    }
}

fn within(range: &Range<u64>, segment: &Range<u64>) -> bool {
    segment.start <= range.start && range.start <= range.end && range.end <= segment.end
}

/// A handle of `dlopen` that is given back.
struct Handle(*mut c_void);

impl Handle {
    /// Whether it is the library that was listed, and not another one at the same path.
    fn is_of(&self, library: &Library) -> bool {
        let mut map: *const LinkMap = ptr::null();
        // SAFETY: a live handle; fills the pointer when it returns 0.
        let found = unsafe { libc::dlinfo(self.0, libc::RTLD_DI_LINKMAP, (&raw mut map).cast()) } == 0;
        // SAFETY: the loader's own description, which lives as long as the handle.
        let map = if found { unsafe { map.as_ref() } } else { None };
        let dynamic = library.dynamic.as_ref().map(|range| range.start);
        map.is_some_and(|map| map.base == library.base && Some(map.dynamic) == dynamic)
    }

    fn keep(self) -> *mut c_void {
        core::mem::ManuallyDrop::new(self).0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: a handle of our own `dlopen`, given back once.
        unsafe { libc::dlclose(self.0) };
    }
}

struct Segments {
    dynamic: u64,
    readable: Vec<Range<u64>>,
}

/// # Safety
/// For `dl_iterate_phdr` only, with [`Segments`] as its argument.
unsafe extern "C" fn collect(info: *mut libc::dl_phdr_info, _: usize, argument: *mut c_void) -> c_int {
    // SAFETY: the loader passes a valid description, and `argument` is the struct of `Pinned::new`.
    let (info, segments) = unsafe { (&*info, &mut *argument.cast::<Segments>()) };
    // SAFETY: `dlpi_phnum` headers stand there.
    let headers = unsafe { core::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let start = |header: &libc::Elf64_Phdr| info.dlpi_addr.wrapping_add(header.p_vaddr);
    if !headers.iter().any(|header| header.p_type == libc::PT_DYNAMIC && start(header) == segments.dynamic) {
        return 0;
    }
    let readable = headers.iter().filter(|header| header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_R != 0);
    segments.readable = readable.map(|header| start(header)..start(header).saturating_add(header.p_memsz)).collect();
    1
}
