"""The ground floor of NetScript: it knows no capability.

Light parts, which import nothing heavier than Pydantic: ``errors``, ``clock``, ``ids``, ``settings``,
``contracts``, ``keys``, ``request_context`` and ``kv``. Behind extras: ``keyring`` (``sealing``), ``client``
(``client``), ``service`` (``service``), ``server`` (``server``).
"""
