//! Hooks: guard, cheap filter, record, return. No Python call, no lock, no allocation, no panic.

mod allocator;
pub(in crate::sys) mod calls;
pub(in crate::sys) mod native;
pub(in crate::sys) mod references;
mod shadow;
mod stamp;
#[cfg(Py_3_13)]
mod tracer;

pub(super) use allocator::CENSUS;
pub(crate) use allocator::{HookState, dropped, install, reinstall, state};
pub(super) use native::give_back_masks;
pub(crate) use stamp::{Awake, newest_serial, stamp, stamped};
#[cfg(Py_3_13)]
pub(crate) use tracer::{
    install as install_tracer, is_active as tracer_is_active, is_foreign as tracer_is_foreign, remove as remove_tracer,
};
