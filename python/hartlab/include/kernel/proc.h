// For sources that include it: what it declares in xv6 is in kernel.h.
#include "kernel.h"
