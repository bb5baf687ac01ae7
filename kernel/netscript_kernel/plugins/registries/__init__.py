"""Registries: which jobs, sagas, triggers, streams and handlers a plugin contributes, by their ids.

::

    # plugins/notifier/jobs/send_notification.py
    @contribution(id="send-notification")
    async def send_notification(user_id: str) -> None: ...


    # where the service is put together
    jobs = load_registry(ROOT, "notifier", "jobs")

``netscript generate plugins`` reads the files of a plugin and writes its registries; services load them, and
look into no folder themselves. Importing this needs nothing beyond Pydantic and packaging.
"""

from netscript_kernel.plugins.registries.axes import AXES, Axis
from netscript_kernel.plugins.registries.contribution import ContributedFunction, Contribution, contribution
from netscript_kernel.plugins.registries.loading import load_registry

__all__ = ["AXES", "Axis", "ContributedFunction", "Contribution", "contribution", "load_registry"]
