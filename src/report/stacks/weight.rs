//! What is still alive: bytes, and objects and blocks.

use super::super::visible::{bytes, count};
use crate::document::{Finding, Trace};

/// Bytes and blocks that are alive. Sums stop at the largest number instead of wrapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) struct Weight {
    pub(in crate::report) bytes: u64,
    pub(in crate::report) blocks: u64,
}

impl Weight {
    pub(in crate::report) fn add(&mut self, trace: &Trace) {
        self.bytes = self.bytes.saturating_add(trace.bytes);
        self.blocks = self.blocks.saturating_add(trace.blocks);
    }

    /// `12 objects, 18.0 KiB`; bytes only where there are any.
    pub(in crate::report) fn in_words(self, (one, many): (&str, &str)) -> String {
        let blocks = count(self.blocks, one, many);
        if self.bytes == 0 { blocks } else { format!("{blocks}, {}", bytes(self.bytes)) }
    }

    pub(in crate::report) fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// By what the stacks of a document are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Unit {
    Bytes,
    /// Where no stack has bytes: references to objects that were there before.
    Blocks,
}

impl Unit {
    /// The number of `weight` that counts.
    pub(in crate::report) fn of(self, weight: Weight) -> u64 {
        match self {
            Self::Bytes => weight.bytes,
            Self::Blocks => weight.blocks,
        }
    }

    /// The number of `trace` that counts.
    pub(in crate::report) fn of_trace(self, trace: &Trace) -> u64 {
        self.of(Weight { bytes: trace.bytes, blocks: trace.blocks })
    }
}

/// All that is alive by stack, and by what to weigh it.
pub(in crate::report) fn weight_of(findings: &[Finding]) -> (Weight, Unit) {
    let mut sum = Weight::default();
    findings.iter().flat_map(|finding| &finding.traces).for_each(|trace| sum.add(trace));
    (sum, if sum.bytes > 0 { Unit::Bytes } else { Unit::Blocks })
}
