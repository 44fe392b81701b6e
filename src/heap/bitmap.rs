//! A sealed set of addresses that numbers its members in address order.

use super::index::NodeId;

const GRANULE_BITS: u32 = 4;
/// Bits of address space that one chunk covers (1 MiB).
const CHUNK_BITS: u32 = 20;
/// Words in a chunk; one word has a bit for each granule of 1 KiB.
const WORDS: usize = 1 << (CHUNK_BITS - GRANULE_BITS - 6);
/// Bits of address space that one entry of the top level covers (4 GiB).
const REGION_BITS: u32 = 32;
const CHUNKS_PER_REGION: usize = 1 << (REGION_BITS - CHUNK_BITS);
/// User addresses on the supported platforms stay below this many bits.
const ADDRESS_BITS: u32 = 47;

/// Bits of 64 granules, and the number of the first member in them.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    bits: u64,
    first: NodeId,
}

/// Addresses that are multiples of 16.
#[derive(Debug)]
pub(super) struct Bitmap {
    /// Number of the region + 1 for every 4 GiB of address space.
    top: Vec<u32>,
    /// Number of the chunk + 1 for every MiB of the regions, one region after the other.
    regions: Vec<u32>,
    /// Words of the chunks, one chunk after the other.
    words: Vec<Word>,
    members: usize,
}

impl Default for Bitmap {
    fn default() -> Self {
        let top = vec![0; 1 << (ADDRESS_BITS - REGION_BITS)];
        Self { top, regions: Vec::new(), words: Vec::new(), members: 0 }
    }
}

impl Bitmap {
    /// Adds an address. Returns whether it can be a member at all.
    #[inline]
    pub(super) fn set(&mut self, address: u64) -> bool {
        if !address.is_multiple_of(16) {
            return false;
        }
        let Some(first) = self.chunk(address) else { return false };
        let (word, bit) = place(address);
        let bits = &mut self.words[first + word].bits;
        self.members += usize::from(*bits & bit == 0);
        *bits |= bit;
        true
    }

    /// Number of members.
    pub(super) fn len(&self) -> usize {
        self.members
    }

    /// Where the words of the chunk of an address begin; the chunk is made when absent.
    #[inline]
    fn chunk(&mut self, address: u64) -> Option<usize> {
        let region = *self.top.get((address >> REGION_BITS) as usize)?;
        if region != 0 {
            let chunk = self.regions[entry(region, address)];
            if chunk != 0 {
                return Some((chunk as usize - 1) * WORDS);
            }
        }
        Some(self.new_chunk(address))
    }

    #[cold]
    fn new_chunk(&mut self, address: u64) -> usize {
        let region = &mut self.top[(address >> REGION_BITS) as usize];
        if *region == 0 {
            self.regions.resize(self.regions.len() + CHUNKS_PER_REGION, 0);
            *region = (self.regions.len() / CHUNKS_PER_REGION) as u32;
        }
        let first = self.words.len();
        self.words.resize(first + WORDS, Word::default());
        self.regions[entry(*region, address)] = (first / WORDS) as u32 + 1;
        first
    }

    /// Numbers the members from `first` on in address order, and appends their addresses.
    pub(super) fn number(&mut self, first: NodeId, addresses: &mut Vec<u64>) {
        let mut next = first;
        for (number, &region) in self.top.iter().enumerate().filter(|(_, region)| **region != 0) {
            let chunks = &self.regions[(region as usize - 1) * CHUNKS_PER_REGION..][..CHUNKS_PER_REGION];
            for (place, &chunk) in chunks.iter().enumerate().filter(|(_, chunk)| **chunk != 0) {
                let base = (number as u64) << REGION_BITS | (place as u64) << CHUNK_BITS;
                let words = &mut self.words[(chunk as usize - 1) * WORDS..][..WORDS];
                for (place, word) in words.iter_mut().enumerate() {
                    word.first = next;
                    next += word.bits.count_ones();
                    let mut bits = word.bits;
                    while bits != 0 {
                        let granule = place as u64 * 64 + u64::from(bits.trailing_zeros());
                        addresses.push(base + (granule << GRANULE_BITS));
                        bits &= bits - 1;
                    }
                }
            }
        }
    }

    /// Number of a member; `None` for anything else, and for all before [`Self::number`].
    #[inline]
    pub(super) fn get(&self, address: u64) -> Option<NodeId> {
        let region = *self.top.get((address >> REGION_BITS) as usize)?;
        if region == 0 {
            return None;
        }
        let chunk = (self.regions[entry(region, address)] as usize).checked_sub(1)?;
        let (word, bit) = place(address);
        let Word { bits, first } = self.words[chunk * WORDS + word];
        (bits & bit != 0 && address.is_multiple_of(16)).then(|| first + (bits & (bit - 1)).count_ones())
    }

    /// Bytes that the tables occupy.
    pub(super) fn bytes(&self) -> usize {
        self.words.len() * size_of::<Word>() + (self.regions.len() + self.top.len()) * 4
    }
}

/// Entry of the chunk of an address, in a region given by its number + 1.
#[inline]
fn entry(region: u32, address: u64) -> usize {
    (region as usize - 1) * CHUNKS_PER_REGION + (address >> CHUNK_BITS) as usize % CHUNKS_PER_REGION
}

/// Word in its chunk, and bit in its word, of an address.
#[inline]
fn place(address: u64) -> (usize, u64) {
    let granule = address >> GRANULE_BITS;
    ((granule >> 6) as usize % WORDS, 1 << (granule % 64))
}
