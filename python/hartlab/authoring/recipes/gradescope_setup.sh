#!/usr/bin/env bash
# Gradescope executes this once, as root, when it builds the autograder's image. Choose a base image with Python 3.11
# or later: Ubuntu 24.04 has it.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends python3-venv bubblewrap
python3 -m venv /autograder/python
/autograder/python/bin/pip install "hartlab[grade,report]"
