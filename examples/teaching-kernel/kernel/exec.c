// exec: a program from the disk in place of the one that runs. [ELF-64]
#include "defs.h"

struct elf_header {
  uint32 magic;
  uint8 ident[12];
  uint16 type, machine;
  uint32 version;
  uint64 entry, phoff, shoff;
  uint32 flags;
  uint16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
  uint32 type, flags;
  uint64 offset, vaddr, paddr, filesz, memsz, align;
};

enum { ELF_MAGIC = 0x464c457f, LOAD = 1, MAY_EXECUTE = 1, MAY_WRITE = 2 };
#define BIGGEST (64UL << 20)

static uint64 permissions(uint32 flags) {
  return PTE_R | (flags & MAY_WRITE ? PTE_W : 0) | (flags & MAY_EXECUTE ? PTE_X : 0);
}

// One segment, into pages of its own. The new size of the memory; 0 on failure.
static uint64 load(pagetable_t table, uint64 size, const struct entry *file, const struct program_header *ph) {
  if (ph->memsz < ph->filesz || ph->vaddr % PGSIZE || ph->vaddr < size || ph->memsz > BIGGEST || ph->vaddr > BIGGEST)
    return 0;
  uint64 end = uvmalloc(table, ph->vaddr, ph->vaddr + ph->memsz, permissions(ph->flags));
  for (uint64 done = 0; end && done < ph->filesz; done += PGSIZE) {
    uint64 left = ph->filesz - done;
    int n = left < PGSIZE ? (int)left : PGSIZE;
    void *page = (void *)walkaddr(table, ph->vaddr + done);
    if (fs_copy(file, (uint32)(ph->offset + done), page, n, 0) != n)
      return 0;
  }
  return end;
}

// Arguments on the stack that ends at `sp`: the texts, then the pointers to them. The new sp; 0 on failure.
static uint64 push_arguments(pagetable_t table, uint64 sp, char **argv, int *argc) {
  uint64 pointers[MAXARG + 1];
  int n = 0;
  for (; argv[n]; n++) {
    uint64 length = strlen(argv[n]) + 1;
    sp = (sp - length) & ~15UL;
    if (n >= MAXARG || copyout(table, sp, argv[n], length) < 0)
      return 0;
    pointers[n] = sp;
  }
  pointers[n] = 0;
  uint64 length = (uint64)(n + 1) * sizeof(uint64);
  sp = (sp - length) & ~15UL;
  *argc = n;
  return copyout(table, sp, pointers, length) < 0 ? 0 : sp;
}

// argc, which becomes the new program's a0; -1, and the old one goes on, on failure.
int exec(const char *path, char **argv) {
  struct proc *p = myproc();
  struct entry file;
  struct elf_header header;
  int argc;
  if (fs_find(path, &file) < 0 || fs_copy(&file, 0, &header, sizeof(header), 0) != sizeof(header))
    return -1;
  if (header.magic != ELF_MAGIC)
    return -1;
  pagetable_t table = uvmcreate(p->trapframe);
  if (!table)
    return -1;

  uint64 size = 0, sp = 0, grown;
  for (int i = 0; i < header.phnum; i++) {
    struct program_header ph;
    uint32 at = (uint32)(header.phoff + (uint64)i * sizeof(ph));
    if (fs_copy(&file, at, &ph, sizeof(ph), 0) != sizeof(ph))
      goto failed;
    if (ph.type != LOAD || ph.memsz == 0)
      continue;
    if (!(grown = load(table, size, &file, &ph)))
      goto failed;
    size = grown;
  }
  // A page that stops the stack, and the stack; the heap is above them.
  size = PGROUNDUP(size);
  if (!(grown = uvmalloc(table, size, size + 2 * PGSIZE, PTE_R | PTE_W)))
    goto failed;
  uvmclear(table, size);
  size = grown;
  if (!(sp = push_arguments(table, size, argv, &argc)))
    goto failed;

  uvmfree(p->pagetable, p->sz);
  p->pagetable = table;
  p->sz = size;
  p->trapframe->epc = header.entry;
  p->trapframe->x[SP] = sp;
  p->trapframe->x[A1] = sp; // argv
  strlcpy(p->name, path, sizeof(p->name));
  return argc;

failed:
  uvmfree(table, size);
  return -1;
}
