"""What a backend supports, as a table for people."""

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.testing.backend_under_test import BackendUnderTest


def describe(subject: BackendUnderTest) -> str:
    """Return one line for each capability and each declared property."""
    backend = subject.backend
    refused = backend.capabilities.refused
    rows = {each.value: f"no: {refused[each]}" if each in refused else "yes" for each in Capability}
    rows["revocation lag"] = f"{backend.capabilities.revocation_lag.total_seconds():g} s"
    rows["survives a restart"] = "yes" if subject.reopen is not None else "not claimed"
    rows["lets in by"] = "the connection" if subject.peer_vouches else "a credential"
    rows["sign-in elsewhere"] = backend.capabilities.sign_in_url or "not configured"
    rows["upstream sign-out"] = "yes" if backend.signout is not None else "none"
    rows["upkeep"] = "yes" if backend.upkeep is not None else "none"
    rows["sealed secrets"] = "counted, sealed anew" if backend.sealed is not None else "none"
    rows["providers"] = ", ".join(each.id for each in backend.providers.list()) or "chosen upstream"
    return "\n".join(f"{name:<20}{value}" for name, value in {"backend": backend.name, **rows}.items())
