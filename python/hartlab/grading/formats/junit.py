"""JUnit XML, for whatever shows test reports: a suite a submission, a case a check. Hidden checks are in it.

Source: ``junit-10.xsd``, the schema that Jenkins' xUnit plugin publishes
(https://github.com/jenkinsci/xunit-plugin); written by junitparser. Points are properties of a suite and in
a case's output, since the schema has no place for them in a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..outcome import CheckOutcome, Outcome
from .shown import told


def write(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write it.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of one lab.
    path : Path
        The file.

    Raises
    ------
    ModuleNotFoundError
        Without junitparser, which the extra ``report`` has.
    """
    from junitparser import JUnitXml

    report = JUnitXml(outcomes[0].title if outcomes else "")
    for each in outcomes:
        report.add_testsuite(_suite(each))
    report.write(str(path), pretty=True)


def _suite(outcome: Outcome):  # type: ignore[no-untyped-def]
    from junitparser import Error, TestSuite

    suite = TestSuite(outcome.submission)
    suite.add_property("points", str(outcome.points))
    suite.add_property("max_points", str(outcome.max_points))
    for each in outcome.results:
        case = _case(each, outcome)
        if outcome.status != "graded":
            case.result = [Error(outcome.message, outcome.status)]
        suite.add_testcase(case)
    suite.update_statistics()  # type: ignore[no-untyped-call]
    return suite


def _case(check: CheckOutcome, outcome: Outcome):  # type: ignore[no-untyped-def]
    from junitparser import Failure, Skipped, TestCase

    case = TestCase(check.name, outcome.lab, 0.0)
    if check.status == "not run":
        case.result = [Skipped(told(check))]
    elif not check.passed:
        failure = Failure(check.message.partition("\n")[0], check.status)
        failure.text = told(check)
        case.result = [failure]
    case.system_out = f"{check.points} of {check.max_points} points"
    return case
