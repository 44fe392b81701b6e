//! What Cython generated, in the words of the `.pyx` file.
//!
//! Learnt from the C files that Cython 3.3.1 writes and the symbols of the modules compiled from
//! them; other versions were not compared.

mod name;
mod resolve;
mod source;

pub(super) use name::{generated_name, readable};
pub(super) use resolve::Sources;
