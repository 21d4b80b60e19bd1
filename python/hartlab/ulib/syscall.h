// System-call numbers: xv6's, and two of hartlab's own for areas.
//
// The number goes in a7, arguments in a0, a1, ..., and the result comes back in a0.
// Used by usys.S, so this file holds nothing but #define lines.
#ifndef ULIB_SYSCALL_H
#define ULIB_SYSCALL_H

#define SYS_fork 1
#define SYS_exit 2
#define SYS_wait 3
#define SYS_pipe 4
#define SYS_read 5
#define SYS_kill 6
#define SYS_exec 7
#define SYS_fstat 8
#define SYS_dup 10
#define SYS_getpid 11
#define SYS_sbrk 12
#define SYS_sleep 13
#define SYS_pause SYS_sleep
#define SYS_uptime 14
#define SYS_open 15
#define SYS_write 16
#define SYS_close 21
#define SYS_myalloc 23
#define SYS_myfree 24

// sbrk's second argument: map the new pages now, or leave that to the page fault.
#define SBRK_EAGER 1
#define SBRK_LAZY 2

#endif
