//! Hooks on the functions by which an extension counts references, where it imports them: extensions for the limited
//! API of 3.12 and newer, PyO3's abi3 ones. All objects, in the first pass.
//!
//! `_Py_Dealloc` is imported by every extension that counts inline: it tells the last release.

mod log;
mod told;
mod wrappers;

pub(in crate::sys::hook) use log::{Kind, append, count, is_awake};
pub(in crate::sys) use log::{dropped, forget, sleep, touched_bytes, wake};
pub(in crate::sys) use told::imported;

use super::native::{Hook, Kind as Purpose};

/// The hooks, for import tables.
pub(super) fn hooks() -> Vec<Hook> {
    use wrappers as w;
    let hook = |name, wrapper: *const (), original: &'static w::Original| Hook {
        name,
        kind: Purpose::Reference,
        both: Some(wrapper as usize),
        giving_back: None,
        original: &original.address,
    };
    vec![
        hook(c"Py_IncRef", w::inc_ref as *const (), &w::INC_REF),
        hook(c"_Py_IncRef", w::inner_inc_ref as *const (), &w::INNER_INC_REF),
        hook(c"Py_NewRef", w::new_ref as *const (), &w::NEW_REF),
        hook(c"Py_XNewRef", w::x_new_ref as *const (), &w::X_NEW_REF),
        hook(c"Py_DecRef", w::dec_ref as *const (), &w::DEC_REF),
        hook(c"_Py_DecRef", w::inner_dec_ref as *const (), &w::INNER_DEC_REF),
        hook(c"_Py_Dealloc", w::dealloc as *const (), &w::DEALLOC),
    ]
}
