"""An OpenID provider on loopback with personas and misbehaviours, for development and tests only."""

from netscript_dev_provider.app import create_app
from netscript_dev_provider.config import Client, Lifetimes, ProviderConfig
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_dev_provider.personas import PERSONAS, Behaviour, Persona
from netscript_dev_provider.provider import Provider

__all__ = [
    "PERSONAS",
    "Behaviour",
    "Client",
    "Lifetimes",
    "Misbehaviour",
    "Persona",
    "Provider",
    "ProviderConfig",
    "create_app",
]
