//! Address to node: a two-level table that costs two loads and no hashing.
//!
//! Python objects are at least 16 bytes long, so two of them never start in the same 16-byte
//! granule and one slot per granule is enough. Chunks are zeroed lazily by the operating system:
//! untouched parts cost address space only.

/// Bits of address space that one chunk covers (16 MiB).
const CHUNK_BITS: u32 = 24;
const GRANULE_BITS: u32 = 4;
const SLOTS: usize = 1 << (CHUNK_BITS - GRANULE_BITS);
/// User addresses on the supported platforms stay below this many bits.
const ADDRESS_BITS: u32 = 47;

/// Maps addresses to small numbers; 0 means absent.
#[derive(Debug)]
pub(super) struct AddressIndex {
    /// Chunk number + 1 for every 16 MiB of address space.
    directory: Vec<u32>,
    chunks: Vec<Box<[u32]>>,
}

impl AddressIndex {
    pub(super) fn new() -> Self {
        Self { directory: vec![0; 1 << (ADDRESS_BITS - CHUNK_BITS)], chunks: Vec::new() }
    }

    /// The slot of an address, created when absent; `None` for an address no user object can have.
    #[inline]
    pub(super) fn slot(&mut self, address: u64) -> Option<&mut u32> {
        let entry = self.directory.get_mut((address >> CHUNK_BITS) as usize)?;
        if *entry == 0 {
            self.chunks.push(vec![0; SLOTS].into_boxed_slice());
            *entry = u32::try_from(self.chunks.len()).ok()?;
        }
        self.chunks.get_mut(*entry as usize - 1)?.get_mut(granule(address))
    }

    /// The number stored for an address, 0 when absent.
    #[inline]
    pub(super) fn get(&self, address: u64) -> u32 {
        match self.directory.get((address >> CHUNK_BITS) as usize) {
            Some(&entry) if entry != 0 => self.chunks[entry as usize - 1][granule(address)],
            _ => 0,
        }
    }
}

#[inline]
fn granule(address: u64) -> usize {
    (address >> GRANULE_BITS) as usize & (SLOTS - 1)
}
