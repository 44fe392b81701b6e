//! Reading memory that may not be there: by the kernel, which says so instead of crashing.

/// Why nothing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not all of it is mapped.
    Unmapped,
    /// The call is not allowed, as in some containers.
    Forbidden,
}

/// Copies words from an address of this process into a buffer.
pub(super) fn copied(address: u64, buffer: &mut [u64]) -> Result<&[u64], Refusal> {
    let length = size_of_val(buffer);
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: length };
    let remote = libc::iovec { iov_base: address as *mut _, iov_len: length };
    // SAFETY: copies into `buffer` as much as fits there, or fails.
    let copied = unsafe { libc::process_vm_readv(libc::getpid(), &raw const local, 1, &raw const remote, 1, 0) };
    // SAFETY: `errno` of the call just made.
    match (copied, unsafe { *libc::__errno_location() }) {
        (copied, _) if copied == length as isize => Ok(buffer),
        (0.., _) | (_, libc::EFAULT) => Err(Refusal::Unmapped),
        _ => Err(Refusal::Forbidden),
    }
}
