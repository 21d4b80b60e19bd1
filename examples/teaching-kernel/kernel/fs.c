// Files: found by name in the list that the disk begins with, and copied to and from whole sectors.
#include "defs.h"

static struct {
  struct spinlock lock;
  int busy; // somebody uses the buffer, and may sleep meanwhile
  uint8 buffer[SECTOR];
} cache;

void fs_init(void) { initlock(&cache.lock, "fs"); }

static void take_buffer(void) {
  acquire(&cache.lock);
  while (cache.busy)
    sleep(&cache, &cache.lock);
  cache.busy = 1;
  release(&cache.lock);
}

static void give_buffer(void) {
  acquire(&cache.lock);
  cache.busy = 0;
  wakeup(&cache);
  release(&cache.lock);
}

// Copies between a file and the kernel's memory, up to the file's end. Bytes copied.
int fs_copy(const struct entry *file, uint32 offset, void *buffer, int n, int write) {
  int done = 0;
  take_buffer();
  while (done < n && offset < file->size) {
    uint32 within = offset % SECTOR, part = SECTOR - within;
    if (part > file->size - offset)
      part = file->size - offset;
    if (part > (uint32)(n - done))
      part = (uint32)(n - done);
    uint64 sector = file->start + offset / SECTOR;
    disk_sector(sector, cache.buffer, 0);
    if (write) {
      memmove(cache.buffer + within, (char *)buffer + done, part);
      disk_sector(sector, cache.buffer, 1);
    } else {
      memmove((char *)buffer + done, cache.buffer + within, part);
    }
    done += (int)part;
    offset += part;
  }
  give_buffer();
  return done;
}

// 0 with the entry of the file `name`, or -1.
int fs_find(const char *name, struct entry *found) {
  struct entry list = {.start = 0, .size = SECTOR}; // until its own entry, the first, has been read
  for (uint32 at = 0; fs_copy(&list, at, found, sizeof(*found), 0) == sizeof(*found); at += sizeof(*found)) {
    if (at == 0)
      list = *found;
    if (found->name[0] && strncmp(found->name, name, NAMELEN) == 0)
      return 0;
  }
  return -1;
}
