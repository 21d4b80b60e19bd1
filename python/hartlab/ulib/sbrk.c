// The heap's end. Which of the two a program calls decides when its pages come into being.
#include "user.h"

char *sbrk(int n) { return sys_sbrk(n, SBRK_EAGER); }

char *sbrklazy(int n) { return sys_sbrk(n, SBRK_LAZY); }
