"""Pictures of the machine's state, for notebooks, files and terminals."""

from __future__ import annotations

from .address import address
from .address_space import address_space
from .bits import bits
from .curves import curves
from .difference import difference
from .fork_tree import fork_tree
from .frames import frames
from .free_list import free_list
from .page_table import page_table
from .picture import Picture
from .squares import squares
from .timeline import timeline
from .tlb import tlb
from .walk import walk

__all__ = [
    "Picture",
    "address",
    "address_space",
    "bits",
    "curves",
    "difference",
    "fork_tree",
    "frames",
    "free_list",
    "page_table",
    "squares",
    "timeline",
    "tlb",
    "walk",
]
