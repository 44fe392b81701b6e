//! Hooks on C++'s `operator new` and `operator delete` in all their forms.
//!
//! Names: Itanium C++ ABI, "Mangling". `operator new` throws through its hook; there is nothing to
//! clean up in it.

use core::ffi::c_void;

use super::original::Original;
use super::record::{born, gone};
use crate::event::Route;

/// `std::align_val_t`.
type Alignment = usize;
/// `const std::nothrow_t &`.
type NoThrow = *const c_void;

macro_rules! taking {
    ($($hook:ident $original:ident ($($more:ident: $kind:ty),*) $route:ident;)*) => { $(
        pub(super) static $original: Original<extern "C-unwind" fn(usize, $($kind),*) -> *mut c_void> = Original::new();

        pub(super) extern "C-unwind" fn $hook(size: usize, $($more: $kind),*) -> *mut c_void {
            let block = $original.get()(size, $($more),*);
            born(block, size, Route::$route);
            block
        }
    )* };
}

macro_rules! giving_back {
    ($($hook:ident $original:ident ($($more:ident: $kind:ty),*);)*) => { $(
        pub(super) static $original: Original<extern "C-unwind" fn(*mut c_void, $($kind),*)> = Original::new();

        pub(super) extern "C-unwind" fn $hook(block: *mut c_void, $($more: $kind),*) {
            gone(block);
            $original.get()(block, $($more),*);
        }
    )* };
}

taking! {
    new NEW () New;
    new_array NEW_ARRAY () NewArray;
    new_nothrow NEW_NOTHROW (tag: NoThrow) New;
    new_array_nothrow NEW_ARRAY_NOTHROW (tag: NoThrow) NewArray;
    new_aligned NEW_ALIGNED (alignment: Alignment) New;
    new_array_aligned NEW_ARRAY_ALIGNED (alignment: Alignment) NewArray;
    new_aligned_nothrow NEW_ALIGNED_NOTHROW (alignment: Alignment, tag: NoThrow) New;
    new_array_aligned_nothrow NEW_ARRAY_ALIGNED_NOTHROW (alignment: Alignment, tag: NoThrow) NewArray;
}

giving_back! {
    delete DELETE ();
    delete_array DELETE_ARRAY ();
    delete_sized DELETE_SIZED (size: usize);
    delete_array_sized DELETE_ARRAY_SIZED (size: usize);
    delete_nothrow DELETE_NOTHROW (tag: NoThrow);
    delete_array_nothrow DELETE_ARRAY_NOTHROW (tag: NoThrow);
    delete_aligned DELETE_ALIGNED (alignment: Alignment);
    delete_array_aligned DELETE_ARRAY_ALIGNED (alignment: Alignment);
    delete_sized_aligned DELETE_SIZED_ALIGNED (size: usize, alignment: Alignment);
    delete_array_sized_aligned DELETE_ARRAY_SIZED_ALIGNED (size: usize, alignment: Alignment);
    delete_aligned_nothrow DELETE_ALIGNED_NOTHROW (alignment: Alignment, tag: NoThrow);
    delete_array_aligned_nothrow DELETE_ARRAY_ALIGNED_NOTHROW (alignment: Alignment, tag: NoThrow);
}
