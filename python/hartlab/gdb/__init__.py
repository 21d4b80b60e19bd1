"""A GDB remote stub: `gdb-multiarch` drives a machine over a socket.

`packets` finds packets in bytes, `session` answers them, `target` is the machine as GDB sees it, `reversing`
goes backwards, and `server` listens. Nothing below `server` knows of sockets, and nothing that a client sends
raises an exception: it is answered with an error.
"""

from .server import GdbServer

__all__ = ["GdbServer"]
