// How processes come and go, in C: boot's part of proc.cpp, fork.cpp and exit of exit.cpp.

#define WORDS_OF_XV6 sizeof(struct trapframe)  // behind them are the floating-point registers

void procinit(void) {
    proc_mapstacks(kernel_pagetable);
    kvminithart();
    for (int slot = 0; slot < NPROC; slot++) {
        proc[slot].state = UNUSED;
        proc[slot].kstack = KSTACK(slot);
    }
    nextpid = 1;
    kernel_data.next_tick = r_time() + TIMER_INTERVAL;
}

struct proc *allocproc(void) {
    int slot = 0;
    while (slot < NPROC && proc[slot].state != UNUSED)
        slot++;
    if (slot == NPROC) {
        fail("allocproc: no slot");
        return 0;
    }
    struct proc *p = &proc[slot];
    acquire(&p->lock);
    p->pid = allocpid();
    p->state = USED;
    memset(p->vm, 0, sizeof(p->vm));
    p->born = r_instret();
    p->asid = ASID_IS_ON ? slot + 1 : 0;

    p->trapframe = kalloc();
    if (p->trapframe) {
        memset((char *)p->trapframe + WORDS_OF_XV6, 0, PGSIZE - WORDS_OF_XV6);
        p->pagetable = proc_pagetable(p);
    }
    if (p->pagetable == 0) {
        freeproc(p);
        release(&p->lock);
        fail("allocproc: no memory");
        return 0;
    }
    memset(&p->context, 0, sizeof(p->context));
    p->context.ra = FORKRET;
    p->context.sp = p->kstack + PGSIZE;
    return p;
}

void userinit(void) {
    struct proc *p = allocproc();
    if (p == 0)
        panic("userinit");
    initproc = p;
    if (FIRST_IS_UVMINIT)
        uvminit(p->pagetable, (uchar *)initcode, 52);
    else
        uvmfirst(p->pagetable, (uchar *)initcode, 52);
    p->sz = PGSIZE;
    p->trapframe->epc = 0;
    p->trapframe->sp = PGSIZE;
    memset(p->name, 0, sizeof(p->name));
    safestrcpy(p->name, "initcode", sizeof(p->name));
    p->cwd = namei("/");

    struct file *f = filealloc();
    f->type = FD_DEVICE;
    f->major = 1;
    f->readable = f->writable = 1;
    f->ip = namei("console");
    p->ofile[0] = f;
    p->ofile[1] = filedup(f);
    p->ofile[2] = filedup(f);
    p->state = RUNNABLE;
    release(&p->lock);
}

// The PTE of a page that is there, or 0.
static pte_t *present(pagetable_t pagetable, uint64 va) {
    pte_t *pte = walk(pagetable, va, 0);
    return pte && (*pte & PTE_V) ? pte : 0;
}

// Maps in another table a copy of the page, or with fork=cow the page itself.
static int copy_page(pagetable_t to, uint64 va, pte_t pte) {
    uint64 flags = PTE_FLAGS(pte);
    if (FORK_IS_COW)
        return mappages(to, va, PGSIZE, PTE2PA(pte), flags & PTE_W ? (flags & ~PTE_W) | PTE_COW : flags);
    char *page = kalloc();
    if (page == 0)
        return -1;
    memmove(page, (char *)PTE2PA(pte), PGSIZE);
    if (mappages(to, va, PGSIZE, (uint64)page, flags) == 0)
        return 0;
    kfree(page);
    return -1;
}

static int copy_areas(struct proc *from, struct proc *to) {
    struct vma *last = &to->vm[0];
    last->start = from->vm[0].start;
    for (struct vma *area = from->vm[0].next; area; area = area->next) {
        for (uint64 va = area->start; va < area->start + area->length; va += PGSIZE) {
            pte_t *pte = present(from->pagetable, va);
            if (pte && copy_page(to->pagetable, va, *pte) != 0) {
                uvmunmap(to->pagetable, area->start, (va - area->start) / PGSIZE, 1);
                return -1;
            }
        }
        struct vma *copy = &to->vm[area - from->vm];
        copy->start = area->start;
        copy->length = area->length;
        copy->perm = area->perm;
        copy->used = area->used;
        copy->next = 0;
        last->next = copy;
        last = copy;
    }
    return 0;
}

// The parent's half of sharing, once nothing can fail any more.
static void protect_areas(struct proc *p) {
    for (struct vma *area = p->vm[0].next; area; area = area->next) {
        for (uint64 va = area->start; va < area->start + area->length; va += PGSIZE) {
            pte_t *pte = present(p->pagetable, va);
            if (pte && (*pte & PTE_W))
                *pte = (*pte & ~PTE_W) | PTE_COW;
        }
    }
    sfence_vma();
}

int fork(void) {
    struct proc *p = myproc(), *child = allocproc();
    if (child == 0)
        return -1;
    if (copy_areas(p, child) != 0 || uvmcopy(p->pagetable, child->pagetable, p->sz) != 0) {
        freeproc(child);
        release(&child->lock);
        return fail("fork: no memory");
    }
    if (FORK_IS_COW && p->vm[0].next)
        protect_areas(p);
    child->sz = p->sz;
    memmove(child->trapframe, p->trapframe, PGSIZE);
    child->trapframe->a0 = 0;
    for (int fd = 0; fd < NOFILE; fd++) {
        if (p->ofile[fd])
            child->ofile[fd] = filedup(p->ofile[fd]);
    }
    child->cwd = p->cwd ? idup(p->cwd) : 0;
    memmove(child->name, p->name, sizeof(p->name));

    int pid = child->pid;
    release(&child->lock);
    acquire(&wait_lock);
    child->parent = p;
    release(&wait_lock);
    acquire(&child->lock);
    child->state = RUNNABLE;
    release(&child->lock);
    return pid;
}

void exit(int status) {
    struct proc *p = myproc();
    if (p == initproc)
        panic("init exiting");
    for (int fd = 0; fd < NOFILE; fd++) {
        if (p->ofile[fd]) {
            fileclose(p->ofile[fd]);
            p->ofile[fd] = 0;
        }
    }
    if (p->cwd)
        iput(p->cwd);
    p->cwd = 0;

    acquire(&wait_lock);
    reparent(p);
    wakeup(p->parent);
    acquire(&p->lock);
    p->xstate = status;
    p->state = ZOMBIE;
    release(&wait_lock);
    release(&p->lock);
}
