"""Checks of kalloc and kfree. Each runs on a kernel of its own, and looks at its state."""

from hartlab import PGSIZE
from hartlab.labs import check, expect, programs

TAKES = "kalloc takes the first page of the list"
GIVES = "kfree puts a page in front of the list"


# `of` says which functions are the student's while this runs. The others are the engine's own.
@check(TAKES, points={"one page": 2, "two pages": 1}, of="kalloc", audit=False)
def takes(kernel, part):
    for name in ("one page", "two pages"):
        with part(name):  # what fails in here costs the points of this part alone
            first, free = int(kernel.free_list()["pa"][0]), kernel.free_pages
            page = kernel.call("kalloc")
            expect.equal("kalloc", page, first, "the head of the list", pa=first)
            expect.equal("the number of free pages", kernel.free_pages, free - 1, pa=page)
            expect.that(
                (kernel.memory[page : page + PGSIZE] == 5).all(), "not every byte of it is 5", pa=page
            )


# Without what it `needs`, it is not run: students read of the cause, and not of what follows from it.
@check("kalloc is 0 when no page is left", points=1, of="kalloc", needs=TAKES, audit=False)
def empty(kernel):
    for _ in range(kernel.free_pages):
        kernel.call("kalloc")
    expect.equal("kalloc", kernel.call("kalloc"), 0, "the list is empty")


# `native` is the same kernel with the engine's own functions.
@check(GIVES, points=2, of="kfree")
def gives(kernel, native):
    def there_and_back(k):
        page = k.call("kalloc")
        k.call("kfree", page)
        return page, bytes(k.memory[page : page + 16])

    expect.agrees(kernel, native, there_and_back, "a page is taken and given back")


# Students are not given this one. `rng` depends on the seed, which can be a student's name.
@check("kfree panics on what is no page", points=2, of="kfree", needs=GIVES, audit=False, visibility="hidden")
def no_page(kernel, rng):
    page = kernel.call("kalloc")
    wrong = rng.choice([page + rng.randrange(1, PGSIZE), 0x8000_0000, kernel.memory.end])
    expect.panic("kfree", lambda: kernel.call("kfree", wrong), pa=wrong)


# Whatever fork has allocated when it fails, it gives back: each allocation fails once.
@check("fork still undoes what it did", points=2, of=("kalloc", "kfree"), needs=(TAKES, GIVES))
def undoes(kernel):
    parent = kernel.spawn(code=programs.SPIN)
    expect.survives_failures(kernel, lambda k: k.process(parent.pid).fork())
