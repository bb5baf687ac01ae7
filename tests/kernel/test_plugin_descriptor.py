"""``scaffold.plugin.json`` follows from the manifest, is read without the plugin, and is held against it."""

import json
from typing import Any

import pytest

from netscript_kernel.plugins import PluginInvalidError, PluginManifest, define_plugin
from netscript_kernel.plugins.descriptor import describe_plugin, encode_descriptor
from netscript_kernel.plugins.descriptor_reading import drift_of, read_descriptor

OWNER = "plugins/notifier/scaffold.plugin.json"


def notifier() -> PluginManifest:
    return (
        define_plugin("notifier", "0.1.0")
        .with_kind("worker")
        .with_requirements(kv=True)
        .with_dependencies({"streams": True})
        .with_service("notifier-api", "plugins.notifier.service:main", port=8095)
        .with_background_processor(
            "notifier-jobs",
            "plugins.notifier.jobs:main",
            concurrency=2,
            concurrency_env="NOTIFIER_CONCURRENCY",
        )
        .build()
    )


def written(manifest: PluginManifest) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encode_descriptor(describe_plugin(manifest)))
    return document


def faults_of(text: bytes) -> list[tuple[str, str]]:
    with pytest.raises(PluginInvalidError) as raised:
        read_descriptor(text, OWNER)
    return [(fault.code.value, fault.place) for fault in raised.value.faults]


def test_it_has_the_fields_that_programs_know() -> None:
    document = written(notifier())

    assert document["provider"] == {
        "kind": "worker",
        "category": "background-processor",
        "defaultEntrypoint": "plugins.notifier.jobs:main",
        "defaultServiceEntrypoint": "plugins.notifier.service:main",
        "defaultRequiresDb": False,
        "defaultRequiresKv": True,
        "concurrencyEnvVar": "NOTIFIER_CONCURRENCY",
    }
    assert document["officialSource"] == {
        "canonicalName": "notifier",
        "servicePort": 8095,
        "dependencies": ["streams"],
    }


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("worker", "background-processor"),
        ("saga", "background-processor"),
        ("trigger", "ingress"),
        ("stream", "utility"),
        ("plugin", "utility"),
    ],
)
def test_the_category_follows_from_the_kind(kind: str, category: str) -> None:
    document = written(define_plugin("one", "0.1.0").with_kind(kind).build())

    assert (document["provider"]["kind"], document["provider"]["category"]) == (kind, category)


def test_what_is_not_there_is_left_out() -> None:
    document = written(define_plugin("one", "0.1.0").build())

    assert document == {
        "provider": {
            "kind": "plugin",
            "category": "utility",
            "defaultRequiresDb": False,
            "defaultRequiresKv": False,
        },
        "officialSource": {"canonicalName": "one", "dependencies": []},
        "manifest": {"name": "one", "version": "0.1.0"},
    }


def test_what_was_written_is_read_with_the_whole_manifest() -> None:
    text = encode_descriptor(describe_plugin(notifier()))

    descriptor = read_descriptor(text, OWNER)

    assert descriptor.manifest == notifier()
    assert encode_descriptor(descriptor) == text
    assert list(drift_of(descriptor, notifier(), OWNER)) == []


def test_one_written_by_hand_needs_no_manifest() -> None:
    document = written(notifier())
    del document["manifest"]

    descriptor = read_descriptor(json.dumps(document).encode(), OWNER)

    assert descriptor.manifest is None
    assert descriptor.official_source.service_port == 8095


def test_whatever_does_not_follow_from_the_manifest_is_drift() -> None:
    document = written(notifier())
    document["officialSource"]["servicePort"] = 9000
    document["manifest"]["version"] = "0.2.0"
    descriptor = read_descriptor(json.dumps(document).encode(), OWNER)

    drift = [str(fault) for fault in drift_of(descriptor, notifier(), OWNER)]

    assert drift == [
        f"{OWNER}: official_source differs from what the plugin says: service_port "
        "[PLG_DESCRIPTOR_DRIFT]. Fix: write it anew with: netscript generate plugins",
        f"{OWNER}: manifest differs from what the plugin says: version "
        "[PLG_DESCRIPTOR_DRIFT]. Fix: write it anew with: netscript generate plugins",
    ]


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_text_that_is_no_object_is_one_fault(text: bytes) -> None:
    assert faults_of(text) == [("PLG_DESCRIPTOR_INVALID", OWNER)]


@pytest.mark.parametrize("name", ["defaultPermissions", "permissions", "portRangeKey"])
def test_fields_that_mean_nothing_here_are_refused_with_the_reason(name: str) -> None:
    document = written(notifier())
    document["provider"][name] = ["--allow-all"]

    with pytest.raises(PluginInvalidError, match="is left out here: ") as raised:
        read_descriptor(json.dumps(document).encode(), OWNER)

    assert [fault.place for fault in raised.value.faults] == [f"{OWNER}: provider.{name}"]


def test_every_fault_of_both_halves_is_told_together() -> None:
    document = written(notifier())
    document["provider"]["kind"] = "job"
    document["manifest"]["version"] = "one"
    document["officialSource"]["portRangeKey"] = "PLUGIN_API"

    found = faults_of(json.dumps(document).encode())

    assert found == [
        ("PLG_UNKNOWN_FIELD", f"{OWNER}: officialSource.portRangeKey"),
        ("PLG_VERSION_INVALID", "notifier: version"),
        ("PLG_FIELD_INVALID", f"{OWNER}: provider.kind"),
    ]
