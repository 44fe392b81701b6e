//! Files as bytes in memory, for whoever reads symbols.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;

use crate::symbols::{Bytes, Files};

/// Maps whole files, read only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MappedFiles;

impl Files for MappedFiles {
    fn open(&self, path: &Path) -> Option<Bytes> {
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        let length = usize::try_from(metadata.len()).ok()?;
        if !metadata.is_file() || length == 0 {
            return None;
        }
        // SAFETY: a private read-only mapping at an address of the kernel's choice touches nothing.
        let start = unsafe {
            libc::mmap(core::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0)
        };
        (start != libc::MAP_FAILED).then(|| Arc::new(Mapping { start: start.cast(), length }) as Bytes)
    }
}

/// A mapped file. A file that is cut short while it is mapped cannot be read safely; libraries that
/// are loaded are mapped by the loader in just the same way.
struct Mapping {
    start: *const u8,
    length: usize,
}

// SAFETY: memory that nobody writes to.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl AsRef<[u8]> for Mapping {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: mapped for as long as this value lives.
        unsafe { core::slice::from_raw_parts(self.start, self.length) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: our own mapping, and its slices have ended.
        unsafe { libc::munmap(self.start.cast_mut().cast(), self.length) };
    }
}
