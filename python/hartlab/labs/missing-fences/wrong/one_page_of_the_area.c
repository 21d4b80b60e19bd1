// fails: an area that was given back is gone
// says: a load goes by a translation that the page table no longer has
// why: only the area's first page is fenced, and an area has many.

int myreduceproc(uint64 start) {
    struct proc *p = myproc();
    for (struct vma *before = &p->vm[0]; before->next; before = before->next) {
        struct vma *area = before->next;
        if (area->start != start)
            continue;
        mydeallocuvm(p->pagetable, start, start + area->length);
        before->next = area->next;
        memset(area, 0, sizeof(*area));
        sfence_vma_va(start);
        return 0;
    }
    return -1;
}
