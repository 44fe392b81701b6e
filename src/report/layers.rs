//! The layers of memory and how much each grew.

use super::visible::bytes;
use crate::document::Layers;

/// One layer and its growth.
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) growth: i64,
}

/// Each layer, from the objects of Python down to the process.
pub(super) fn layers(layers: &Layers) -> [Layer; 7] {
    let layer = |name, what, growth| Layer { name, what, growth };
    [
        layer("Python objects", "live blocks of CPython's object domain", layers.objects),
        layer("PyMem blocks", "live blocks of CPython's mem and raw domains", layers.blocks),
        layer("Native blocks", "malloc, operator new and mmap of the modules under audit", layers.native),
        layer("Arenas", "what CPython's allocator holds from the system, in use or not", layers.arenas),
        layer("C heap in use", "what the C library's allocator has handed out", layers.heap_in_use),
        layer("C heap kept", "what the C library's allocator keeps for later", layers.heap_free),
        layer("Resident set", "memory of the process that is in RAM", layers.resident),
    ]
}

/// Growth with its sign: `+1.5 MiB`.
pub(super) fn growth(number: i64) -> String {
    let sign = match number.signum() {
        1 => "+",
        -1 => "\u{2212}",
        _ => "",
    };
    format!("{sign}{}", bytes(number.unsigned_abs()))
}
