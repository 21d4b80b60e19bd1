// fork, exit and wait: three children, each with a copy of the parent's memory and a status to report.
#include "user.h"

int main(void) {
  int counter = 100;
  for (int i = 1; i <= 3; i++) {
    int pid = fork();
    if (pid < 0) {
      printf("fork failed\n");
      return 1;
    }
    if (pid == 0) {
      counter += i; // in the child's copy
      exit(counter);
    }
  }

  int sum = 0;
  for (int i = 0; i < 3; i++) {
    int status;
    wait(&status);
    sum += status;
  }
  printf("the children report %d together; here counter is still %d\n", sum, counter);
}
