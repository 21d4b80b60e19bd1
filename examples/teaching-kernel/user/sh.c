// A shell, and the first process: COMMAND ARGUMENT... and perhaps & at the end.
#include "user.h"

enum { ARGUMENTS = 8 };

static int split(char *line, char **argv) { // words of the line, which is cut up
  int n = 0;
  for (char *c = line; *c;) {
    while (*c == ' ' || *c == '\n')
      *c++ = 0;
    if (*c && n < ARGUMENTS)
      argv[n++] = c;
    while (*c && *c != ' ' && *c != '\n')
      c++;
  }
  argv[n] = 0;
  return n;
}

static void run(char **argv) {
  exec(argv[0], argv);
  printf("%s: there is no such program\n", argv[0]);
  exit(127);
}

int main(void) {
  char line[128], *argv[ARGUMENTS + 1];
  for (;;) {
    printf("$ ");
    gets(line, sizeof(line));
    int n = split(line, argv);
    if (n == 0)
      continue;
    int background = strcmp(argv[n - 1], "&") == 0;
    if (background)
      argv[n - 1] = 0;
    int pid = argv[0] ? fork() : -1;
    if (pid == 0)
      run(argv);
    int status, ended;
    while (!background && pid > 0 && (ended = wait(&status)) > 0) // orphans end here, too
      if (ended == pid) {
        if (status)
          printf("[status %d]\n", status);
        break;
      }
  }
}
