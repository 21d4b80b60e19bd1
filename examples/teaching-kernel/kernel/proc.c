// Processes: how they begin, have children and end.
#include "defs.h"

struct proc proc[NPROC];
static struct proc *init;           // the first; it gets the children of those that end before them
static struct spinlock family_lock; // who is whose parent, and waiting for that; taken before any p->lock
static struct spinlock pid_lock;
static int next_pid = 1;

static void freeproc(struct proc *p);
static void first_return(void);
extern char userret[], trampoline[];

void procinit(void) {
  initlock(&family_lock, "family");
  initlock(&pid_lock, "pid");
  for (int i = 0; i < NPROC; i++) {
    initlock(&proc[i].lock, "proc");
    proc[i].kstack = KSTACK(i);
  }
}

static int new_pid(void) {
  acquire(&pid_lock);
  int pid = next_pid++;
  release(&pid_lock);
  return pid;
}

static struct proc *unused(void) { // with its lock held
  for (struct proc *p = proc; p < &proc[NPROC]; p++) {
    acquire(&p->lock);
    if (p->state == UNUSED)
      return p;
    release(&p->lock);
  }
  return 0;
}

// A process without memory, that would begin in first_return(), with its lock held; 0 when there is no room.
struct proc *allocproc(void) {
  struct proc *p = unused();
  if (!p)
    return 0;
  p->state = USED;
  p->pid = new_pid();
  if ((p->trapframe = kalloc())) {
    memset(p->trapframe, 0, PGSIZE);
    p->pagetable = uvmcreate(p->trapframe);
  }
  if (!p->pagetable) {
    freeproc(p);
    release(&p->lock);
    return 0;
  }
  memset(&p->context, 0, sizeof(p->context));
  memset(&p->floats, 0, sizeof(p->floats));
  p->context.ra = (uint64)first_return;
  p->context.sp = p->kstack + PGSIZE;
  return p;
}

static void freeproc(struct proc *p) {
  if (p->pagetable)
    uvmfree(p->pagetable, p->sz);
  if (p->trapframe)
    kfree(p->trapframe);
  p->pagetable = 0;
  p->trapframe = 0;
  p->sz = 0;
  p->pid = 0;
  p->parent = 0;
  p->name[0] = 0;
  p->chan = 0;
  p->killed = 0;
  p->xstate = 0;
  memset(p->files, 0, sizeof(p->files));
  p->state = UNUSED;
}

void userinit(void) {
  init = allocproc();
  strlcpy(init->name, "init", sizeof(init->name));
  init->state = RUNNABLE;
  release(&init->lock);
}

// Where a process's first turn begins. The very first still needs a program, and reading one has to wait.
static void first_return(void) {
  struct proc *p = myproc();
  release(&p->lock);
  float_restore(&p->floats);
  if (p == init) {
    char *argv[] = {"sh", 0};
    p->trapframe->x[A0] = (uint64)exec("sh", argv);
    if (p->trapframe->x[A0] == ~0UL)
      panic("there is no program sh on the disk");
  }
  uint64 satp = usertrapret();
  ((void (*)(uint64))(TRAMPOLINE + (userret - trampoline)))(satp);
}

int fork(void) {
  struct proc *p = myproc();
  struct proc *child = allocproc();
  if (!child)
    return -1;
  if (uvmcopy(p->pagetable, child->pagetable, p->sz) < 0) {
    freeproc(child);
    release(&child->lock);
    return -1;
  }
  child->sz = p->sz;
  *child->trapframe = *p->trapframe;
  float_save(&child->floats); // p's, which this hart holds
  child->trapframe->x[A0] = 0;
  memmove(child->files, p->files, sizeof(p->files));
  strlcpy(child->name, p->name, sizeof(child->name));
  int pid = child->pid;
  release(&child->lock);

  acquire(&family_lock);
  child->parent = p;
  release(&family_lock);

  acquire(&child->lock);
  child->state = RUNNABLE;
  release(&child->lock);
  return pid;
}

void exit(int status) {
  struct proc *p = myproc();
  if (p == init)
    panic("the first process ended");
  acquire(&family_lock);
  for (struct proc *child = proc; child < &proc[NPROC]; child++)
    if (child->parent == p)
      child->parent = init;
  wakeup(init); // for children that had ended already
  wakeup(p->parent);
  acquire(&p->lock);
  p->xstate = status;
  p->state = ZOMBIE;
  release(&family_lock);
  sched();
  panic("exit: a zombie runs");
}

// The pid of a child that has ended, whose status is stored at `status_va` unless that is 0; -1 without children.
int wait(uint64 status_va) {
  struct proc *p = myproc();
  acquire(&family_lock);
  for (;;) {
    int children = 0;
    for (struct proc *child = proc; child < &proc[NPROC]; child++) {
      if (child->parent != p)
        continue;
      children++;
      acquire(&child->lock);
      if (child->state == ZOMBIE) {
        int pid = child->pid;
        if (status_va && copyout(p->pagetable, status_va, &child->xstate, sizeof(int)) < 0)
          pid = -1;
        else
          freeproc(child);
        release(&child->lock);
        release(&family_lock);
        return pid;
      }
      release(&child->lock);
    }
    if (!children || killed(p)) {
      release(&family_lock);
      return -1;
    }
    sleep(p, &family_lock);
  }
}

int kill(int pid) {
  for (struct proc *p = proc; p < &proc[NPROC]; p++) {
    acquire(&p->lock);
    int found = p->pid == pid && p->state != UNUSED;
    if (found) {
      p->killed = 1;
      if (p->state == SLEEPING)
        p->state = RUNNABLE; // it looks whether it is killed
    }
    release(&p->lock);
    if (found)
      return 0;
  }
  return -1;
}

int killed(struct proc *p) {
  acquire(&p->lock);
  int answer = p->killed;
  release(&p->lock);
  return answer;
}

void procdump(void) { // takes no lock: it is for when something hangs
  static const char *const words[] = {"unused", "used", "sleeping", "runnable", "running", "zombie"};
  printf("\n");
  for (struct proc *p = proc; p < &proc[NPROC]; p++)
    if (p->state != UNUSED)
      printf("%d %s %s %d KiB\n", p->pid, words[p->state], p->name, (int)(p->sz / 1024));
}
