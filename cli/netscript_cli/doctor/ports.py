"""Ports of services: whose they are, whether they are free, and who answers there."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

from netscript_cli.doctor.answers import ask
from netscript_cli.doctor.check import Context, Finding, Found, by_plugin
from netscript_kernel.free_ports import LOOPBACK, refusal_of
from netscript_kernel.plugins import FaultCode, PluginManifest, Severity
from netscript_kernel.plugins.conflicts import conflicts_between
from netscript_kernel.plugins.contributions import ServiceContribution


def look_at_ports(context: Context) -> Found:
    """Find ports that two plugins want, and ports at which something else listens."""
    clashes = [each for each in conflicts_between(context.manifests) if each.code is FaultCode.PORT_CLASH]
    found = by_plugin(context, clashes)
    for each in context.manifests:
        found[each.listed] += _taken(each.manifest)
    return found


def look_at_health(context: Context) -> Found:
    """Find services that do not answer that they are ready."""
    return {
        each.listed: [*_not_ready(each.manifest)]
        for each in context.manifests
        if each.manifest.contributions.services
    }


def _taken(manifest: PluginManifest) -> Iterator[Finding]:
    for service in manifest.contributions.services:
        why = _why_not_free(service, manifest.name)
        if why is not None:
            fix = f"stop what listens there, or give {service.name} another port"
            yield Finding(Severity.ERROR, f"service {service.name}: port {service.port} {why}", fix)


def _why_not_free(service: ServiceContribution, plugin: str) -> str | None:
    refusal = refusal_of(service.port)
    if refusal is None:
        return None
    if not refusal.is_taken:
        return f"cannot be used ({refusal.words})"
    return None if _is_itself(service, plugin) else "is taken, and not by this service"


def _is_itself(service: ServiceContribution, plugin: str) -> bool:
    """Whether the service answers: by its name or its plugin's at ``/``; by its health where none is told."""
    answer = ask(service.port, "/")
    name = _name_in(answer.body) if answer.status == HTTPStatus.OK else None
    if name is not None:
        return name in {service.name, plugin}
    return ask(service.port, service.health_path).status == HTTPStatus.OK


def _name_in(body: bytes) -> str | None:
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    name = cast("dict[str, object]", document).get("name") if isinstance(document, dict) else None
    return name if isinstance(name, str) else None


def _not_ready(manifest: PluginManifest) -> Iterator[Finding]:
    for service in manifest.contributions.services:
        status = ask(service.port, service.health_path).status
        if status == HTTPStatus.OK:
            continue
        told = "does not answer" if status is None else f"answers {status}"
        problem = f"service {service.name}: http://{LOOPBACK}:{service.port}{service.health_path} {told}"
        fix = "start it: netscript dev" if status is None else "its log says why it is not ready"
        yield Finding(Severity.ERROR, problem, fix)
