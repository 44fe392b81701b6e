//! Where guarded objects live: slots of one read-only page and some body pages.

use core::ptr;
use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
};

use super::region::{self, HEAD, PAGE, PAGES};

/// Most body pages of a slot: 4 MiB.
const DEEPEST: usize = 1024;
/// Slots with so many body pages have exactly as many as they need; deeper ones come in four steps from one power of
/// two to the next, so that a freed one serves objects of similar sizes.
const EXACT: usize = 8;
/// Lists of free slots: one for each number of body pages that slots have.
const LISTS: usize = EXACT + 4 * (DEEPEST / EXACT).ilog2() as usize + 1;
/// Deep slots end here: few large objects must not take the range from many small ones.
const DEEP_END: usize = PAGES / 2;
/// Largest part of an object that finds room in a slot: what is not its head.
pub(super) const LARGEST_BODY: u64 = DEEPEST as u64 * PAGE;

/// What is known of a slot, by the number of its read-only page. All zero = no slot begins here.
#[repr(C)]
struct Slot {
    /// Size of the block, 0 when it is free.
    size: AtomicU32,
    /// The arming for which the page was made read-only last; not that one when it is writable.
    armed: AtomicU32,
    /// Next free slot of as many pages, + 1.
    next: AtomicU32,
    /// Bytes of the block before the object, in units of 8.
    before: AtomicU8,
    /// Body pages.
    pages: AtomicU16,
}

static SLOTS: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());
static FREE: [AtomicU32; LISTS] = [const { AtomicU32::new(0) }; LISTS];
/// Held for a few instructions, and while forking.
static BUSY: AtomicBool = AtomicBool::new(false);
/// Number of the present arming.
static ARMING: AtomicU32 = AtomicU32::new(1);
/// Read-only pages now, and how many there may be.
static GUARDED: AtomicU32 = AtomicU32::new(0);
static MOST: AtomicU32 = AtomicU32::new(0);

/// What a write to a page of the range meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The read-only page of the object at this address.
    Guarded(u64),
    /// A page that is writable now.
    Writable,
}

/// Makes room for what is known of slots. Whether there is some.
pub(super) fn open() -> bool {
    if !SLOTS.load(Acquire).is_null() {
        return true;
    }
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let size = PAGES * size_of::<Slot>();
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let pages = unsafe { libc::mmap(ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if pages != libc::MAP_FAILED {
        SLOTS.store(pages.cast(), Release);
    }
    pages != libc::MAP_FAILED
}

fn slot(page: usize) -> Option<&'static Slot> {
    let slots = SLOTS.load(Acquire);
    // SAFETY: one for each page of the range, in a mapping that stays; all zero is valid.
    (!slots.is_null() && page < PAGES).then(|| unsafe { &*slots.add(page) })
}

/// Takes the lock of the slots; not for signal handlers.
pub(super) fn lock() {
    while BUSY.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
        core::hint::spin_loop();
    }
}

pub(super) fn unlock() {
    BUSY.store(false, Release);
}

/// At most so many pages are read-only from now on.
pub(super) fn limit(most: u32) {
    MOST.store(most, Relaxed);
}

/// Object and block of a read-only page.
fn places(page: usize, slot: &Slot) -> (u64, u64) {
    let object = region::page(page) + PAGE - HEAD;
    (object, object - u64::from(slot.before.load(Relaxed)) * 8)
}

/// Body pages of a slot that has room for so many, and the list that it is free in.
fn depth(needed: usize) -> (usize, usize) {
    if needed <= EXACT {
        return (needed, needed);
    }
    // From one power of two to the next `pages` has 5 to 8 steps.
    let shift = (needed - 1).ilog2() as usize - 2;
    let steps = needed.div_ceil(1 << shift);
    (steps << shift, EXACT + 4 * (shift - 1) + steps - 4)
}

/// A block of `size` bytes whose object begins after `before`, with a guarded count of 0; `None` when there is no
/// room. `before` is a multiple of 16, and the body not larger than [`LARGEST_BODY`].
pub(super) fn take(size: u64, before: u64, zeroed: bool) -> Option<u64> {
    let (body, list) = depth(size.saturating_sub(before + HEAD).div_ceil(PAGE).max(1) as usize);
    lock();
    let taken = unused(body, list);
    unlock();
    let page = taken?;
    let slot = slot(page)?;
    slot.before.store((before / 8) as u8, Relaxed);
    slot.pages.store(body as u16, Relaxed);
    slot.size.store(size as u32, Release);
    let (object, block) = places(page, slot);
    let (from, length) = if zeroed { (block, size as usize) } else { (object, 8) };
    // SAFETY: inside the slot's pages, which nobody else has; the alias is always writable.
    unsafe { ptr::write_bytes(region::alias(from) as *mut u8, 0, length) };
    if slot.armed.swap(ARMING.load(Relaxed), Relaxed) != ARMING.load(Relaxed) {
        GUARDED.fetch_add(1, Relaxed);
        let head = region::page(page);
        if !region::protect(&(head..head + PAGE), false) {
            slot.armed.store(0, Relaxed);
            GUARDED.fetch_sub(1, Relaxed);
            give_back(block);
            return None;
        }
    }
    Some(block)
}

/// The first page of an unused slot with so many body pages. Under the lock.
fn unused(body: usize, list: usize) -> Option<usize> {
    let full = GUARDED.load(Relaxed) >= MOST.load(Relaxed);
    if let Some(page) = FREE[list].load(Relaxed).checked_sub(1) {
        let slot = slot(page as usize)?;
        if full && slot.armed.load(Relaxed) != ARMING.load(Relaxed) {
            return None;
        }
        FREE[list].store(slot.next.load(Relaxed), Relaxed);
        return Some(page as usize);
    }
    let end = if body > EXACT { DEEP_END } else { PAGES };
    if full { None } else { region::fresh_before(body + 1, end) }
}

/// The block at an address of the range, and its size.
fn of_block(block: u64) -> Option<(usize, &'static Slot)> {
    let page = region::number(block);
    let slot = slot(page).filter(|slot| slot.size.load(Acquire) != 0)?;
    (places(page, slot).1 == block).then_some((page, slot))
}

/// Size of a block in the range.
pub(super) fn size(block: u64) -> Option<u64> {
    of_block(block).map(|(_, slot)| u64::from(slot.size.load(Relaxed)))
}

/// The object in a block.
pub(super) fn object(block: u64) -> Option<u64> {
    of_block(block).map(|(page, slot)| places(page, slot).0)
}

/// Resizes a block where it is; `false` when its slot is too small.
pub(super) fn resize(block: u64, size: u64) -> bool {
    let Some((_, slot)) = of_block(block) else { return false };
    let before = u64::from(slot.before.load(Relaxed)) * 8;
    let room = before + HEAD + u64::from(slot.pages.load(Relaxed)) * PAGE;
    let fits = (before + HEAD..=room).contains(&size);
    if fits {
        slot.size.store(size as u32, Release);
    }
    fits
}

/// Frees a block.
pub(super) fn give_back(block: u64) {
    let Some((page, slot)) = of_block(block) else { return };
    let (_, list) = depth(usize::from(slot.pages.load(Relaxed)));
    slot.size.store(0, Release);
    lock();
    slot.next.store(FREE[list].load(Relaxed), Relaxed);
    FREE[list].store(page as u32 + 1, Relaxed);
    unlock();
}

/// What a write to an address of the range meets. Good in signal handlers.
pub(super) fn page_of(address: u64) -> Page {
    let page = region::number(address);
    match slot(page) {
        Some(slot) if is_guarded(slot) => Page::Guarded(places(page, slot).0),
        _ => Page::Writable,
    }
}

fn is_guarded(slot: &Slot) -> bool {
    slot.armed.load(Relaxed) == ARMING.load(Relaxed)
}

/// Whether the object at an address is live and guarded.
pub(super) fn watches(object: u64) -> bool {
    let page = region::number(object);
    slot(page).is_some_and(|slot| slot.size.load(Acquire) != 0 && is_guarded(slot) && places(page, slot).0 == object)
}

/// Makes the page of an address writable for good. Good in signal handlers.
pub(super) fn give_up(address: u64) {
    let page = region::number(address);
    if slot(page).is_some_and(|slot| slot.armed.swap(0, Relaxed) != 0) {
        GUARDED.fetch_sub(1, Relaxed);
    }
    let head = region::page(page);
    region::protect(&(head..head + PAGE), true);
}

/// Makes all pages writable: objects live on, and nobody sees them any more.
pub(super) fn disarm() {
    ARMING.fetch_add(1, Relaxed);
    GUARDED.store(0, Relaxed);
    MOST.store(0, Relaxed);
    region::protect(&region::used(), true);
}

/// In a forked child, whose pages are all writable: none is guarded, and none will be.
pub(super) fn forget() {
    ARMING.fetch_add(1, Relaxed);
    GUARDED.store(0, Relaxed);
    MOST.store(0, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_slots_have_room_little_waste_and_lists_of_their_own() {
        let mut before = (0, 0);
        for needed in 1..=DEEPEST {
            let (pages, list) = depth(needed);
            assert!(pages >= needed && pages * 4 <= needed * 5, "{needed}: {pages}");
            assert_eq!(depth(pages), (pages, list), "a slot goes back to the list that it came from");
            assert!((pages, list) == before || (pages > before.0 && list == before.1 + 1), "{needed}");
            before = (pages, list);
        }
        assert_eq!(before, (DEEPEST, LISTS - 1));
    }
}
