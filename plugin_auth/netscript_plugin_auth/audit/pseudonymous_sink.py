"""The one place through which events leave: nobody behind it learns whom they are about."""

from dataclasses import replace

from netscript_auth_core.events import AuthEvent, EventSink
from netscript_plugin_auth.audit.asking_network import ASKING_NETWORK
from netscript_plugin_auth.audit.pseudonyms import Pseudonyms


class PseudonymousSink:
    """Takes person and session out of each event, and puts pseudonyms in, also of the network that asks.

    Args:
        sink: Gets them.
        pseudonyms: ``None`` where there is no salt: events then say nothing of all that.
    """

    def __init__(self, sink: EventSink, pseudonyms: Pseudonyms | None) -> None:
        self.sink = sink
        self._pseudonyms = pseudonyms

    def emit(self, event: AuthEvent) -> None:
        """Hand one event on."""
        names, network = self._pseudonyms, ASKING_NETWORK.get()
        if names is None:
            self.sink.emit(replace(event, user_id=None, handle=None))
            return
        told = replace(
            event,
            subject=names.subject(event.user_id) if event.user_id is not None else event.subject,
            session=names.session(event.handle) if event.handle is not None else event.session,
            client=names.client(network) if network is not None else event.client,
            user_id=None,
            handle=None,
        )
        self.sink.emit(told)
