// What fstat() writes, in xv6's layout (24 bytes; size is at offset 16).
#ifndef ULIB_STAT_H
#define ULIB_STAT_H

#include "types.h"

#define T_DIR 1    // directory
#define T_FILE 2   // file
#define T_DEVICE 3 // device: the console

struct stat {
  int dev;     // disk that holds the file
  uint ino;    // inode number
  short type;  // T_DIR, T_FILE or T_DEVICE
  short nlink; // names that refer to the file
  uint64 size; // bytes
};

#endif
