# The first thing that runs in a jail: it shuts the door behind itself and does the job.
#
# It is handed to `python -c` as text, with what to do as JSON, and imports nothing of hartlab's: the jail has
# no file of it. Rules were made outside: a Landlock ruleset comes as a descriptor, a seccomp filter as bytes.
import ctypes
import json
import marshal
import os
import resource
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, LANDLOCK_RESTRICT_SELF = 38, 22, 2, 446


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def must(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), "the jail cannot be shut")


def shut(job):
    libc = ctypes.CDLL(None, use_errno=True)
    for number, value in job["limits"]:
        resource.setrlimit(number, (value, value))
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if job["landlock"] is not None:
        must(libc.syscall(LANDLOCK_RESTRICT_SELF, job["landlock"], 0))
        os.close(job["landlock"])
    if job["seccomp"]:
        code = bytes.fromhex(job["seccomp"])
        buffer = ctypes.create_string_buffer(code, len(code))
        program = Program(len(code) // 8, ctypes.addressof(buffer))
        must(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


def main():
    job = json.loads(sys.argv.pop())
    if job["command"]:
        shut(job)
        os.execve(job["command"][0], job["command"], os.environ)
    with open(job["bundle"], "rb") as bundle:
        modules = marshal.load(bundle)
    names = {"__name__": "jailed"}
    exec(modules.pop("begin"), names)
    play = names["begin"](modules, job["channel"])
    shut(job)
    play()


if __name__ == "__main__":
    main()
