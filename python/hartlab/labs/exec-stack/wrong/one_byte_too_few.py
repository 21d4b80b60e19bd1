# fails: what does not fit is refused
# says: exec of a program of 4096 bytes with 1 argument(s) is -1 and should be 1
# why: sp <= stackbase is taken for too low: the lowest 16 bytes of the stack can never be used.

import struct


def pushargv(k, pagetable, sp, stackbase, argv):
    ustack = []
    while argument := k.load64(argv + 8 * len(ustack)):
        size = len(k.read(argument, k.PGSIZE).split(b"\0")[0]) + 1
        sp = (sp - size) // 16 * 16
        if len(ustack) == k.MAXARG or sp <= stackbase or k.copyout(pagetable, sp, argument, size) != 0:
            return 0
        ustack.append(sp)
    words = struct.pack(f"<{len(ustack) + 1}Q", *ustack, 0)
    k.write(k.data.address_of("bio"), words)
    sp = (sp - len(words)) // 16 * 16
    if sp <= stackbase or k.copyout(pagetable, sp, k.data.address_of("bio"), len(words)) != 0:
        return 0
    return sp
