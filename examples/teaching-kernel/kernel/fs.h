// The file system: a list of files, each in consecutive sectors. build.py makes it, and cannot be outgrown.
#pragma once
#include "types.h"

#define SECTOR 512
#define NAMELEN 20

// The first entry is the list itself, under the name ".". Entries without a name are free.
struct entry {
  char name[NAMELEN];
  uint32 start; // its first sector
  uint32 size;  // bytes
  uint32 spare;
};
