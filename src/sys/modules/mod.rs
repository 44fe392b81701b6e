//! Extension modules from outside: their definitions, who makes them, and the caches that keep them.
//!
//! Source for all of it: CPython `Objects/moduleobject.c`, `Python/import.c`, `Python/pystate.c`.

mod caches;
mod definition;
mod facts;
mod forget;
mod framework;
mod frees;
mod identity;
mod inits;
mod object;
mod slots;

pub(crate) use caches::{ImportCaches, import_caches};
pub(crate) use facts::facts;
pub(crate) use forget::forget_import;
pub(crate) use identity::{identify, is_alive};
pub(in crate::sys) use inits::{Api, record as record_init, watching as watching_inits};
pub(crate) use inits::{inits, watch as watch_inits};
pub(in crate::sys) use object::check as check_modules;
pub(crate) use object::definition_of as module_def;
