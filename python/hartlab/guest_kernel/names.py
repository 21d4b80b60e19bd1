"""What the parts of a teaching kernel are called: in xv6, and by its relatives and students."""

from __future__ import annotations

PROCESS_TABLES = ("proc", "procs", "ptable.proc", "proc_table", "process_table", "processes", "tasks")
PROCESS_STRUCTS = ("struct proc", "struct process", "struct task_struct", "struct task", "struct pcb")
FREE_LISTS = (
    "kmem.freelist",
    "kmem.free_list",
    "kmem.head",
    "kmem.free",
    "freelist",
    "free_list",
    "kfreelist",
)
SUPERPAGES = ("super", "huge", "mega", "big")  # a list of such a name has pages of 2 MiB
KERNEL_PAGE_TABLES = ("kernel_pagetable", "kpagetable", "kernel_page_table", "kpgtbl", "kpgdir")
ENDS = ("end", "_end", "__end", "ekernel", "_ekernel", "kernel_end", "__kernel_end")
CPUS = ("cpus", "cpu", "harts")
TICKS = ("ticks", "jiffies")
OPEN_FILES = ("ftable.file", "ftable.files", "filetable", "ftable")
REFERENCES = ("ref", "refs", "refcnt", "refcount", "ref_count")  # to an open file

# Fields of struct proc: what each is needed for, and its names.
FIELDS: dict[str, tuple[str, ...]] = {
    "state": ("state", "status"),
    "pid": ("pid", "id"),
    "parent": ("parent", "ppid"),
    "name": ("name", "comm"),
    "sz": ("sz", "size"),
    "pagetable": ("pagetable", "page_table", "pgtbl", "pgdir", "pgd", "pt"),
    "trapframe": ("trapframe", "trap_frame", "tf"),
    "kstack": ("kstack", "kernel_stack"),
    "chan": ("chan", "channel", "wchan"),
    "xstate": ("xstate", "exit_status", "exit_code", "exitcode"),
    "killed": ("killed",),
    "context": ("context", "ctx"),
}
WITHOUT_FIELD = {
    "state": "every slot counts as a process",
    "pid": "processes have the numbers of their slots",
    "parent": "no process has a parent",
    "name": "processes have no names",
    "sz": "sizes are 0, and nothing counts as mapped beyond them",
    "pagetable": "processes have no page tables, and nobody owns their pages",
    "trapframe": "trapframes are no owners: their pages count as in the hands of the kernel",
    "kstack": "kernel stacks are no owners: their pages count as in the hands of the kernel",
    "chan": "it is not known what sleeping processes wait for",
    "xstate": "exit statuses are 0",
    "killed": "it is not known who has been killed",
    "context": "all of a kernel stack is looked through, and not what is in use of it",
}
# Whoever has no enum for them numbers the states like this.
STATES = ("UNUSED", "USED", "SLEEPING", "RUNNABLE", "RUNNING", "ZOMBIE")
UNUSED = ("UNUSED", "FREE", "PROC_UNUSED", "TASK_FREE", "TASK_UNUSED")
