"""Whose people may come in where the issuer of an id token differs with the tenant, as at Entra."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from netscript_auth_kv_oauth.presets.parameters import Values
from netscript_auth_kv_oauth.presets.schema import ProviderPreset

ANY: Final = "any"
_TENANT: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class TenantRule:
    """Which issuers are good.

    Attributes:
        claim: Of the id token: the person's tenant.
        issuer: What ``iss`` is, with the claim in braces.
        metadata_issuer: What the metadata says instead.
        allowed: Tenants; ``None`` for every one.
    """

    claim: str
    issuer: str
    metadata_issuer: str
    allowed: frozenset[str] | None

    def issuer_of(self, claims: Mapping[str, object]) -> str | None:
        """Return what ``iss`` has to be in a token with these claims; ``None`` if none will do."""
        tenant = claims.get(self.claim)
        return self._issuer(tenant) if isinstance(tenant, str) and self._is_allowed(tenant) else None

    def accepts(self, issuer: str) -> bool:
        """Whether this is the issuer of an allowed tenant."""
        before, _, after = self.issuer.partition(f"{{{self.claim}}}")
        tenant = issuer.removeprefix(before).removesuffix(after)
        return self._is_allowed(tenant) and issuer == self._issuer(tenant)

    def accepts_key(self, key_issuer: str | None, claims: Mapping[str, object]) -> bool:
        """Whether a key may sign for the tenant in these claims: it is for its issuer, or a template."""
        issuer = self.issuer_of(claims)
        before, brace, rest = (key_issuer or "").partition("{")
        if not brace or issuer is None:
            return key_issuer in {None, issuer}
        after = rest.partition("}")[2]
        return issuer.startswith(before) and issuer.endswith(after)

    def _is_allowed(self, tenant: str) -> bool:
        return bool(_TENANT.fullmatch(tenant)) and (self.allowed is None or tenant in self.allowed)

    def _issuer(self, tenant: str) -> str:
        return self.issuer.replace(f"{{{self.claim}}}", tenant)


def tenant_rule(preset: ProviderPreset, parameters: Values) -> TenantRule | None:
    """Return the rule, or ``None`` where one tenant was chosen, whose issuer is the configured one."""
    tenants = preset.id_token.tenants
    chosen = parameters.get(tenants.parameter) if tenants else None
    if tenants is None or not isinstance(chosen, str) or chosen not in tenants.many:
        return None
    listed = parameters.get(tenants.allowed)
    # Without a list nobody comes in; the checks of the configuration ask for one.
    allowed = frozenset(listed.split(",")) if isinstance(listed, str) else frozenset[str]()
    return TenantRule(tenants.claim, tenants.issuer, tenants.many[chosen], None if listed == ANY else allowed)
