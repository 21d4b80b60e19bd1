// The serial port, a 16550: output waits for room, input comes by interrupt. [16550D]
#include "defs.h"

#define REGISTER(n) (*(volatile uint8 *)(UART0 + (n)))
enum { DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE = 3, LINE_STATUS = 5 };
enum { RECEIVED = 1, ROOM = 1 << 5, DIVISOR = 1 << 7, EIGHT_BITS = 3, FIFO_ON = 7 };

void uart_init(void) {
  REGISTER(INTERRUPTS) = 0;
  REGISTER(LINE) = DIVISOR; // 38400 baud
  REGISTER(0) = 3;
  REGISTER(1) = 0;
  REGISTER(LINE) = EIGHT_BITS;
  REGISTER(FIFO) = FIFO_ON;
  uart_listen(1);
}

// Whether what is received interrupts. What is not read stays in the port.
void uart_listen(int on) { REGISTER(INTERRUPTS) = on ? RECEIVED : 0; }

void uart_putc(int c) {
  while (!(REGISTER(LINE_STATUS) & ROOM)) {
  }
  REGISTER(DATA) = (uint8)c;
}

int uart_getc(void) { return REGISTER(LINE_STATUS) & RECEIVED ? REGISTER(DATA) : -1; } // -1: nothing
