// Gives the function another's code.
// score: 0
// says: walk, which is replaced
__asm__(".globl walk\n.type walk,@function\n.set walk, 0x80000000");
