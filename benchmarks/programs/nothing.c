// What children.c execs.
int main(void) { return 0; }
