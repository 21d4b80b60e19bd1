// The kernel's beginning in S-mode, on every hart. The first one to come makes everything ready for all.
#include "defs.h"

int main(void) {
  static int first_has_come, ready;
  if (!__atomic_exchange_n(&first_has_come, 1, __ATOMIC_SEQ_CST)) {
    console_init();
    printf("teaching kernel: %d MiB\n", MEMORY_MIB);
    kinit();
    kvminit();
    procinit();
    plic_init();
    disk_init();
    fs_init();
    userinit();
    __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
  }
  while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
  }
  kvminithart();
  trapinithart();
  plic_inithart();
  timer_init();
  scheduler();
}
