//! What a worker gives up before it looks at anything from outside.
//!
//! In this order, since each step makes a later one impossible or needless: it dies with its parent, can
//! gain no privilege, opens the two descriptors that page tracking takes, becomes nobody if it was the
//! superuser, lowers its limits, and last lets the kernel refuse every system call but the few that
//! computing takes. What is refused fails as not permitted; nothing that a worker does needs it.

use std::collections::BTreeMap;
use std::process::Command;

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::message::Confinement;
use crate::track::Tracking;

/// The user and group that own nothing.
const NOBODY: u32 = 65_534;

/// Descriptors a worker needs: three standard ones and two to track pages.
const DESCRIPTORS: u64 = 8;

/// Address space beyond what is written to: the engine's reservation and guards, libraries, stacks.
const ADDRESSES_BYTES: u64 = 8 << 30;

/// The limits that a parent sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limits {
    /// Bytes that may be written to.
    pub(super) data_bytes: u64,
    /// Seconds of processor time.
    pub(super) cpu_seconds: u64,
}

impl Limits {
    const fn address_bytes(self) -> u64 {
        self.data_bytes.saturating_add(ADDRESSES_BYTES)
    }
}

/// Gives up everything but the system call filter; says how pages can be tracked from now on.
pub(super) fn give_up(limits: Limits) -> Result<Tracking, String> {
    let error = |error: rustix::io::Errno| error.to_string();
    rustix::thread::set_no_new_privs(true).map_err(error)?;
    let tracking = if Tracking::keep_for_later() { Tracking::Kernel } else { Tracking::Shadow };
    if rustix::process::geteuid().is_root() {
        // Without the right to do this there is little to give up.
        let _ = become_nobody();
    }
    // A change of user clears it, so it comes after.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(error)?;
    let cpu_max = limits.cpu_seconds.saturating_add(1);
    let limits = [
        (Resource::Core, 0, 0),
        (Resource::Fsize, 0, 0),
        (Resource::Nofile, DESCRIPTORS, DESCRIPTORS),
        // At the first the kernel sends a signal that names the reason, at the second it just kills.
        (Resource::Cpu, limits.cpu_seconds, cpu_max),
        (Resource::Data, limits.data_bytes, limits.data_bytes),
        (Resource::As, limits.address_bytes(), limits.address_bytes()),
    ];
    for (resource, current, maximum) in limits {
        let limit = Rlimit { current: Some(current), maximum: Some(maximum) };
        setrlimit(resource, limit).map_err(error)?;
    }
    Ok(tracking)
}

fn become_nobody() -> rustix::io::Result<()> {
    let group = rustix::process::Gid::from_raw(NOBODY);
    let user = rustix::process::Uid::from_raw(NOBODY);
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(user, user, user)
}

/// Lets the kernel refuse, to every thread of this process, all but what computing takes.
pub(super) fn filter_system_calls() -> Result<(), String> {
    let error = |error: &dyn std::fmt::Display| error.to_string();
    let arch = std::env::consts::ARCH.try_into().map_err(|_| "an unknown processor".to_owned())?;
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(rules()?, refuse, SeccompAction::Allow, arch);
    let program: BpfProgram =
        filter.and_then(TryInto::try_into).map_err(|problem| error(&problem))?;
    seccompiler::apply_filter_all_threads(&program).map_err(|problem| error(&problem))
}

fn rules() -> Result<BTreeMap<libc::c_long, Vec<SeccompRule>>, String> {
    let mut rules: BTreeMap<_, Vec<SeccompRule>> =
        ALLOWED.iter().map(|number| (*number, Vec::new())).collect();
    let own = u64::from(std::process::id());
    let tracking = crate::track::SYSTEM_CALLS.map(|request| when(1, request));
    rules.insert(libc::SYS_ioctl, tracking.into_iter().collect::<Result<_, _>>()?);
    // To end itself with a signal, as an abort does; nobody else.
    rules.insert(libc::SYS_tgkill, vec![when(0, own)?]);
    Ok(rules)
}

/// A rule: this argument has this value.
fn when(argument: u8, value: u64) -> Result<SeccompRule, String> {
    let condition =
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value);
    let rule = condition.and_then(|condition| SeccompRule::new(vec![condition]));
    rule.map_err(|error| error.to_string())
}

/// Reading and writing what is open, memory, waiting, signals to itself, the end.
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_geteuid,
    libc::SYS_gettid,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_membarrier,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Tries what must not be possible.
pub(super) fn report(tracking: Tracking) -> Confinement {
    let parent = rustix::process::getppid();
    Confinement {
        no_files: std::fs::File::open("/proc/self/status").is_err(),
        no_sockets: std::net::UdpSocket::bind("127.0.0.1:0").is_err()
            && std::os::unix::net::UnixDatagram::unbound().is_err(),
        no_processes: Command::new("/proc/self/exe").arg("nothing").spawn().is_err(),
        no_signals: parent.is_none_or(|parent| rustix::process::test_kill_process(parent).is_err()),
        no_superuser: !rustix::process::geteuid().is_root(),
        kernel_tracking: tracking == Tracking::Kernel,
    }
}
