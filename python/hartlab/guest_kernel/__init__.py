"""A guest kernel in the manner of xv6, looked at as the kernel model is."""

from .adapter import Xv6, xv6
from .process import Xv6Process

__all__ = ["Xv6", "Xv6Process", "xv6"]
