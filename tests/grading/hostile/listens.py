# Waits for a friend.
# score: 0
# says: PermissionError
# held from: landlock
def walk(k, pagetable, va, alloc):
    import socket

    socket.create_server(("127.0.0.1", 0))
    return 0
