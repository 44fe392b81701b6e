//! Live mappings with their ends, because a mapping can be given back in parts.
//!
//! The census knows where a mapping starts; this short list also answers which one covers a page.
//! A place: `start` 0 = free, 1 = being written. Written without a lock. When all places are
//! taken, further mappings are in the census alone, and only giving back the whole is seen.

use core::ops::Range;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicU64, AtomicUsize};

use super::super::allocator::CENSUS;
use super::record::{born, keeping_errno, lives_on};
use crate::event::{Block, Domain, Route};

const PLACES: usize = 4096;
const FREE: u64 = 0;
const BUSY: u64 = 1;

struct Place {
    start: AtomicU64,
    end: AtomicU64,
}

static LIST: [Place; PLACES] = [const { Place { start: AtomicU64::new(FREE), end: AtomicU64::new(0) } }; PLACES];
/// Places beyond this were never taken.
static USED: AtomicUsize = AtomicUsize::new(0);

fn remember(pages: &Range<u64>) {
    let claimed = LIST.iter().position(|place| {
        place.start.load(Relaxed) == FREE && place.start.compare_exchange(FREE, BUSY, AcqRel, Relaxed).is_ok()
    });
    if let Some(number) = claimed {
        USED.fetch_max(number + 1, AcqRel);
        LIST[number].end.store(pages.end, Relaxed);
        LIST[number].start.store(pages.start, Release);
    }
}

/// A mapping was made.
pub(super) fn note(pages: &Range<u64>, length: u64) {
    born(pages.start as *mut _, length as usize, Route::Mmap);
    remember(pages);
}

/// A mapping that was cut out lives on elsewhere.
pub(super) fn moved(cut: &Cut, pages: &Range<u64>, length: u64) {
    if let Some((known, _)) = cut.only {
        lives_on(known, pages.start, length);
        remember(pages);
    }
}

/// What a cut has changed.
#[derive(Default)]
pub(super) struct Cut {
    /// The mapping that was touched and its end, if it was only one.
    only: Option<(Block, u64)>,
    touched: usize,
}

impl Cut {
    /// The kernel refused. It does so when a mapping would fall in two and the process has too many
    /// already, so that only one can have been touched.
    pub(super) fn undo(&self) {
        if let Some((known, end)) = self.only {
            keeping_errno(|| {
                cut(&(known.address..end));
                CENSUS.record(known);
                remember(&(known.address..end));
            });
        }
    }
}

fn mapping_at(start: u64) -> Option<Block> {
    CENSUS.find(start).filter(|block| block.domain == Domain::Native && block.route == Route::Mmap)
}

/// Forgets the mappings that lie in a range, and shortens those that reach out of it: what is
/// before it stays, else what is after it.
pub(super) fn cut(pages: &Range<u64>) -> Cut {
    let mut cut = Cut::default();
    for place in &LIST[..USED.load(Acquire)] {
        let start = place.start.load(Acquire);
        let end = place.end.load(Relaxed);
        if start <= BUSY || start >= pages.end || end <= pages.start {
            continue;
        }
        // Not taken by another mapping between the two reads.
        let ended = place.start.compare_exchange(start, FREE, AcqRel, Relaxed).is_ok();
        if let Some(known) = mapping_at(start).filter(|_| ended) {
            CENSUS.forget(start);
            cut.touch(known, end);
            keep_rest(known, end, pages);
        }
    }
    if cut.touched == 0
        && let Some(known) = mapping_at(pages.start)
    {
        CENSUS.forget(pages.start);
        cut.touch(known, pages.end);
    }
    cut
}

fn keep_rest(known: Block, end: u64, cut: &Range<u64>) {
    let rest = if known.address < cut.start { known.address..cut.start } else { cut.end..end };
    if rest.start < rest.end {
        lives_on(known, rest.start, rest.end - rest.start);
        remember(&rest);
    }
}

impl Cut {
    fn touch(&mut self, known: Block, end: u64) {
        self.touched += 1;
        self.only = (self.touched == 1).then_some((known, end));
    }
}
