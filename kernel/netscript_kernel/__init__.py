"""The ground floor of NetScript: it knows no capability.

Light parts, which import nothing heavier than Pydantic: ``errors``, ``clock``, ``ids``, ``settings``,
``contracts``, ``kv.port`` and ``kv.memory``. Behind extras: ``keyring`` (``sealing``), ``client``
(``client``), ``service`` (``service``), ``server`` (``server``).
"""
