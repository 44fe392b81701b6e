//! The layered picture: what each layer of memory holds, and by how much that grew.

use crate::document::Layers;
use crate::event::Domain;
use crate::sys::{self, Memory};

/// What every layer held at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading(Memory);

/// Collects once, so that garbage does not count as held, and reads every layer.
pub(crate) fn measure() -> Reading {
    sys::settle(sys::QUICK);
    Reading(sys::memory())
}

impl Reading {
    /// By how much each layer grew since an earlier reading, in bytes.
    pub(crate) fn growth_since(&self, earlier: &Self) -> Layers {
        let (now, then) = (&self.0, &earlier.0);
        let domain = |domain: Domain| now.domains[domain as usize] - then.domains[domain as usize];
        Layers {
            objects: domain(Domain::Object),
            blocks: domain(Domain::Mem) + domain(Domain::Raw),
            native: domain(Domain::Native),
            arenas: now.arenas - then.arenas,
            heap_in_use: now.heap_in_use - then.heap_in_use,
            heap_free: now.heap_free - then.heap_free,
            resident: now.resident - then.resident,
        }
    }
}
