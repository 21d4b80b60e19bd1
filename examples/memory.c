// Where a program's parts lie, and how its heap grows: at once with sbrk, at the first touch with sbrklazy.
#include "user.h"

#define PGSIZE 4096

int initialized = 1; // .data: in the file
int zero[1024];      // .bss: a page that is not in the file

int main(void) {
  int local = 0;
  printf("text   %p  main\n", (void *)main);
  printf("data   %p  initialized = %d\n", (void *)&initialized, initialized);
  printf("bss    %p  zero[0] = %d\n", (void *)zero, zero[0]);
  printf("stack  %p  local = %d\n", (void *)&local, local);
  printf("break  %p\n", (void *)sbrk(0));

  // Eager: when the call returns, three pages are mapped and zeroed.
  char *eager = sbrk(3 * PGSIZE);
  printf("eager  %p  three pages\n", (void *)eager);

  // Lazy: the break moves by a hundred pages, the page table does not change ...
  char *lazy = sbrklazy(100 * PGSIZE);
  printf("lazy   %p  a hundred pages, none of them there yet\n", (void *)lazy);

  // ... until a page is touched: a page fault, a fresh page, and the store runs again.
  lazy[50 * PGSIZE] = 'x';
  printf("touch  %p  one of them is there now\n", (void *)(lazy + 50 * PGSIZE));

  sbrk(-103 * PGSIZE);
  printf("break  %p  as before\n", (void *)sbrk(0));
}
