//! The model heap: objects and references as numbers. Keeps nothing alive, touches no pointer.

mod bitmap;
mod graph;
pub mod import_cache;
mod index;
pub mod model;
mod pointers;
mod probing;
mod snapshot;

pub use graph::{Builder, Edges, Heap, NodeId};
pub use pointers::{Place, Pointer};
pub use snapshot::{Change, Snapshot, Unexplained};
