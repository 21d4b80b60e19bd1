# The package `hartlab` in a player: constants, and a clear word about everything else.
from hartlab.constants import *  # noqa: F403
from hartlab.constants import __dict__ as _constants


def __getattr__(name):
    if name.isupper() and name in _constants:
        return _constants[name]
    raise AttributeError(
        f"hartlab has no {name!r} while a submission is graded: it has constants, and a function is given k"
    )
