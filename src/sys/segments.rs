//! Static areas: the writable data of every loaded library.
//!
//! Taken from program headers, not from the neighbours in the process's memory map: anonymous
//! arenas next to a library gave thousands of false hits.

use core::ffi::{c_int, c_void};
use core::ops::Range;

/// A stretch of writable static data.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// File name of the library, without its folder; `python` for the main program.
    pub(crate) library: String,
    /// Load address: what offsets are counted from.
    pub(crate) base: u64,
    /// First and one past the last address.
    pub(crate) range: Range<u64>,
}

/// # Safety
/// For `dl_iterate_phdr` only, with a `Vec<Segment>` as its argument.
unsafe extern "C" fn collect(info: *mut libc::dl_phdr_info, _: usize, argument: *mut c_void) -> c_int {
    // SAFETY: the loader passes a valid description, and `argument` is the vector below.
    let (info, found) = unsafe { (&*info, &mut *argument.cast::<Vec<Segment>>()) };
    // SAFETY: a NUL-terminated path owned by the loader, or null.
    let path = if info.dlpi_name.is_null() { c"" } else { unsafe { core::ffi::CStr::from_ptr(info.dlpi_name) } };
    let path = path.to_string_lossy();
    let library = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("python").to_owned();
    for number in 0..usize::from(info.dlpi_phnum) {
        // SAFETY: `dlpi_phnum` headers stand there.
        let header = unsafe { &*info.dlpi_phdr.add(number) };
        if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W != 0 {
            let start = info.dlpi_addr + header.p_vaddr;
            // Words are compared at 8-byte alignment.
            let range = (start + 7) & !7..(start + header.p_memsz) & !7;
            found.push(Segment { library: library.clone(), base: info.dlpi_addr, range });
        }
    }
    0
}

/// The writable segments of all loaded libraries except our own.
pub(crate) fn segments() -> Vec<Segment> {
    static ANCHOR: u8 = 0;
    let own = own_library(core::ptr::from_ref(&ANCHOR).cast());
    all_segments().into_iter().filter(|segment| Some(segment.base) != own).collect()
}

/// The writable segments of all loaded libraries.
pub(crate) fn all_segments() -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    // SAFETY: `collect` fits the expected type and does not unwind; the vector outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(collect), (&raw mut found).cast()) };
    found
}

/// The writable segments of libraries other than the interpreter's.
pub(crate) fn extension_segments() -> Vec<Segment> {
    let runtime = interpreter_state().first().map_or(0, |range| range.start);
    let all = segments();
    let base = all.iter().find(|segment| segment.range.contains(&runtime)).map(|segment| segment.base);
    all.into_iter().filter(|segment| Some(segment.base) != base).collect()
}

/// Load address of the library that contains an address.
fn own_library(inside: *const c_void) -> Option<u64> {
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: fills the struct when it returns non-zero.
    unsafe {
        if libc::dladdr(inside, info.as_mut_ptr()) == 0 {
            return None;
        }
        Some(info.assume_init().dli_fbase as u64)
    }
}

/// Memory of the interpreter itself: `_PyRuntime`, then what it keeps outside of it (3.10).
pub(crate) fn interpreter_state() -> Vec<Range<u64>> {
    unsafe extern "C" {
        static _PyRuntime: u8;
        fn dladdr1(address: *const c_void, info: *mut libc::Dl_info, extra: *mut *const c_void, flags: c_int) -> c_int;
    }
    const RTLD_DL_SYMENT: c_int = 1;
    let start = &raw const _PyRuntime as u64;
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::uninit();
    let mut symbol: *const c_void = core::ptr::null();
    // SAFETY: fills both when it returns non-zero; the symbol is in the loader's own table.
    let size = unsafe {
        let found = dladdr1(start as *const c_void, info.as_mut_ptr(), &raw mut symbol, RTLD_DL_SYMENT) != 0;
        if found && !symbol.is_null() { (*symbol.cast::<libc::Elf64_Sym>()).st_size } else { 0 }
    };
    let runtime = start..start + size;
    #[cfg(Py_3_11)]
    return Vec::from([runtime]);
    #[cfg(not(Py_3_11))]
    // SAFETY: the GIL is held. Up to 3.10 the interpreter's state comes from malloc.
    unsafe {
        let interpreter = pyo3::ffi::PyInterpreterState_Get() as u64;
        let usable = libc::malloc_usable_size(interpreter as *mut c_void) as u64;
        Vec::from([runtime, interpreter..interpreter + usable / 8 * 8])
    }
}

/// Nearest exported symbol at or before an address, as `name+8`; `None` when there is none.
pub(crate) fn symbol(address: u64) -> Option<String> {
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: fills the struct when it returns non-zero; the name is owned by the loader.
    unsafe {
        if libc::dladdr(address as *const c_void, info.as_mut_ptr()) == 0 {
            return None;
        }
        let info = info.assume_init();
        if info.dli_sname.is_null() {
            return None;
        }
        let name = core::ffi::CStr::from_ptr(info.dli_sname).to_string_lossy();
        let offset = address - info.dli_saddr as u64;
        Some(if offset == 0 { name.into_owned() } else { format!("{name}+{offset}") })
    }
}
