//! Breakpoints as perf events that send the writing thread a signal (Linux 5.13 and newer).
//!
//! Source: `perf_event_open(2)` and `include/uapi/linux/perf_event.h`. `libc` does not declare the structure.

use core::ffi::c_int;
use std::fs::read_to_string;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::slots::cookie;

const TYPE_BREAKPOINT: u32 = 5;
const ON_WRITE: u32 = 2;
const EIGHT_BYTES: u64 = 8;
const CLOSE_ON_EXEC: u64 = 8;

/// Bits of the attribute's flags, in the order of the header.
const INHERIT: u64 = 1 << 1;
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
const INHERIT_THREAD: u64 = 1 << 35;
const REMOVE_ON_EXEC: u64 = 1 << 36;
const SIGTRAP: u64 = 1 << 37;

/// `struct perf_event_attr` as of 5.13 (`PERF_ATTR_SIZE_VER7`).
#[repr(C)]
#[derive(Default)]
struct Attribute {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    breakpoint_type: u32,
    breakpoint_address: u64,
    breakpoint_length: u64,
    /// From `branch_sample_type` to `aux_sample_size` and its padding.
    unused: [u64; 6],
    sig_data: u64,
}

const _: () = assert!(size_of::<Attribute>() == 128);

/// Events of all threads; closing them ends the watch.
pub(super) struct Events {
    events: Vec<OwnedFd>,
    /// The process that opened them: a forked child has the descriptors, but nothing that is watched.
    owner: u32,
}

impl Events {
    /// One event for each address and thread; threads that these start later inherit theirs.
    pub(super) fn open(addresses: &[u64], threads: &[i32]) -> Result<Self, String> {
        let mut events = Vec::new();
        for &thread in threads {
            for &address in addresses {
                match open(address, thread) {
                    Ok(event) => events.push(event),
                    // The thread ended meanwhile.
                    Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
                    Err(error) => return Err(reason(&error)),
                }
            }
        }
        Ok(Self { events, owner: std::process::id() })
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        const DISABLE: u64 = 0x2401;
        if std::process::id() != self.owner {
            return;
        }
        // A child may hold them open: closing alone would not end them.
        for event in &self.events {
            // SAFETY: an event of ours; threads that inherited it stop, too.
            unsafe { libc::ioctl(event.as_raw_fd(), DISABLE, 0) };
        }
    }
}

fn open(address: u64, thread: i32) -> io::Result<OwnedFd> {
    let attribute = Attribute {
        kind: TYPE_BREAKPOINT,
        size: size_of::<Attribute>() as u32,
        sample_period: 1,
        flags: INHERIT | INHERIT_THREAD | EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR | REMOVE_ON_EXEC | SIGTRAP,
        breakpoint_type: ON_WRITE,
        breakpoint_address: address,
        breakpoint_length: EIGHT_BYTES,
        sig_data: cookie(address),
        ..Attribute::default()
    };
    let (any_processor, no_group): (c_int, c_int) = (-1, -1);
    // SAFETY: reads an attribute of the size that it says.
    let event = unsafe {
        libc::syscall(libc::SYS_perf_event_open, &raw const attribute, thread, any_processor, no_group, CLOSE_ON_EXEC)
    };
    if event < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that was just opened for us.
    Ok(unsafe { OwnedFd::from_raw_fd(event as c_int) })
}

/// Why an event was refused, and what would permit it.
fn reason(error: &io::Error) -> String {
    let paranoid = read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    let paranoid = paranoid.trim();
    match error.raw_os_error() {
        Some(libc::EACCES) => format!(
            "perf_event_open is refused: kernel.perf_event_paranoid is {paranoid}; 2 permits it (sysctl \
             kernel.perf_event_paranoid=2), or CAP_PERFMON"
        ),
        Some(libc::EPERM | libc::ENOSYS) => {
            "perf_event_open is refused by a seccomp profile or for want of CAP_PERFMON: a profile that allows \
             perf_event_open permits it (docker run --cap-add PERFMON)"
                .to_owned()
        }
        Some(libc::ENOSPC) => "the processor's debug registers are taken by another program".to_owned(),
        Some(libc::EINVAL | libc::E2BIG) => "the kernel is older than 5.13: perf events send no signal".to_owned(),
        Some(libc::ENOENT | libc::ENODEV | libc::EOPNOTSUPP) => {
            "the kernel has no hardware breakpoints as perf events here".to_owned()
        }
        _ => format!("perf_event_open failed: {error}"),
    }
}
