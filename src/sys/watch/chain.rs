//! The other handlers of our signals: whose turn it is when a fault is none of ours.

use core::ffi::{c_int, c_void};
use core::mem::{MaybeUninit, transmute};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};

use libc::{sigaction, siginfo_t, ucontext_t};

/// A handler of one of our signals.
pub(super) type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// A signal that we need, and what would be done at it without us.
pub(super) struct Chain {
    signal: c_int,
    /// Whether our handler is installed, as far as we know.
    ours: AtomicBool,
    handler: AtomicUsize,
    flags: AtomicI32,
    /// Signals 1 to 64.
    mask: AtomicU64,
    /// Signals of this kind that were sent, not caused, and that were passed on. Two handlers that each take the other for
    /// their predecessor would pass one on for ever.
    passed_on: AtomicU32,
}

const TOO_OFTEN: u32 = 64;

impl Chain {
    pub(super) const fn new(signal: c_int) -> Self {
        Self {
            signal,
            ours: AtomicBool::new(false),
            handler: AtomicUsize::new(libc::SIG_DFL),
            flags: AtomicI32::new(0),
            mask: AtomicU64::new(0),
            passed_on: AtomicU32::new(0),
        }
    }

    /// Whether this is the chain of a signal, and our handler is installed.
    pub(super) fn is_of(&self, signal: c_int) -> bool {
        self.signal == signal && self.ours.load(Relaxed)
    }

    fn current(&self) -> sigaction {
        let mut now = MaybeUninit::<sigaction>::zeroed();
        // SAFETY: fills the struct, which is valid when zero, too.
        unsafe {
            libc::sigaction(self.signal, ptr::null(), now.as_mut_ptr());
            now.assume_init()
        }
    }

    /// Makes a handler that of the signal, in front of what is there. Whether that worked. Idempotent.
    pub(super) fn install(&self, handler: Handler) -> bool {
        let now = self.current();
        if now.sa_sigaction == handler as usize {
            self.ours.store(true, Relaxed);
            return true;
        }
        self.store(&now);
        self.passed_on.store(0, Relaxed);
        let ours = sigaction {
            sa_sigaction: handler as usize,
            sa_mask: all_that_wait(),
            // A handler that is called for another's fault may cause one itself.
            sa_flags: libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER | libc::SA_RESTART,
            sa_restorer: None,
        };
        self.ours.store(true, Relaxed);
        // SAFETY: a handler of the right kind, which stays loaded.
        let installed = unsafe { libc::sigaction(self.signal, &raw const ours, ptr::null_mut()) == 0 };
        self.ours.store(installed, Relaxed);
        installed
    }

    /// Puts back what would be there without us, unless somebody else came in front of us meanwhile.
    pub(super) fn remove(&self, handler: Handler) {
        let before = self.load();
        self.ours.store(false, Relaxed);
        if self.current().sa_sigaction == handler as usize {
            // SAFETY: an action that the kernel or its owner gave us.
            unsafe { libc::sigaction(self.signal, &raw const before, ptr::null_mut()) };
        }
    }

    /// What would be done at the signal without us.
    pub(super) fn load(&self) -> sigaction {
        let mut action = MaybeUninit::<sigaction>::zeroed();
        // SAFETY: zero is a valid action; a set of signals begins with a word that holds all that exist.
        unsafe {
            let action = &mut *action.as_mut_ptr();
            action.sa_sigaction = self.handler.load(Relaxed);
            action.sa_flags = self.flags.load(Relaxed);
            (&raw mut action.sa_mask).cast::<u64>().write(self.mask.load(Relaxed));
        }
        // SAFETY: as above.
        unsafe { action.assume_init() }
    }

    /// Remembers what is to be done at the signal when we have no use for it. Good in signal handlers.
    pub(super) fn store(&self, action: &sigaction) {
        self.handler.store(action.sa_sigaction, Relaxed);
        self.flags.store(action.sa_flags, Relaxed);
        // SAFETY: a set of signals begins with a word that holds all that exist.
        self.mask.store(unsafe { (&raw const action.sa_mask).cast::<u64>().read() }, Relaxed);
    }

    /// Does what would be done without us. No state is held meanwhile: a handler may jump out.
    pub(super) fn forward(&self, information: *mut siginfo_t, context: *mut c_void) {
        let mut action = self.load();
        // SAFETY: what the kernel passed to our handler.
        let caused = unsafe { (*information).si_code } > 0;
        if !caused && self.passed_on.fetch_add(1, Relaxed) > TOO_OFTEN {
            action.sa_sigaction = libc::SIG_DFL;
        }
        match action.sa_sigaction {
            // The kernel does not ignore what an instruction caused.
            libc::SIG_IGN if !caused => {}
            libc::SIG_DFL | libc::SIG_IGN => self.die(caused),
            _ => self.call(&action, information, context),
        }
    }

    fn call(&self, action: &sigaction, information: *mut siginfo_t, context: *mut c_void) {
        if action.sa_flags & libc::SA_RESETHAND != 0 {
            self.handler.store(libc::SIG_DFL, Relaxed);
        }
        // SAFETY: a function of the kind that its flags tell, in a context as the kernel would call it in: with the
        // signals blocked that were, and those of its mask, but for ours, which guarded pages need.
        unsafe {
            let interrupted = &raw const (*context.cast::<ucontext_t>()).uc_sigmask;
            let mut blocked = MaybeUninit::<libc::sigset_t>::zeroed();
            let words = blocked.as_mut_ptr().cast::<u64>();
            let ours = 1 << (libc::SIGSEGV - 1) | 1 << (libc::SIGTRAP - 1);
            words.write((interrupted.cast::<u64>().read() | self.mask.load(Relaxed)) & !ours);
            libc::pthread_sigmask(libc::SIG_SETMASK, blocked.as_ptr(), ptr::null_mut());
            if action.sa_flags & libc::SA_SIGINFO != 0 {
                transmute::<usize, Handler>(action.sa_sigaction)(self.signal, information, context);
            } else {
                transmute::<usize, unsafe extern "C" fn(c_int)>(action.sa_sigaction)(self.signal);
            }
        }
    }

    /// Dies of the signal: an instruction that caused it causes it again.
    fn die(&self, caused: bool) {
        let mut action = self.load();
        action.sa_sigaction = libc::SIG_DFL;
        // SAFETY: the default action; the signal is sent to this thread alone, and unblocked.
        unsafe {
            libc::sigaction(self.signal, &raw const action, ptr::null_mut());
            if !caused {
                libc::syscall(libc::SYS_tgkill, libc::getpid(), libc::gettid(), self.signal);
            }
        }
    }
}

/// Every signal but those that an instruction causes.
pub(super) fn all_that_wait() -> libc::sigset_t {
    // SAFETY: fills the set, and takes members of it away.
    unsafe {
        let mut set = core::mem::zeroed();
        libc::sigfillset(&raw mut set);
        for signal in [libc::SIGSEGV, libc::SIGTRAP, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT] {
            libc::sigdelset(&raw mut set, signal);
        }
        set
    }
}
