"""What makes one provider different from another, as data. The files are in ``presets/``."""

from collections.abc import Iterator
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netscript_auth_kv_oauth.presets.evidence import Evidence, Quirk
from netscript_auth_kv_oauth.presets.parameters import Parameter, names_in
from netscript_auth_kv_oauth.presets.profile import EmailCall, Profile, Userinfo
from netscript_auth_kv_oauth.presets.protocol import (
    ClientAuth,
    ClientSecret,
    Endpoints,
    EndSession,
    IdTokenRules,
    Nonce,
    OfflineAccess,
    Parameters,
    Pkce,
    Revocation,
    TokenResponseRules,
)

OPENID: Final = "openid"
EXACT: Final = "exact"
NEVER: Final = "never"


class ProviderPreset(BaseModel):
    """One provider, or one kind of providers.

    Attributes:
        id: As in ``NETSCRIPT_AUTH_PROVIDER``.
        console: Where an operator registers this service.
        issuer: Exactly as in its metadata, or a stable name for a provider without OpenID Connect: with the
            subject it is the key of a person. Parameters in braces; ``None`` where the operator says it.
        parameters: What else the operator says.
        endpoints: What no metadata tells.
        response_issuer: The ``iss`` of its authorization responses (RFC 9207): ``exact`` for the issuer,
            ``never`` where it sends none, or a value of its own. Left out: ``exact`` for an OpenID provider,
            else ``never``, since a stable name is no issuer. It may be absent unless metadata promises it.
        id_token: What is peculiar about its id tokens.
        scopes: What is asked for.
        needs_scopes: Without these nobody can be told who it is.
        scope_separator: What stands between scopes in a request.
        client_auth: At the token endpoint.
        sends_json: Whether the token endpoint is sent JSON in place of a form (RFC 6749 section 4.1.3).
        client_secret: Where it comes from.
        pkce: Left out by an explicit quirk only.
        nonce: What becomes of it; left out, what the kind of provider does.
        extra_authorize: Sent with every authorization request.
        response_mode: How the browser brings the answer back.
        offline: Refresh tokens.
        revocation: What is over when a token is revoked there.
        offers_end_session: Whether it may sign out browsers that are sent to it.
        end_session: How it does, where it is not as OpenID Connect has it.
        token_response: How its answers differ.
        userinfo: How the person is asked for.
        email_call: A second request, for addresses.
        profile: Where what we keep of a person stands.
        max_age: Whether it asks people to sign in again for ``max_age``, and says so by ``auth_time``:
            ``proven`` where its documents say so, ``never`` where it is known not to. Left out where nobody
            knows: an OpenID provider is asked then, and refused where it does not prove it.
        quirks: What it does differently, in words.
        evidence: How far all this is proven.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    display_name: str
    kind: Literal["oidc", "oauth2"]
    console: str
    issuer: str | None = None
    parameters: dict[str, Parameter] = {}
    endpoints: Endpoints = Endpoints()
    response_issuer: str | None = None
    id_token: IdTokenRules = IdTokenRules()
    scopes: tuple[str, ...]
    needs_scopes: tuple[str, ...] = ()
    scope_separator: Literal[" ", ","] = " "
    client_auth: ClientAuth = ClientAuth.BY_METADATA
    sends_json: bool = False
    client_secret: ClientSecret = ClientSecret.OPTIONAL
    pkce: Pkce = Pkce.S256
    nonce: Nonce | None = None
    extra_authorize: Parameters = {}
    response_mode: Literal["form_post"] | None = None
    offline: OfflineAccess = OfflineAccess()
    revocation: Revocation = Revocation.TOKEN
    offers_end_session: bool = True
    end_session: EndSession | None = None
    token_response: TokenResponseRules = TokenResponseRules()
    userinfo: Userinfo = Userinfo()
    email_call: EmailCall | None = None
    profile: Profile = Profile()
    max_age: Literal["proven", "never"] | None = None
    quirks: tuple[Quirk, ...] = ()
    evidence: Evidence

    @property
    def is_openid(self) -> bool:
        """Whether an id token says who it is, and metadata where everything is."""
        return self.kind == "oidc"

    @property
    def response_issuer_rule(self) -> str:
        """``exact``, ``never`` or a value."""
        return self.response_issuer or (EXACT if self.is_openid else NEVER)

    @property
    def nonce_rule(self) -> Nonce:
        """What becomes of the nonce."""
        return self.nonce or (Nonce.REQUIRED if self.is_openid else Nonce.NOT_SENT)

    @property
    def required_scopes(self) -> tuple[str, ...]:
        """Scopes that no request leaves out."""
        return (OPENID, *self.needs_scopes) if self.is_openid else self.needs_scopes

    @property
    def can_end_session(self) -> bool:
        """Whether a browser may be sent there to be signed out; of some, only metadata says where."""
        return self.offers_end_session and (self.is_openid or self.end_session is not None)

    @property
    def can_step_up(self) -> bool:
        """Whether it may be asked to prove when somebody signed in there; only an id token proves that."""
        return self.is_openid and self.max_age != "never"

    def templates(self) -> Iterator[tuple[str, str]]:
        """Yield every address that may hold parameters, by the name of its field."""
        if self.issuer is not None:
            yield "issuer", self.issuer
        if self.response_issuer_rule not in {EXACT, NEVER}:
            yield "response_issuer", self.response_issuer_rule
        for name, url in self.endpoints:
            if url is not None:
                yield f"{name}_endpoint", url
        if self.end_session is not None and self.end_session.endpoint is not None:
            yield "end_session_endpoint", self.end_session.endpoint
        if self.email_call is not None:
            yield "email_call", self.email_call.endpoint

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = [problem for problem, is_there in self._problems() if is_there]
        if problems:
            raise ValueError(f"the preset {self.id} {', and '.join(problems)}")
        return self

    def _problems(self) -> Iterator[tuple[str, bool]]:
        used = {name for _, template in self.templates() for name in names_in(template)}
        undeclared = sorted(used - self.parameters.keys())
        yield f"uses undeclared parameters: {', '.join(undeclared)}", bool(undeclared)
        has_endpoints = bool(self.endpoints.authorization and self.endpoints.token)
        yield "is no OpenID provider and has no endpoints", not self.is_openid and not has_endpoints
        yield "is an OpenID provider, whose metadata has the endpoints", self.is_openid and has_endpoints
        has_person = bool(self.endpoints.userinfo) or self.userinfo.source == "token_response"
        yield "says nowhere who a person is", not self.is_openid and not has_person
        yield (
            "cannot take its client authentication from metadata",
            (not self.is_openid and self.client_auth is ClientAuth.BY_METADATA),
        )
        yield "proves by max_age, and is no OpenID provider", self.max_age == "proven" and not self.is_openid
        tenants = self.id_token.tenants
        yield (
            "has tenants without their parameters",
            (tenants is not None and not {tenants.parameter, tenants.allowed} <= self.parameters.keys()),
        )
