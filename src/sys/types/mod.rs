//! Types from outside: what a compiled type says of itself, and what one instance of it holds.
//!
//! Source: CPython `Include/cpython/object.h`, `Objects/typeobject.c`. For audits of types, which run in a child
//! process: `tp_traverse` of a stranger is called on purpose here, and may do anything.

mod body;
mod facts;
mod instances;
mod live;
mod release;
mod visits;

pub(crate) use body::body_words;
pub(crate) use facts::type_facts;
pub(crate) use instances::{instances, parked};
pub(crate) use live::{can_look, counts, hold, known_object, owned};
pub(crate) use release::deallocator;
pub(crate) use visits::visits;
