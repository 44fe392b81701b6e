//! The function that a hook stands in for.

use core::marker::PhantomData;
use core::mem::transmute_copy;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// Address of a function of type `F`; null until [`crate::sys::imports`] has found it.
pub(super) struct Original<F> {
    pub(super) address: AtomicPtr<()>,
    kind: PhantomData<F>,
}

impl<F: Copy> Original<F> {
    const IS_POINTER: () = assert!(size_of::<F>() == size_of::<*mut ()>());

    pub(super) const fn new() -> Self {
        Self { address: AtomicPtr::new(ptr::null_mut()), kind: PhantomData }
    }

    /// The function. Only hooks call it, and no slot leads to a hook before its original is known.
    #[inline(always)]
    pub(super) fn get(&self) -> F {
        let () = Self::IS_POINTER;
        let address = self.address.load(Relaxed);
        // SAFETY: `F` is a function pointer (the only use of this type), and the address is that of
        // the function with the hook's name, whose signature the C and C++ standards fix.
        unsafe { transmute_copy(&address) }
    }
}
