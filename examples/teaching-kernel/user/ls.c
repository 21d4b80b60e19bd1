// The files of the disk: name, bytes, first sector.
#include "../kernel/fs.h"

#include "user.h"

int main(void) {
  struct entry entry;
  int fd = open(".", O_RDONLY);
  while (read(fd, &entry, sizeof(entry)) == sizeof(entry))
    if (entry.name[0])
      printf("%-12s %7d  at %d\n", entry.name, entry.size, entry.start);
}
