# fails: everything begins at a multiple of 16
# says: no multiple of 16
# why: only the array is aligned, and each string lies where the one before it ends.

import struct


def pushargv(k, pagetable, sp, stackbase, argv):
    ustack = []
    while argument := k.load64(argv + 8 * len(ustack)):
        size = len(k.read(argument, k.PGSIZE).split(b"\0")[0]) + 1
        sp -= size
        if len(ustack) == k.MAXARG or sp < stackbase or k.copyout(pagetable, sp, argument, size) != 0:
            return 0
        ustack.append(sp)
    words = struct.pack(f"<{len(ustack) + 1}Q", *ustack, 0)
    k.write(k.data.address_of("bio"), words)
    sp = (sp - len(words)) // 16 * 16
    if sp < stackbase or k.copyout(pagetable, sp, k.data.address_of("bio"), len(words)) != 0:
        return 0
    return sp
