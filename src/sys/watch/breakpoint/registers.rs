//! Breakpoints in the debug registers themselves, set by a forked child that traces this process for a moment.
//!
//! No thread may write its own debug registers, but a tracer may, and they stay when it lets go. Traps then come as
//! ordinary signals. Source: Intel SDM vol. 3, 19.2.4 (DR7); `ptrace(2)`; Linux `arch/x86/kernel/ptrace.c`.

use core::mem::offset_of;
use core::ptr;
use std::fs::read_to_string;

static READY: u8 = b'r';
/// Milliseconds that the child may take for all threads.
const PATIENCE: i32 = 5_000;

/// Which step of the child failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Step {
    Nothing = 0,
    Seize = 1,
    Stop = 2,
    Write = 3,
}

/// The watch of all threads that were there; ends when dropped.
pub(super) struct Armed;

impl Armed {
    /// Sets the registers of threads. Without `addresses` none is in use afterwards.
    pub(super) fn set(addresses: &[u64], threads: &[i32]) -> Result<Self, String> {
        poke(addresses, threads).map(|()| Self)
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        // Threads that ended are none of the list; those that came later have no breakpoints.
        if poke(&[], &super::threads::all()).is_err() {
            super::note_failure("debug registers could not be cleared: hits go on to be taken");
        }
    }
}

/// Two ends of a pipe: to read, and to write.
struct Pipe([i32; 2]);

impl Pipe {
    fn new() -> Option<Self> {
        let mut ends = [0; 2];
        // SAFETY: fills two descriptors.
        (unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } == 0).then_some(Self(ends))
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        for end in self.0 {
            // SAFETY: a descriptor of ours, closed once.
            unsafe { libc::close(end) };
        }
    }
}

fn poke(addresses: &[u64], threads: &[i32]) -> Result<(), String> {
    let (Some(go), Some(answer)) = (Pipe::new(), Pipe::new()) else { return Err("no descriptors for a pipe".into()) };
    // SAFETY: like fork, but runs no handlers of forks and sends no SIGCHLD when it ends. The child makes system
    // calls on memory that was there, and nothing else.
    let child = unsafe { libc::syscall(libc::SYS_clone, 0, 0, 0, 0, 0) } as i32;
    if child == 0 {
        in_child(&go, &answer, addresses, threads);
    }
    if child < 0 {
        return Err("no child process could be started to set the debug registers".into());
    }
    let mut said = [0u8; 2];
    // SAFETY: one byte there and up to two back, with a limit of time; the child is ours and is waited for. A kernel
    // without Yama does not know PR_SET_PTRACER.
    let answered = unsafe {
        libc::prctl(libc::PR_SET_PTRACER, child as libc::c_ulong, 0, 0, 0);
        libc::write(go.0[1], (&raw const READY).cast(), 1);
        let mut wait = libc::pollfd { fd: answer.0[0], events: libc::POLLIN, revents: 0 };
        while libc::poll(&raw mut wait, 1, PATIENCE) < 0 && *libc::__errno_location() == libc::EINTR {}
        let got =
            if wait.revents & libc::POLLIN != 0 { libc::read(answer.0[0], said.as_mut_ptr().cast(), 2) } else { 0 };
        libc::kill(child, libc::SIGKILL);
        while libc::waitpid(child, ptr::null_mut(), libc::__WALL) < 0 && *libc::__errno_location() == libc::EINTR {}
        libc::prctl(libc::PR_SET_PTRACER, 0, 0, 0, 0);
        got == 2
    };
    match said {
        _ if !answered => Err("the child that sets the debug registers did not answer".into()),
        [0, _] => Ok(()),
        [step, error] => Err(reason(step, i32::from(error))),
    }
}

/// The child: system calls only, for other threads of the parent may have held any lock.
fn in_child(go: &Pipe, answer: &Pipe, addresses: &[u64], threads: &[i32]) -> ! {
    let mut said = [Step::Nothing as u8, 0];
    // SAFETY: memory of this process, which is a copy of the parent's; it ends here.
    unsafe {
        let mut ready = 0u8;
        libc::read(go.0[0], (&raw mut ready).cast(), 1);
        for &thread in threads {
            let (step, error) = set(thread, addresses);
            if step != Step::Nothing && error != libc::ESRCH {
                said = [step as u8, error as u8];
                break;
            }
        }
        libc::write(answer.0[1], said.as_ptr().cast(), said.len());
        libc::syscall(libc::SYS_exit_group, 0);
        libc::abort()
    }
}

/// Sets the debug registers of one thread.
///
/// # Safety
/// In a child process only, which traces the thread for as long as this takes.
unsafe fn set(thread: i32, addresses: &[u64]) -> (Step, i32) {
    // SAFETY: requests about a process that is not this one.
    let request = |request: libc::c_uint, address: usize, data: u64| unsafe {
        if libc::syscall(libc::SYS_ptrace, request, thread, address, data) < 0 { *libc::__errno_location() } else { 0 }
    };
    let register = |number: usize| offset_of!(libc::user, u_debugreg) + number * size_of::<u64>();
    match request(libc::PTRACE_SEIZE, 0, 0) {
        0 => {}
        error => return (Step::Seize, error),
    }
    let error = request(libc::PTRACE_INTERRUPT, 0, 0);
    // SAFETY: waits for a thread that is traced by this one.
    if error != 0 || unsafe { libc::waitpid(thread, ptr::null_mut(), libc::__WALL) } < 0 {
        return (Step::Stop, error);
    }
    let mut failed = request(libc::PTRACE_POKEUSER, register(7), 0);
    for (number, &address) in addresses.iter().enumerate() {
        failed = failed.max(request(libc::PTRACE_POKEUSER, register(number), address));
    }
    failed = failed.max(request(libc::PTRACE_POKEUSER, register(7), control(addresses.len())));
    request(libc::PTRACE_DETACH, 0, 0);
    (if failed == 0 { Step::Nothing } else { Step::Write }, failed)
}

/// DR7 with so many registers in use, each on writes to eight bytes.
fn control(registers: usize) -> u64 {
    const ON_WRITE: u64 = 0b01;
    const EIGHT_BYTES: u64 = 0b10;
    (0..registers).map(|number| 1 << (2 * number) | (ON_WRITE | EIGHT_BYTES << 2) << (16 + 4 * number)).sum()
}

fn reason(step: u8, error: i32) -> String {
    let scope = read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match (error, scope.trim()) {
        (libc::EPERM | libc::EACCES, scope @ ("2" | "3")) => format!(
            "ptrace is refused: kernel.yama.ptrace_scope is {scope}; 1 permits it (sysctl kernel.yama.ptrace_scope=1)"
        ),
        (libc::EPERM | libc::EACCES | libc::ENOSYS, _) if step == Step::Seize as u8 => {
            "ptrace is refused by a seccomp profile, or the process is not dumpable: a profile that allows ptrace permits \
             it (docker run --cap-add SYS_PTRACE)"
                .to_owned()
        }
        (libc::ENOSPC | libc::EBUSY, _) => "the processor's debug registers are taken by another program".to_owned(),
        _ => format!("the debug registers could not be set (step {step}, error {error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::control;

    #[test]
    fn control_word_of_the_manual() {
        assert_eq!(control(0), 0);
        assert_eq!(control(1), 0x0009_0001);
        assert_eq!(control(4), 0x9999_0055);
    }
}
