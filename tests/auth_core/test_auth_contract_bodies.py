"""Which kinds of body the endpoints read, as the contract says it."""

from netscript_auth_core.contract_v1 import AuthV1, CallbackQuery
from netscript_kernel.contracts import FORM, JSON


def test_each_endpoint_names_the_bodies_that_it_reads() -> None:
    posted = {name: each.body_types for name, each in AuthV1.operations.items() if each.method == "POST"}

    assert posted == {
        "signin": (JSON,),
        "posted_callback": (FORM,),
        "posted_callback_of_provider": (FORM,),
        "signout": (JSON, FORM),
        "backchannel_logout": (FORM,),
        "token": (JSON,),
    }


def test_what_a_provider_sends_keeps_its_own_names() -> None:
    names = {field.alias for field in CallbackQuery.model_fields.values()}

    assert names == {"code", "state", "iss", "error", "error_description"}
