#!/bin/sh
# preflight.sh PYTHON: says what a build lacks on this machine, and the command that installs it.
# Prints nothing and succeeds when nothing is missing. Touches nothing.
python=${1:-python3}
packages=""
problems=0

missing() { # missing MESSAGE [DEBIAN-PACKAGE]
    problems=$((problems + 1))
    printf 'hartlab: %s\n' "$1" >&2
    if [ -n "${2:-}" ]; then packages="$packages $2"; fi
}

if ! command -v "$python" >/dev/null 2>&1; then
    missing "there is no $python here; Python 3.11 or newer is needed (PYTHON=... names another)" "python3"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    missing "$("$python" --version) is too old; Python 3.11 or newer is needed (PYTHON=python3.12, say, names another)"
else
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        missing "$python cannot make virtual environments" "python3-venv"
    header=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
    [ -f "$header" ] || missing "$python has no C headers ($header)" "python3-dev"
fi

if [ -n "${CXX:-}" ]; then
    command -v "${CXX%% *}" >/dev/null 2>&1 || missing "CXX is '$CXX', which is not on the PATH"
elif ! command -v c++ >/dev/null 2>&1 && ! command -v g++ >/dev/null 2>&1 && ! command -v clang++ >/dev/null 2>&1; then
    missing "there is no C++ compiler; g++ 12 or newer is needed" "g++"
fi
command -v make >/dev/null 2>&1 || missing "there is no make" "make"

if [ -n "$packages" ]; then
    printf 'hartlab: on Debian or Ubuntu:  sudo apt-get install%s\n' "$packages" >&2
fi
[ "$problems" -eq 0 ]
