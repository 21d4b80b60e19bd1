// Where xv6's own programs look for it.
#include "../user.h"
