//! What the loader's own symbol tables say of an address.

use core::ffi::{CStr, c_int, c_void};
use core::mem::MaybeUninit;
use core::ops::Range;

/// The exported symbol at or before an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DynamicSymbol {
    pub(super) name: String,
    /// Its address in this process, and its size as the table says; empty when it says none.
    pub(super) span: Range<u64>,
    /// Whether the library defines it, or only a stub that leads elsewhere.
    pub(super) defined: bool,
}

/// Looks an address up; `None` when no library, or no symbol of it, is there.
pub(super) fn dynamic_symbol(address: u64) -> Option<DynamicSymbol> {
    unsafe extern "C" {
        fn dladdr1(address: *const c_void, info: *mut libc::Dl_info, extra: *mut *const c_void, flags: c_int) -> c_int;
    }
    const RTLD_DL_SYMENT: c_int = 1;
    let (mut info, mut symbol) = (MaybeUninit::<libc::Dl_info>::uninit(), core::ptr::null());
    // SAFETY: fills both when it returns non-zero; name and symbol are in the loader's own tables.
    unsafe {
        if dladdr1(address as *const c_void, info.as_mut_ptr(), &raw mut symbol, RTLD_DL_SYMENT) == 0 {
            return None;
        }
        let (info, symbol) = (info.assume_init(), symbol.cast::<libc::Elf64_Sym>().as_ref()?);
        if info.dli_sname.is_null() {
            return None;
        }
        let start = info.dli_saddr as u64;
        Some(DynamicSymbol {
            name: CStr::from_ptr(info.dli_sname).to_string_lossy().into_owned(),
            span: start..start + symbol.st_size,
            defined: symbol.st_shndx != 0,
        })
    }
}
