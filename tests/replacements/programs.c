// exec.cpp in C. What is read of the file, but for the segments, passes through the kernel's buffer.

#define buffer kernel_data.bio
#define RISCV 243

struct image {
    pagetable_t pagetable;
    uint64 sz, sp, entry;
    int argc;
};

int flags2perm(int flags) {
    return (flags & ELF_PROG_FLAG_EXEC ? PTE_X : 0) | (flags & ELF_PROG_FLAG_WRITE ? PTE_W : 0);
}

int loadseg(pagetable_t pagetable, uint64 va, struct inode *ip, uint64 offset, uint64 size) {
    for (uint64 done = 0; done < size; done += PGSIZE) {
        uint64 pa = walkaddr(pagetable, va + done);
        if (pa == 0)
            panic("loadseg: address should exist");
        int n = size - done < PGSIZE ? size - done : PGSIZE;
        if (readi(ip, 0, pa, offset + done, n) != n)
            return -1;
    }
    return 0;
}

static int read_struct(struct inode *ip, uint64 offset, void *to, int size) {
    if (readi(ip, 0, (uint64)buffer, offset, size) != size)
        return 0;
    memmove(to, buffer, size);
    return 1;
}

static int grow(struct image *image, uint64 size, uint64 perm) {
    uint64 sz = uvmalloc(image->pagetable, image->sz, size, perm);
    if (sz)
        image->sz = sz;
    return sz != 0;
}

static char *load_segment(struct image *image, struct inode *ip, struct proghdr *ph) {
    if (ph->memsz < ph->filesz)
        return "exec: memsz is too small";
    if (ph->vaddr % PGSIZE)
        return "exec: vaddr is not aligned";
    uint64 last = ph->vaddr + ph->memsz;
    if (last < ph->vaddr || last > TRAPFRAME - (USERSTACK + 1) * PGSIZE)
        return "exec: the segment is too high";
    if (ph->filesz > ip->size || ph->off > ip->size - ph->filesz)
        return "exec: the segment is not in the file";
    if (last > image->sz && !grow(image, last, flags2perm(ph->flags)))
        return "exec: no memory";
    return loadseg(image->pagetable, ph->vaddr, ip, ph->off, ph->filesz) == 0 ? 0 : "exec: the file is too short";
}

static char *load(struct image *image, struct inode *ip) {
    struct elfhdr elf;
    struct proghdr ph;
    if (image->pagetable == 0)
        return "exec: no memory for a page table";
    if (!read_struct(ip, 0, &elf, sizeof(elf)))
        return "exec: the file is too short";
    if (elf.magic != ELF_MAGIC || elf.elf[0] != 2 || elf.elf[1] != 1 || elf.machine != RISCV)
        return "exec: no program for RV64";
    if (elf.phnum == 0 || elf.phentsize != sizeof(ph))
        return "exec: no program headers";
    if (elf.phoff > ip->size || (ip->size - elf.phoff) / sizeof(ph) < elf.phnum)
        return "exec: program headers outside the file";
    int loaded = 0;
    for (int i = 0; i < elf.phnum; i++) {
        if (!read_struct(ip, elf.phoff + i * sizeof(ph), &ph, sizeof(ph)))
            return "exec: the file is too short";
        if (ph.type != ELF_PROG_LOAD)
            continue;
        char *wrong = load_segment(image, ip, &ph);
        if (wrong)
            return wrong;
        loaded = 1;
    }
    image->entry = elf.entry;
    return loaded ? 0 : "exec: no segment to load";
}

static char *add_stack(struct image *image, char **argv) {
    uint64 sz = uvmstack(image->pagetable, image->sz, USERSTACK);
    if (sz == 0)
        return "exec: no memory";
    image->sz = sz;
    image->sp = pushargv(image->pagetable, sz, sz - USERSTACK * PGSIZE, argv);
    while (image->argc < MAXARG && argv[image->argc])
        image->argc++;
    return image->sp ? 0 : "exec: the arguments do not fit";
}

int exec(char *path, char **argv) {
    struct image image = {0};
    struct proc *p = myproc();
    if (p == 0)
        return fail("exec: nobody runs");
    struct inode *ip = namei(path);
    if (ip == 0)
        return fail("exec: no such file");
    image.pagetable = proc_pagetable(p);
    char *wrong = load(&image, ip);
    iput(ip);
    if (!wrong)
        wrong = add_stack(&image, argv);
    if (wrong) {
        if (image.pagetable)
            proc_freepagetable(image.pagetable, image.sz);
        return fail(wrong);
    }

    char *name = path;
    for (int i = 0; i < MAXPATH && path[i]; i++) {
        if (path[i] == '/')
            name = &path[i + 1];
    }
    memset(p->name, 0, sizeof(p->name));
    safestrcpy(p->name, name, sizeof(p->name));
    p->trapframe->a1 = image.sp;
    p->trapframe->epc = image.entry;
    p->trapframe->sp = image.sp;

    pagetable_t old = p->pagetable;
    uint64 size = p->sz;
    for (struct vma *area = p->vm[0].next; area; area = area->next)
        mydeallocuvm(old, area->start, area->start + area->length);
    memset(p->vm, 0, sizeof(p->vm));
    p->pagetable = image.pagetable;
    p->sz = image.sz;
    proc_freepagetable(old, size);
    return image.argc;
}
