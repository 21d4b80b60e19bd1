# What a hostile submission would try first, tried from inside: a program for a jail. It says what succeeded.
#
# Its victim is a process of the grader's that sleeps, and a file, a port and a variable made for it.
import ctypes
import json
import os
import resource


def read_a_secret(victim):
    return open(victim["secret"]).read()


def write_beside_it(victim):
    open(victim["secret"] + ".mine", "w").close()
    return True


def read_another_process(victim):
    return open(f"/proc/{victim['pid']}/environ").read()


def open_a_connection(victim):
    import socket

    return socket.create_connection(("127.0.0.1", victim["port"]), 2)


def make_a_socket(victim):
    import socket

    return socket.socket(socket.AF_UNIX)


def signal_another_process(victim):
    os.kill(victim["pid"], 0)
    return True


def trace_another_process(victim):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.ptrace(0x4206, victim["pid"], None, None) == 0  # PTRACE_SEIZE


def begin_a_process(victim):
    if os.fork() == 0:
        os._exit(0)
    return True


def find_the_environment(victim):
    return os.environ.get(victim["variable"])


def find_a_descriptor(victim):
    for number in set(range(3, 4096)) - set(victim["own"]):
        try:
            os.fstat(number)
        except OSError:
            continue
        return True
    return False


def take_much_memory(victim):
    taken = bytearray(victim["memory"])
    return bool(taken)


def compute_without_end(victim):
    return resource.getrlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY


def see_a_secret_is_there(victim):
    return os.path.exists(victim["secret"])


def see_another_process(victim):
    return os.path.exists(f"/proc/{victim['pid']}")


ATTACKS = {
    name.replace("_", " "): each
    for name, each in list(globals().items())
    if callable(each) and name.islower()
}


def begin(modules, channel):
    return lambda: attack(channel)


def attack(channel):
    victim = json.loads(os.read(channel, 65536))
    victim["own"] = [channel]
    succeeded = {}
    for name, attempt in ATTACKS.items():
        try:
            succeeded[name] = bool(attempt(victim))
        except (OSError, MemoryError, ImportError):
            succeeded[name] = False
    os.write(channel, json.dumps(succeeded).encode())
