// The console: lines that can be edited, and what is printed.
#include "defs.h"

#define CONTROL(letter) ((letter) - '@')
enum { ROOM = 256, RUBOUT = 0x7f };

static struct {
  struct spinlock lock;
  char keys[ROOM];              // a ring; the numbers below only grow
  uint32 read, complete, typed; // what programs have got, whole lines, and everything
} console;

void console_init(void) {
  initlock(&console.lock, "console");
  uart_init();
}

static void print(int c) {
  if (c == '\n')
    uart_putc('\r');
  uart_putc(c);
}

static void rub_out(void) {
  if (console.typed == console.complete)
    return;
  console.typed--;
  print('\b');
  print(' ');
  print('\b');
}

static void keep(int c) {
  print(c);
  console.keys[console.typed++ % ROOM] = (char)c;
  if (c == '\n' || c == CONTROL('D') || console.typed - console.read == ROOM) {
    console.complete = console.typed;
    wakeup(&console);
  }
}

static int full(void) { return console.typed - console.read == ROOM; }

static void key(int c) {
  if (c == CONTROL('P'))
    procdump();
  else if (c == '\b' || c == RUBOUT)
    rub_out();
  else if (c == '\r')
    keep('\n');
  else if (c >= ' ' || c == '\n' || c == CONTROL('D'))
    keep(c);
}

void console_interrupt(void) { // from the serial port: something was typed
  acquire(&console.lock);
  for (int c; !full() && (c = uart_getc()) >= 0;)
    key(c);
  if (full())
    uart_listen(0); // until somebody reads: the rest waits in the port
  release(&console.lock);
}

// A line, or as much of it as is asked for; 0 at Ctrl-D.
int console_read(uint64 va, int n) {
  struct proc *p = myproc();
  int done = 0;
  acquire(&console.lock);
  while (done < n) {
    while (console.read == console.complete) {
      if (killed(p)) {
        release(&console.lock);
        return -1;
      }
      sleep(&console, &console.lock);
    }
    char c = console.keys[console.read++ % ROOM];
    uart_listen(1);
    if (c == CONTROL('D') || copyout(p->pagetable, va + (uint64)done, &c, 1) < 0)
      break;
    done++;
    if (c == '\n')
      break;
  }
  release(&console.lock);
  return done;
}

int console_write(uint64 va, int n) {
  char piece[64];
  for (int done = 0; done < n;) {
    int part = n - done < (int)sizeof(piece) ? n - done : (int)sizeof(piece);
    if (copyin(myproc()->pagetable, piece, va + (uint64)done, (uint64)part) < 0)
      return -1;
    acquire(&console.lock); // pieces of two programs do not mix
    for (int i = 0; i < part; i++)
      print(piece[i]);
    release(&console.lock);
    done += part;
  }
  return n;
}
