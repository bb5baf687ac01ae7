"""What the header-proxy backend reads: ``NETSCRIPT_AUTH_HEADER_PROXY_*``."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from netscript_kernel.networks import Networks
from netscript_kernel.settings import Duration, Fix, Settings


class HeaderProxySettings(Settings):
    """The settings of the backend.

    Attributes:
        trusted: Where connections have to come from for their headers to count.
        cookie: The proxy's session cookie; also in pieces, ``NAME_0``, ``NAME_1`` and so on.
        issuer: Who vouches for the ids that the proxy passes on.
        session_ttl: How long a session is said to last, from its first request on. Not shorter than the
            proxy's own limit: that is the one that counts, see ``HeaderProxyBackend``.
        sign_in_url: Where people sign in.
    """

    model_config = SettingsConfigDict(env_prefix="NETSCRIPT_AUTH_HEADER_PROXY_")

    trusted: Annotated[
        Networks,
        Fix(
            "the networks that the proxy connects from, such as 10.1.2.0/24 or 10.1.2.3, separated by commas"
        ),
    ]
    cookie: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$"), Fix("the name of the proxy's session cookie")
    ] = "_oauth2_proxy"
    issuer: Annotated[
        str,
        Fix("who the proxy signs people in with, such as https://accounts.google.com; their ids hang on it"),
    ] = "urn:header-proxy"
    session_ttl: Annotated[
        Duration,
        Field(gt=timedelta(0)),
        Fix("a duration such as 168h, not shorter than the proxy's own limit"),
    ] = timedelta(days=7)
    sign_in_url: Annotated[
        str | None,
        Field(pattern=r"^https?://"),
        Fix("where people sign in, such as https://acme.example/oauth2/start"),
    ] = None
