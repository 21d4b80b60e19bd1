// children ROUNDS PAGES [PROGRAM]: ROUNDS times fork + exit + wait by a process with PAGES more pages of data
// than it was born with; or fork + exec + wait, where each child becomes PROGRAM.
#include "both.h"

int main(int argc, char **argv) {
  int rounds = atoi(argv[1]), pages = atoi(argv[2]);
  char *data = sbrk(pages * PAGE);
  for (int i = 0; i < pages; i++)
    data[i * PAGE] = 1;
  for (int i = 0; i < rounds; i++) {
    int pid = fork(), status;
    if (pid == 0) {
      if (argc > 3)
        exec(argv[3], argv + 3);
      exit(argc > 3); // where exec has failed, or nobody asked for it
    }
    if (pid < 0 || wait(&status) != pid || status != 0)
      return 1;
  }
  return 0;
}
