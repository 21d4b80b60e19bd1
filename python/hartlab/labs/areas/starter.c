// Areas with holes.
//
// A process has vm[0] to vm[9]. vm[0] is no area but the head of a list: vm[0].next is the lowest area, or 0, and each
// area's next is the area above it. A slot of vm[] that is not in the list is free.
//
//   0 ... sz | hole? | area | hole? | area | ... | TRAPFRAME

// Gives the current process an area of n bytes, rounded up to pages. It goes into the lowest gap that is large enough,
// between PGROUNDUP(p->sz), the areas, and TRAPFRAME. myallocuvm(p->pagetable, start, end) maps zeroed pages and is 0, or -1
// without memory, with nothing changed. The slot gets start, length, perm (PTE_R | PTE_W | PTE_U), used (1), and its place
// in the list, which is in the order of addresses.
//
// Where it starts; -1, and nothing has changed, when n is 0 or does not fit, when nine areas are in use, or without memory.
uint64 mygrowproc(uint64 n) {
    panic("mygrowproc: to be written");
}

// Gives back the current process's area that begins at start. mydeallocuvm(p->pagetable, start, end) unmaps and frees its
// pages. The slot leaves the list, and is filled with zeros. With address-space identifiers (p->asid is not 0) the
// translations are forgotten: sfence_vma_asid(p->asid). 0; -1, and nothing has changed, when no area begins there.
int myreduceproc(uint64 start) {
    panic("myreduceproc: to be written");
}
