"""``netscript auth providers``: what the chosen backend knows of providers, for people and for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches

from netscript_auth_core.catalogue import KnownProvider
from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment
from netscript_plugin_auth.commands.provider_texts import listing, sheet
from netscript_plugin_auth.configuration import choose_backend
from netscript_plugin_auth.settings import AuthServiceSettings

_BACKEND = AuthServiceSettings.variable("backend")
_PUBLIC_URL = AuthServiceSettings.variable("public_url")
USED_WRONGLY = 2
_PLACEHOLDER = "https://auth.acme.example"


def print_list(environment: Environment, *, as_json: bool) -> int:
    """Print every provider in a line, and return the exit code.

    Raises:
        ConfigurationError: the backend is not there, or knows no providers by name.
    """
    providers = _known(environment)
    return _write(_json([asdict(each) for each in providers]) if as_json else listing(providers))


def print_one(environment: Environment, provider_id: str, *, as_json: bool) -> int:
    """Print all about one provider, and return the exit code.

    Raises:
        ConfigurationError: as for the list.
    """
    providers = {each.id: each for each in _known(environment)}
    if provider_id not in providers:
        sys.stderr.write(_unknown(provider_id, tuple(providers)))
        return USED_WRONGLY
    callback = f"{(environment.get(_PUBLIC_URL) or _PLACEHOLDER).rstrip('/')}{AuthV1.prefix}/callback"
    callbacks = (callback, f"{callback}/{provider_id}")
    if not as_json:
        return _write(sheet(providers[provider_id], *callbacks))
    named = {"redirect_uri": callbacks[0], "redirect_uri_of_several": callbacks[1]}
    return _write(_json({**asdict(providers[provider_id]), **named}))


def _known(environment: Environment) -> Sequence[KnownProvider]:
    catalogue = choose_backend(environment).catalogue
    if catalogue is None:
        problem = "names a backend that knows no providers by name"
        raise ConfigurationError([Fault(_BACKEND, problem, "see the documents of that backend")])
    return catalogue()


def _unknown(provider_id: str, known: Sequence[str]) -> str:
    close = get_close_matches(provider_id.strip().lower(), known, n=1, cutoff=0.6)
    meant = f"Did you mean {close[0]}? " if close else ""
    return (
        f"No provider {provider_id!r} is known by name. {meant}All there are: netscript auth providers list\n"
    )


def _json(document: object) -> str:
    return json.dumps(document, indent=2, default=str) + "\n"


def _write(text: str) -> int:
    sys.stdout.write(text)
    return 0
