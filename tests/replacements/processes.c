// What is done to processes, in C: of proc.cpp, exit.cpp, sleep.cpp and procdump.cpp, and the choice of scheduler.cpp.

int allocpid(void) {
    acquire(&pid_lock);
    int pid = nextpid;
    nextpid = pid > 0 && pid < 0x7fffffff ? pid + 1 : 1;
    release(&pid_lock);
    return pid;
}

pagetable_t proc_pagetable(struct proc *p) {
    pagetable_t table = uvmcreate();
    if (table == 0)
        return 0;
    if (mappages(table, TRAMPOLINE, PGSIZE, (uint64)trampoline, PTE_R | PTE_X) < 0) {
        uvmfree(table, 0);
        return 0;
    }
    if (mappages(table, TRAPFRAME, PGSIZE, (uint64)p->trapframe, PTE_R | PTE_W) < 0) {
        uvmunmap(table, TRAMPOLINE, 1, 0);
        uvmfree(table, 0);
        return 0;
    }
    return table;
}

void proc_freepagetable(pagetable_t pagetable, uint64 sz) {
    uvmunmap(pagetable, TRAMPOLINE, 1, 0);
    uvmunmap(pagetable, TRAPFRAME, 1, 0);
    uvmfree(pagetable, sz);
}

void freeproc(struct proc *p) {
    if (p->trapframe)
        kfree(p->trapframe);
    p->trapframe = 0;
    if (p->pagetable) {
        for (struct vma *area = p->vm[0].next; area; area = area->next)
            mydeallocuvm(p->pagetable, area->start, area->start + area->length);
        proc_freepagetable(p->pagetable, p->sz);
    }
    p->pagetable = 0;
    if (p->asid)
        sfence_vma_asid(p->asid);
    p->sz = 0;
    p->pid = 0;
    p->parent = 0;
    memset(p->name, 0, sizeof(p->name));
    p->chan = 0;
    p->killed = 0;
    p->xstate = 0;
    memset(p->vm, 0, sizeof(p->vm));
    p->restart = 0;
    p->asid = 0;
    p->deadline = 0;
    p->done = 0;
    p->born = 0;
    p->state = UNUSED;
}

void reparent(struct proc *p) {
    for (struct proc *child = proc; child < &proc[NPROC]; child++) {
        if (child->parent == p) {
            child->parent = initproc;
            wakeup(initproc);
        }
    }
}

int kill(int pid) {
    for (struct proc *p = proc; p < &proc[NPROC]; p++) {
        if (p->state != UNUSED && p->pid == pid) {
            acquire(&p->lock);
            p->killed = 1;
            if (p->state == SLEEPING)
                p->state = RUNNABLE;
            release(&p->lock);
            return 0;
        }
    }
    return fail("kill: no such process");
}

void wakeup(void *chan) {
    for (struct proc *p = proc; p < &proc[NPROC]; p++) {
        if (p->state == SLEEPING && p->chan == chan)
            p->state = RUNNABLE;
    }
}

struct proc *pick_next(void) {
    for (int i = 0; i < NPROC; i++) {
        struct proc *p = &proc[(scheduler_next + i) % NPROC];
        if (p->state == RUNNABLE)
            return p;
    }
    return 0;
}

static const char *const states[] = {"unused", "used  ", "sleep ", "runble", "run   ", "zombie"};

void procdump(void) {
    printf("\n");
    for (struct proc *p = proc; p < &proc[NPROC]; p++) {
        if (p->state == UNUSED)
            continue;
        printf("pid: %d, state: %s, name: %s\n", p->pid, states[p->state], p->name);
        for (struct vma *area = p->vm[0].next; area; area = area->next)
            printf("start: %lu, length: %lu\n", area->start, area->length);
    }
}
