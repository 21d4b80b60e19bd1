"""The state of a machine as a value: in memory, in a file, in a second machine. A part of Machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from .. import _engine, arguments
from .._engine import Machine as Engine
from ..saving.origin import Origin
from ..saving.saveable import Saveable
from ..snapshot import MachineSnapshot
from .booting import Booting
from .console import SerialConsole
from .disk_file import DiskFile
from .shell import Shell


class States(Saveable[MachineSnapshot], Booting):
    """The base of Machine that can be kept, brought back and doubled."""

    _engine: Engine
    _snapshot_type = MachineSnapshot
    _disk_file: DiskFile | None
    console: SerialConsole
    shell: Shell
    _start: Callable[[Engine], None]  # makes the objects that look at an engine

    def _origin(self) -> Origin:
        facts = {
            "images": self._images,
            "console": self.console._position(),
            "prompt": self.shell.prompt,
        }
        return Origin("machine", self._config, facts)

    @classmethod
    def _from_saved(
        cls, config: dict[str, Any], facts: Mapping[str, Any], state: bytes, max_disk: int
    ) -> Self:
        machine = cls.__new__(cls)
        machine._config = config
        machine._start(Engine(**config))
        images = dict(facts["images"])
        append = arguments.text("append", images.pop("append", ""))
        for name, image in images.items():
            if image is not None:
                arguments.bytes_like(name, image)
        if "kernel" in images:
            machine._boot(images, append)
        elif images:
            machine._name_addresses(images["image"])
        machine._engine.restore(machine._engine.decode(state, max_disk))
        machine.console._go_on_at(facts["console"])
        prompt = facts["prompt"]
        machine.shell.prompt = None if prompt is None else arguments.text("prompt", prompt)
        return machine

    def restore(self, snapshot: MachineSnapshot) -> None:
        """Go back to a saved state.

        Parameters
        ----------
        snapshot : MachineSnapshot
            Of this machine or of one with the same RAM size.

        Raises
        ------
        ValueError
            When the size of RAM or the number of harts differs.
        """
        arguments.instance("snapshot", snapshot, MachineSnapshot, "what Machine.snapshot() returns")
        arguments.instance("snapshot", snapshot._saved, _engine.SavedMachine, "of a Machine, not of a Kernel")
        if self._disk_file is not None and self._engine.disk_size != snapshot._saved.disk_size:
            raise ValueError(
                "the state has another disk, or none, and the file of this one is being written to"
            )
        self._changed()
        self._engine.restore(snapshot._saved)
        self._gone_back()

    def _gone_back(self) -> None:
        if self._disk_file is not None:
            self._disk_file.write_changes()
        self.console._state_changed()

    def clone(self, snapshot: MachineSnapshot | None = None) -> Self:
        """Make a second machine in the same state, which then goes its own way.

        Parameters
        ----------
        snapshot : MachineSnapshot, optional
            Begin there instead.

        Returns
        -------
        Machine
            It shares unchanged memory, and no breakpoints or history.
        """
        saved = self._engine.capture() if snapshot is None else snapshot._saved
        twin = type(self).__new__(type(self))
        twin._config = dict(self._config)
        twin._start(self._engine.twin(saved))
        twin._symbols = self._symbols
        twin._loaded = self._loaded
        twin._images = self._images
        twin._sources = self._sources
        twin.console._go_on_at(self.console._position())
        twin.shell.prompt = self.shell.prompt
        return twin
