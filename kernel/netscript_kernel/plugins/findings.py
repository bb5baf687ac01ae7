"""What a plugin's own checks find, for ``netscript plugin doctor``.

::

    from collections.abc import Iterator

    from netscript_kernel.plugins import PluginFinding, Severity


    def look() -> Iterator[PluginFinding]:
        if not templates_are_there():
            yield PluginFinding(
                id="templates",
                severity=Severity.ERROR,
                problem="no template of a notification is there",
                fix="run: netscript notifier templates install",
            )

A manifest names that function by ``with_doctor``. It looks, changes nothing, and names no secret.
"""

from enum import StrEnum

from netscript_kernel.plugins.contributions import ManifestModel, Name, Words


class Severity(StrEnum):
    """How bad a finding is.

    ``error``: something does not work. ``warning``: it works, and will hurt.
    """

    ERROR = "error"
    WARNING = "warning"


class PluginFinding(ManifestModel):
    """One thing that is wrong.

    Attributes:
        id: Which check found it: stable, for programs, unique within the plugin.
        severity: How bad it is.
        problem: What is wrong, as a sentence without its full stop.
        fix: What to do about it; likewise.
    """

    id: Name
    severity: Severity
    problem: Words
    fix: Words
