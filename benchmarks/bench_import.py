"""What `import hartlab` costs beyond NumPy's own import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from figure import Figure

PROGRAM = """
import time, numpy
start = time.process_time()
import hartlab
print(time.process_time() - start)
"""


def figures() -> Iterator[Figure]:
    runs = [subprocess.check_output([sys.executable, "-c", PROGRAM], text=True) for _ in range(9)]
    yield Figure("import hartlab, beyond numpy", "ms", [float(run) * 1e3 for run in runs]).at_most(100)
