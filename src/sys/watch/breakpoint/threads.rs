//! The threads of this process, as `/proc` tells.

use std::fs;

/// All that are there now.
pub(super) fn all() -> Vec<i32> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}

/// Those that take SIGTRAP, and the names of those that block it: it would kill the process there.
pub(super) fn sorted() -> (Vec<i32>, Vec<String>) {
    let (mut taking, mut blocking) = (Vec::new(), Vec::new());
    for thread in all() {
        let status = fs::read_to_string(format!("/proc/self/task/{thread}/status")).unwrap_or_default();
        let blocked = field(&status, "SigBlk:").and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(0);
        if blocked & 1 << (libc::SIGTRAP - 1) == 0 {
            taking.push(thread);
        } else {
            blocking.push(format!("{thread} ({})", field(&status, "Name:").unwrap_or_default()));
        }
    }
    (taking, blocking)
}

/// Why no trap may be caused in this process, as a sentence.
pub(super) fn refusal() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(tracer) = field(&status, "TracerPid:").filter(|pid| *pid != "0") {
        return Some(format!("process {tracer} is attached as a debugger, which would take the signals: detach it"));
    }
    if fs::read_to_string("/proc/self/maps").unwrap_or_default().contains("/vgpreload_") {
        return Some("this process runs under valgrind, which has no debug registers".to_owned());
    }
    let names = [c"__asan_init", c"__tsan_init", c"__msan_init"];
    // SAFETY: looks names up.
    let sanitized = names.iter().any(|name| unsafe { !libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()).is_null() });
    sanitized.then(|| "this process runs under a sanitizer, which takes signals itself".to_owned())
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}
