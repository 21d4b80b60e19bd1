// The virtio block device in virtio's first slot: one request at a time. [virtio 4.2, 5.2]
#include "defs.h"

#define REGISTER(offset) (*(volatile uint32 *)(VIRTIO0 + (offset)))
enum {
  MAGIC = 0x00, VERSION = 0x04, DEVICE_ID = 0x08, DRIVER_FEATURES = 0x20, DRIVER_FEATURES_SELECT = 0x24,
  QUEUE_SELECT = 0x30, QUEUE_MOST = 0x34, QUEUE_SIZE = 0x38, QUEUE_READY = 0x44, QUEUE_NOTIFY = 0x50,
  INTERRUPT_STATUS = 0x60, INTERRUPT_ACK = 0x64, STATUS = 0x70,
  QUEUE_DESCRIPTORS = 0x80, QUEUE_DRIVER = 0x90, QUEUE_DEVICE = 0xa0,
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
enum { NEXT = 1, DEVICE_WRITES = 2 };
enum { READ = 0, WRITE = 1, QUEUE = 8 };

struct descriptor {
  uint64 address;
  uint32 length;
  uint16 flags, next;
};

static struct {
  struct spinlock lock;
  int done;
  uint16 offered;
  struct {
    uint32 type, reserved;
    uint64 sector;
  } request;
  uint8 status;
} disk;

// What the device reads and writes: a page for each part.
static struct descriptor descriptors[QUEUE] __attribute__((aligned(PGSIZE)));
static volatile struct {
  uint16 flags, index, ring[QUEUE];
} offered __attribute__((aligned(PGSIZE)));
static volatile struct {
  uint16 flags, index;
  struct {
    uint32 id, length;
  } ring[QUEUE];
} used __attribute__((aligned(PGSIZE)));

static void set_address(int at, volatile void *address) {
  REGISTER(at) = (uint32)(uint64)address;
  REGISTER(at + 4) = (uint32)((uint64)address >> 32);
}

void disk_init(void) {
  initlock(&disk.lock, "disk");
  if (REGISTER(MAGIC) != 0x74726976 || REGISTER(VERSION) != 2 || REGISTER(DEVICE_ID) != 2)
    panic("there is no disk in virtio's first slot, or it is of version 1");
  REGISTER(STATUS) = 0;
  REGISTER(STATUS) = ACKNOWLEDGE;
  REGISTER(STATUS) = ACKNOWLEDGE | DRIVER;
  REGISTER(DRIVER_FEATURES_SELECT) = 0;
  REGISTER(DRIVER_FEATURES) = 0;
  REGISTER(DRIVER_FEATURES_SELECT) = 1;
  REGISTER(DRIVER_FEATURES) = 1; // VIRTIO_F_VERSION_1
  REGISTER(STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK;
  REGISTER(QUEUE_SELECT) = 0;
  if (!(REGISTER(STATUS) & FEATURES_OK) || REGISTER(QUEUE_MOST) < QUEUE)
    panic("the disk wants another driver");
  REGISTER(QUEUE_SIZE) = QUEUE;
  set_address(QUEUE_DESCRIPTORS, descriptors);
  set_address(QUEUE_DRIVER, &offered);
  set_address(QUEUE_DEVICE, &used);
  REGISTER(QUEUE_READY) = 1;
  REGISTER(STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
}

// Reads or writes one sector, and sleeps until that is done. The caller sees to it that there is one at a time.
void disk_sector(uint64 sector, void *buffer, int write) {
  acquire(&disk.lock);
  disk.request.type = write ? WRITE : READ;
  disk.request.sector = sector;
  disk.status = 0xff;
  disk.done = 0;
  descriptors[0] = (struct descriptor){(uint64)&disk.request, sizeof(disk.request), NEXT, 1};
  descriptors[1] = (struct descriptor){(uint64)buffer, SECTOR, write ? NEXT : NEXT | DEVICE_WRITES, 2};
  descriptors[2] = (struct descriptor){(uint64)&disk.status, 1, DEVICE_WRITES, 0};
  offered.ring[disk.offered % QUEUE] = 0;
  fence(); // the device must see the request before the index
  offered.index = ++disk.offered;
  fence();
  REGISTER(QUEUE_NOTIFY) = 0;
  while (!disk.done)
    sleep(&disk, &disk.lock);
  if (*(volatile uint8 *)&disk.status != 0)
    panic("the disk refused");
  release(&disk.lock);
}

void disk_interrupt(void) {
  acquire(&disk.lock);
  REGISTER(INTERRUPT_ACK) = REGISTER(INTERRUPT_STATUS) & 3;
  fence();
  if (used.index == disk.offered) {
    disk.done = 1;
    wakeup(&disk);
  }
  release(&disk.lock);
}
