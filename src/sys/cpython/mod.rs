//! Reading CPython's objects: typed pointers, layouts, and the one edge function.

mod codes;
mod collector;
mod compat;
mod dicts;
mod edge_names;
mod edges;
mod enumerate;
mod frame_names;
mod frames;
mod object;
mod owned;
mod text;

pub(super) use codes::{code_facts, is_code};
pub(super) use collector::each_generation;
pub(crate) use compat::{LINE_FORMAT, NEWEST_MINOR, OLDEST_MINOR, layouts};
pub(super) use compat::{dict, heaptype, is_linked, list, module, object as head};
pub(super) use dicts::lookup_of;
pub(super) use edge_names::{item, reference, thing};
pub(super) use edges::EdgeWalk;
pub(super) use enumerate::tracked;
pub(super) use frame_names::{is_own_name, thread_reference};
pub(super) use frames::{
    fields as frame_fields, innermost as innermost_frame, references as thread_references, threads,
};
#[cfg(Py_3_13)]
pub(super) use object::pre_header;
pub(super) use object::{Object, Type, read};
pub(super) use owned::owned_blocks;
pub(super) use text::{label, module_of, string, type_name};
