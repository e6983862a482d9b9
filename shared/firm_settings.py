"""Commands on the settings of the firm."""

from collections.abc import Sequence
from typing import Any

from shared.codec import to_plain
from shared.command_runner import CommandRunner, join_or_open_unit_of_work
from shared.commands import Commands
from shared.settings import FirmSettings


class SettingsCommands:
    """Commands to read and change the settings of the firm, for all modules of a service."""

    def __init__(self, runner: CommandRunner, modules: Sequence[Commands]) -> None:
        self.runner, self._modules = runner, modules

    @property
    def version(self) -> int:
        """The version of the settings: 0 if they were never changed."""
        firm = self.runner.uow.load(FirmSettings, FirmSettings.create_id())
        return firm.version if firm else 0

    @join_or_open_unit_of_work
    def current(self) -> dict[str, Any]:
        """Return the current settings of all modules by name."""
        return {name: value for each in self._modules for name, value in vars(each.settings).items()}

    @join_or_open_unit_of_work
    def change(self, **values: Any) -> None:
        """Change settings of the firm from now on. Raises the errors of the modules that cannot follow the change."""
        uow, before, settings_before = self.runner.uow, self.current(), [each.settings for each in self._modules]
        uow.new_correlation()
        uow.require_version(self.version)
        firm = uow.get_or_create(FirmSettings)
        firm.change(to_plain({name: each for name, each in values.items() if each != before[name]}))
        uow.save(firm)
        for module, known in zip(self._modules, settings_before, strict=True):
            module.check_settings(known, module.settings)
