# Opens a file of the computer.
# score: 0
# says: /etc/passwd
# held from: landlock
USERS = open("/etc/passwd").read()


def walk(k, pagetable, va, alloc):
    return 0
