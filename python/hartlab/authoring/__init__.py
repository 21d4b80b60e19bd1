"""What lecturers do with labs: begin one, try it on its solutions, give it to students without them."""

from .leaks import LeakError
from .release import LANGUAGES, PLATFORMS, release
from .starting import start
from .trying import Trial, try_lab

__all__ = ["LANGUAGES", "PLATFORMS", "LeakError", "Trial", "release", "start", "try_lab"]
