#!/usr/bin/env bash
# The entry point of PrairieLearn's external grader. Where the grader itself fails, the result says so, is not gradable, and
# costs no attempt.
set -uo pipefail
graded=$(mktemp -d)
hartlab grade /grade/tests/LAB /grade/student --jobs 1 --out "$graded"
mkdir -p /grade/results
cp "$graded/prairielearn/student.json" /grade/results/results.json
