// Hands options to the linker.
// score: 0
// says: ld.lld: error: 
// held from: landlock
__asm__(".section .deplibs,\"MS\",@llvm_dependent_libraries,1\n.asciz \"/etc/passwd\"\n.text");

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
