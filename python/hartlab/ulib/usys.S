// System-call stubs. The C calling convention has put the arguments into a0, a1, ... already, where the
// kernel expects them, so a stub only names the call and enters the kernel. [unpriv calling convention]
//
// Each stub has a section of its own, so that the linker can drop those that a program does not use.
#include "syscall.h"

#define STUB(name)                            \
    .section .text.name, "ax", @progbits;     \
    .globl name;                              \
    .type name, @function;                    \
name:                                         \
    li a7, SYS_##name;                        \
    ecall;                                    \
    ret;                                      \
    .size name, . - name

STUB(fork)
STUB(exit)
STUB(wait)
STUB(pipe)
STUB(read)
STUB(kill)
STUB(exec)
STUB(fstat)
STUB(dup)
STUB(getpid)
STUB(sleep)
STUB(pause)
STUB(uptime)
STUB(open)
STUB(write)
STUB(close)
STUB(myalloc)
STUB(myfree)

    // Its C name is not its number's: the C functions sbrk() and sbrklazy() choose the second argument.
    .section .text.sys_sbrk, "ax", @progbits
    .globl sys_sbrk
    .type sys_sbrk, @function
sys_sbrk:
    li a7, SYS_sbrk
    ecall
    ret
    .size sys_sbrk, . - sys_sbrk
