// System calls: the number is in a7, arguments are in a0 to a2, and the result goes to a0.
#include "syscall.h"

#include "defs.h"

static uint64 argument(int n) { return myproc()->trapframe->x[A0 + n]; }

static int path_argument(char *path) { return copyinstr(myproc()->pagetable, path, argument(0), MAXPATH); }

// ---- Processes ----

static uint64 sys_fork(void) { return (uint64)fork(); }
static uint64 sys_exit(void) { exit((int)argument(0)); }
static uint64 sys_wait(void) { return (uint64)wait(argument(0)); }
static uint64 sys_kill(void) { return (uint64)kill((int)argument(0)); }
static uint64 sys_getpid(void) { return (uint64)myproc()->pid; }

static uint64 sys_exec(void) { // texts of the arguments are in one page meanwhile
  char path[MAXPATH], *argv[MAXARG + 1], *texts = kalloc();
  uint64 result = ~0UL;
  int n = 0, used = 0;
  if (!texts || path_argument(path) < 0)
    goto done;
  for (;; n++) {
    uint64 va;
    if (n > MAXARG || copyin(myproc()->pagetable, &va, argument(1) + 8 * (uint64)n, 8) < 0)
      goto done;
    argv[n] = va ? texts + used : 0;
    if (!va)
      break;
    if (copyinstr(myproc()->pagetable, argv[n], va, (uint64)(PGSIZE - used)) < 0)
      goto done;
    used += (int)strlen(argv[n]) + 1;
  }
  result = (uint64)exec(path, argv);
done:
  if (texts)
    kfree(texts);
  return result;
}

static uint64 sys_sleep(void) {
  uint64 n = argument(0), result = 0;
  acquire(&tickslock);
  uint64 start = ticks;
  while (ticks - start < n && !(result = (uint64)-killed(myproc())))
    sleep(&ticks, &tickslock);
  release(&tickslock);
  return result;
}

static uint64 sys_uptime(void) {
  acquire(&tickslock);
  uint64 now = ticks;
  release(&tickslock);
  return now;
}

static uint64 sys_sbrk(void) { // the second argument says whether pages come at once or when they are touched
  struct proc *p = myproc();
  uint64 before = p->sz;
  uint64 after = before + (uint64)(long)(int)argument(0);
  if ((int)argument(0) < 0) {
    if (after > before)
      return ~0UL;
    uvmunmap(p->pagetable, PGROUNDUP(after), (PGROUNDUP(before) - PGROUNDUP(after)) / PGSIZE, 1);
  } else if (after >= TRAPFRAME - PGSIZE ||
             (argument(1) == SBRK_EAGER && after > before && !uvmalloc(p->pagetable, before, after, PTE_R | PTE_W))) {
    return ~0UL;
  }
  p->sz = after;
  return before;
}

// ---- Files: descriptors 0 to 2 are the console ----

static struct file *file_argument(void) {
  uint64 fd = argument(0);
  return fd >= 3 && fd < NFILE && myproc()->files[fd].open ? &myproc()->files[fd] : 0;
}

static uint64 sys_open(void) {
  char path[MAXPATH];
  struct file *files = myproc()->files;
  for (int fd = 3; fd < NFILE; fd++)
    if (!files[fd].open) {
      if (path_argument(path) < 0 || fs_find(path, &files[fd].entry) < 0)
        return ~0UL;
      files[fd].open = 1;
      files[fd].offset = 0;
      return (uint64)fd;
    }
  return ~0UL;
}

static uint64 sys_close(void) {
  struct file *f = file_argument();
  return f ? (uint64)(f->open = 0) : ~0UL;
}

static uint64 transfer(int write) { // through a page of the kernel's
  struct file *f = file_argument();
  uint64 va = argument(1), done = 0, n = (uint64)(uint32)argument(2);
  char *page = f ? kalloc() : 0;
  if (!page)
    return ~0UL;
  while (done < n) {
    int part = n - done < PGSIZE ? (int)(n - done) : PGSIZE;
    if (write && copyin(myproc()->pagetable, page, va + done, (uint64)part) < 0)
      break;
    int copied = fs_copy(&f->entry, f->offset, page, part, write);
    if (copied == 0 || (!write && copyout(myproc()->pagetable, va + done, page, (uint64)copied) < 0))
      break;
    f->offset += (uint32)copied;
    done += (uint64)copied;
  }
  kfree(page);
  return done;
}

static uint64 sys_read(void) {
  return argument(0) == 0 ? (uint64)console_read(argument(1), (int)argument(2)) : transfer(0);
}

static uint64 sys_write(void) {
  return argument(0) - 1 < 2 ? (uint64)console_write(argument(1), (int)argument(2)) : transfer(1);
}

// ---- The machine, and an experiment ----

static uint64 sys_poweroff(void) {
  uint32 code = (uint32)argument(0);
  *(volatile uint32 *)TEST = code ? code << 16 | 0x3333 : 0x5555;
  return 0; // for as long as the board takes
}

// Counts calls, with a lock or without: what comes of the second when several harts do it?
static uint64 sys_count(void) {
  static struct spinlock lock = {.name = "count"};
  static volatile uint64 count;
  int locked = (int)argument(0);
  if (locked)
    acquire(&lock);
  uint64 now = count + 1;
  count = now;
  if (locked)
    release(&lock);
  return now;
}

static uint64 (*const calls[])(void) = {
    [SYS_fork] = sys_fork,     [SYS_exit] = sys_exit,   [SYS_wait] = sys_wait,         [SYS_read] = sys_read,
    [SYS_kill] = sys_kill,     [SYS_exec] = sys_exec,   [SYS_getpid] = sys_getpid,     [SYS_sbrk] = sys_sbrk,
    [SYS_sleep] = sys_sleep,   [SYS_uptime] = sys_uptime, [SYS_open] = sys_open,       [SYS_write] = sys_write,
    [SYS_close] = sys_close,   [SYS_poweroff] = sys_poweroff, [SYS_count] = sys_count,
};

void syscall(void) {
  struct trapframe *frame = myproc()->trapframe;
  uint64 number = frame->x[A7];
  int known = number < sizeof(calls) / sizeof(calls[0]) && calls[number];
  uint64 result = known ? calls[number]() : ~0UL;
  frame->x[A0] = result;
}
