// Stubs of the calls in teaching.h.
#include "../kernel/syscall.h"

    .text
    .globl poweroff
poweroff:
    li a7, SYS_poweroff
    ecall
1:  j 1b

    .globl count
count:
    li a7, SYS_count
    ecall
    ret
