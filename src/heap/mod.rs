//! The model heap: objects and references as numbers. Keeps nothing alive, touches no pointer.

mod bitmap;
pub mod effects;
mod graph;
pub mod import_cache;
mod index;
mod ledger;
pub mod model;
mod pointers;
mod probing;
mod snapshot;

pub use graph::{Builder, Edges, Heap, NodeId};
pub use ledger::{History, histories};
pub use pointers::{Place, Pointer};
pub use snapshot::{Change, Snapshot, Unexplained};
