// Numbers of system calls: those of hartlab's guest library, with which programs are built, and two more.
// Used by assembly too, so this file holds nothing but #define lines.
#pragma once

#define SYS_fork 1
#define SYS_exit 2
#define SYS_wait 3
#define SYS_read 5
#define SYS_kill 6
#define SYS_exec 7
#define SYS_getpid 11
#define SYS_sbrk 12
#define SYS_sleep 13
#define SYS_uptime 14
#define SYS_open 15
#define SYS_write 16
#define SYS_close 21
#define SYS_poweroff 25
#define SYS_count 26

#define SBRK_EAGER 1 // sbrk's second argument
