// What a user program may call: the kernel's system calls, and the small C library over them.
//
// Include this and nothing else is needed. Failure is -1 unless a line says otherwise.
#ifndef ULIB_USER_H
#define ULIB_USER_H

#include <stdarg.h>
#include <stddef.h>

#include "fcntl.h"
#include "stat.h"
#include "syscall.h"
#include "types.h"

// ---- System calls: one ecall each (usys.S) ----

// Processes.
int fork(void);                                   // the child's pid; 0 in the child
int exit(int status) __attribute__((noreturn));   // the parent's wait() gets the status
int wait(int *status);                            // pid of a child that has exited; status may be 0
int kill(int pid);                                // the process dies on its way back to user mode
int exec(const char *path, char **argv);          // argv ends with 0; returns only when it fails
int getpid(void);
int sleep(int ticks);                             // xv6's name until 2024 ...
int pause(int ticks);                             // ... and since: the same call
int uptime(void);                                 // ticks since boot

// Files. Descriptors 0, 1 and 2 are the console.
int open(const char *path, int flags);            // the lowest free descriptor
int read(int fd, void *buf, int n);               // bytes read; 0 at the end
int write(int fd, const void *buf, int n);        // bytes written
int close(int fd);
int dup(int fd);                                  // another descriptor for the same file
int pipe(int fds[2]);                             // fds[0] reads what fds[1] writes
int fstat(int fd, struct stat *st);

// Memory. The heap is one range that ends at the break; areas are ranges of their own above it.
#define SBRK_ERROR ((char *)-1)
char *sbrk(int n);                                // move the break by n bytes; the old break
char *sbrklazy(int n);                            // the same, but pages arrive at the first touch
char *sys_sbrk(int n, int how);                   // what both are made of: SBRK_EAGER or SBRK_LAZY
#define MYALLOC_ERROR ((void *)-1)
void *myalloc(uint64 n);                          // start of a new area of n bytes; MYALLOC_ERROR
int myfree(void *start);                          // start must be what myalloc() returned; 0 or -1

// ---- Library ----

// ulib.c
int stat(const char *path, struct stat *st);
char *gets(char *buf, int max);                   // a line of descriptor 0, newline kept
int atoi(const char *s);                          // leading digits, perhaps after a sign

// string.c
char *strcpy(char *dst, const char *src);
char *strcat(char *dst, const char *src);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, uint64 n);
uint strlen(const char *s);
char *strchr(const char *s, char c);              // 0 when absent
void *memset(void *dst, int c, uint64 n);
void *memmove(void *dst, const void *src, uint64 n);
void *memcpy(void *dst, const void *src, uint64 n);
int memcmp(const void *a, const void *b, uint64 n);

// printf.c: %d %i %u %x %X %p %s %c %f %%, with l, ll, z or h before an integer, flags - 0 + and space,
// width and .precision (also *; for %f at most 60 digits). A call is one write() when its text fits 128 bytes.
// Each returns the number of bytes printed.
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int fprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
int vprintf(const char *format, va_list ap);
int vfprintf(int fd, const char *format, va_list ap);

// malloc.c: blocks are aligned to 16 bytes; 0 when there is no memory. Pages at the heap's end that are empty go back.
void *malloc(uint64 n);
void free(void *p);

#endif
