//! The unsafe room: everything that touches a pointer of the audited interpreter.
//!
//! An object pointer is valid only under the GIL and only until Python code runs; what leaves this
//! room is a number or a string.
#![allow(unsafe_code)]

mod canary;
mod capture;
mod check;
mod cpython;
mod describe;
mod holders;
mod hook;
mod pages;
mod segments;
mod settle;

pub(crate) use canary::{Canary, leak_block, leak_reference, over_release};
pub(crate) use capture::{BEFORE_ANY_RUN, Capture, Landmarks, adopt_stray, capture, summarise};
pub(crate) use check::check_layouts;
pub(crate) use cpython::{NEWEST_MINOR, OLDEST_MINOR, layouts};
pub(crate) use describe::{Describer, is_own};
pub(crate) use holders::{Interpreter, pointers};
pub(crate) use hook::{HookState, dropped, install, reinstall, stamp, stamped, state};
#[cfg(Py_3_13)]
pub(crate) use hook::{install_tracer, remove_tracer, tracer_is_active, tracer_is_foreign};
pub(crate) use settle::{QUICK, THOROUGH, settle};
