//! Why nothing can be guarded here.

use std::fs;

/// Signals that a guarded write needs, by their bits in `/proc`.
const NEEDED: u64 = 1 << (libc::SIGSEGV - 1) | 1 << (libc::SIGTRAP - 1);

/// The reason not to guard anything in this process, as a sentence.
pub(super) fn reason() -> Option<String> {
    if cfg!(Py_GIL_DISABLED) {
        return Some("free-threaded builds keep reference counts in two places".into());
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(tracer) = field(&status, "TracerPid:").filter(|pid| *pid != "0") {
        return Some(format!("process {tracer} is attached as a debugger, which would take the signals"));
    }
    if let Some(tool) = underneath() {
        return Some(format!("this process runs under {tool}, which handles faults itself"));
    }
    let thread = deaf_thread()?;
    Some(format!(
        "thread {thread} blocks SIGSEGV or SIGTRAP: its first write to a guarded object would kill the process"
    ))
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// valgrind or a sanitizer.
fn underneath() -> Option<&'static str> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    if maps.contains("/vgpreload_") {
        return Some("valgrind");
    }
    let tools = [
        (c"__asan_init", "AddressSanitizer"),
        (c"__tsan_init", "ThreadSanitizer"),
        (c"__msan_init", "MemorySanitizer"),
        (c"__lsan_init", "LeakSanitizer"),
    ];
    // SAFETY: looks a name up.
    let has = |name: &core::ffi::CStr| unsafe { !libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()).is_null() };
    tools.into_iter().find(|(name, _)| has(name)).map(|(_, tool)| tool)
}

/// A thread that could not take our signals.
fn deaf_thread() -> Option<String> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    threads.flatten().find_map(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).ok()?;
        let blocked = u64::from_str_radix(field(&status, "SigBlk:")?, 16).ok()?;
        (blocked & NEEDED != 0).then(|| {
            let name = field(&status, "Name:").unwrap_or_default();
            format!("{} ({name})", thread.file_name().to_string_lossy())
        })
    })
}

/// How many objects may be guarded at once: each splits a mapping in two more.
pub(super) fn most_objects() -> u32 {
    let maps = fs::read_to_string("/proc/self/maps").map_or(0, |maps| maps.lines().count());
    let most = fs::read_to_string("/proc/sys/vm/max_map_count").ok().and_then(|text| text.trim().parse().ok());
    let free = most.unwrap_or(65_530_usize).saturating_sub(maps);
    (free / 4 / 2) as u32
}
