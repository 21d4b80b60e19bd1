"""Which system calls a jailed process may make: filters for the kernel, made by `seccompy`.

Student Python gets a list of what is allowed: it computes, reads the standard library, and talks to the
referee. A compiler is no enemy but may be led astray by what it reads; it gets a list of what is refused.
"""

from __future__ import annotations

import errno
import functools

_PLAYER = (
    # The conversation with the referee, and reading modules.
    *("read", "readv", "pread64", "write", "writev", "close", "openat", "open", "lseek", "dup", "fcntl"),
    *("fstat", "newfstatat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2"),
    *("getdents64", "readlink", "readlinkat", "getcwd"),
    # Memory.
    *("mmap", "munmap", "mremap", "mprotect", "brk", "madvise"),
    # What a language's runtime does by itself.
    *("futex", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrandom", "sched_yield"),
    *("clock_gettime", "clock_getres", "gettimeofday", "time", "times", "getrusage", "uname", "sysinfo"),
    *("sched_getaffinity", "rseq", "set_robust_list", "membarrier", "exit", "exit_group"),
)

_REFUSED_TO_COMPILERS = (
    *(
        "socket",
        "socketpair",
        "connect",
        "bind",
        "listen",
        "accept",
        "accept4",
        "sendto",
        "sendmsg",
        "sendmmsg",
    ),
    *(
        "kill",
        "tkill",
        "rt_sigqueueinfo",
        "rt_tgsigqueueinfo",
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "pidfd_open",
        "pidfd_getfd",
        "kcmp",
    ),
    *("pidfd_send_signal", "process_madvise", "perf_event_open", "bpf", "userfaultfd", "seccomp"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("keyctl", "add_key", "request_key", "mount", "umount2", "pivot_root", "chroot", "unshare", "setns"),
    *("fsopen", "fsmount", "open_tree", "move_mount", "open_by_handle_at", "name_to_handle_at", "quotactl"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon"),
    *("swapoff", "acct", "syslog", "settimeofday", "clock_settime", "adjtimex", "sethostname", "personality"),
    *("mknod", "mknodat", "shmget", "shmat", "semget", "msgget", "mq_open"),
)


@functools.cache
def program(kind: str) -> bytes | None:
    """The filter for ``"player"`` or ``"compiler"`` as the kernel takes it; None where there can be none."""
    try:
        import seccompy

        if not seccompy.supported():
            return None
    except (ImportError, OSError):
        return None
    refused = seccompy.Action.ERRNO | errno.EPERM
    filter_ = seccompy.Filter(refused if kind == "player" else seccompy.Action.ALLOW)
    for name in _PLAYER if kind == "player" else _REFUSED_TO_COMPILERS:
        if _is_known(name):
            if kind == "player":
                filter_.allow(name)
            else:
                filter_.errno(name, errno.EPERM)
    return filter_.program


def _is_known(name: str) -> bool:
    """Some calls are not there on every processor, such as ``open`` on those of Arm."""
    import seccompy

    try:
        seccompy.syscall_nr(name)
    except (ValueError, KeyError, seccompy.UnsupportedError):
        return False
    return True
