"""Run by Otter's own Python: makes autograders of folders of tests, grades notebooks, prints results.

with_otter.py FOLDER, in which FOLDER/LAB/autograder/tests and FOLDER/LAB/submissions/*.ipynb are.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from otter.api import grade_submission
from otter.generate import main as generate


def main(folder: Path) -> None:
    found = {}
    for lab in sorted(folder.iterdir()):
        archive = lab / "autograder.zip"
        generate(tests_dir=str(lab / "autograder" / "tests"), output_path=str(archive), no_environment=True)
        found[lab.name] = {
            each.stem: _results(each, archive) for each in sorted((lab / "submissions").glob("*.ipynb"))
        }
    print(json.dumps(found))


def _results(submission: Path, archive: Path) -> dict[str, object]:
    results = grade_submission(str(submission), str(archive), quiet=True)
    tests = {
        name: {
            "score": each.score,
            "possible": each.possible,
            "hidden": all(case.test_case.hidden for case in each.test_case_results),
            "text": "\n".join(case.message or "" for case in each.test_case_results),
        }
        for name, each in results.results.items()
    }
    return {"total": results.total, "possible": results.possible, "tests": tests}


os.chdir(sys.argv[1])
main(Path.cwd())
