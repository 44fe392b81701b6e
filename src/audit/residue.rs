//! What of each run is still alive, whether or not that is a leak: summed up by type.

use rustc_hash::{FxHashMap, FxHashSet};

use super::evidence::Born;
use super::groups::name;
use super::stacks::{self, Share};
use crate::event::{Domain, RunId};
use crate::findings::Thing;
use crate::findings::life_cycle::{Residue, ResidueRow};
use crate::heap::Snapshot;
use crate::sys::{self, Capture, Describer};

/// Types beyond this number are left out: the first ones have nearly all the bytes.
const MOST_ROWS: usize = 20;

/// What is alive of each of so many runs, as the last snapshot saw it.
pub(super) fn residues(
    capture: &Capture,
    snapshot: &Snapshot,
    runs: usize,
    scope: &[String],
    number_of: &dyn Fn(RunId) -> Option<usize>,
) -> Vec<Residue> {
    let survivors: FxHashSet<u64> = snapshot.survivors.iter().map(|block| block.address).collect();
    let mut describer = Describer::new(capture);
    let mut sums: Vec<Sum> = (0..runs).map(|_| Sum::default()).collect();
    let born = capture.born.iter().filter(|(block, _)| survivors.contains(&block.address));
    for born in born.filter_map(|entry| Born::new(capture, entry, number_of)) {
        if !sys::is_own(capture, born.survivor.address) {
            sums[born.survivor.run].add(&born, &mut describer);
        }
    }
    sums.into_iter().map(|sum| sum.finish(scope)).collect()
}

/// One run's residue in the making.
#[derive(Default)]
struct Sum {
    residue: Residue,
    shares: FxHashMap<String, Vec<Share>>,
}

impl Sum {
    fn add(&mut self, born: &Born, describer: &mut Describer<'_>) {
        let (thing, type_name, _) = name(born, describer);
        let (residue, block) = (&mut self.residue, &born.block);
        if block.domain == Domain::Native {
            residue.native_blocks += 1;
            residue.native_bytes += block.size;
        } else {
            *(if thing == Thing::Object { &mut residue.objects } else { &mut residue.blocks }) += 1;
            residue.bytes += block.size;
        }
        residue.types += u64::from(born.survivor.node.is_some_and(|node| describer.is_heap_type(node)));
        let stale = thing == Thing::Object && sys::may_be_stale(&type_name);
        // Plain blocks of any size are one row: hundreds of rows of one size each tell nothing.
        let row =
            if thing == Thing::Block { format!("block of the {} domain", block.domain.name()) } else { type_name };
        let share = Share { stack: block.stack, blocks: 1, bytes: block.size, stale };
        self.shares.entry(row).or_default().push(share);
    }

    fn finish(self, scope: &[String]) -> Residue {
        let total = |shares: &[Share]| shares.iter().map(|share| share.bytes).sum::<u64>();
        let mut rows: Vec<(String, Vec<Share>)> = self.shares.into_iter().collect();
        rows.sort_by_cached_key(|(name, shares)| (core::cmp::Reverse(total(shares)), name.clone()));
        let row = |(type_name, shares): (String, Vec<Share>)| {
            let (count, bytes) = (shares.len() as u64, total(&shares));
            let site = stacks::summed(shares).iter().find_map(|share| stacks::site(share.stack, scope));
            ResidueRow { type_name, count, bytes, site: site.map(|frame| stacks::with_source(frame, scope)) }
        };
        Residue { rows: rows.into_iter().take(MOST_ROWS).map(row).collect(), ..self.residue }
    }
}
