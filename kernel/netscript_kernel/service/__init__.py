"""Services: an ASGI application out of contracts, handlers, hot routes and health checks.

Begin with ``builder.create_service`` and ``implementation.implement``; refuse with
``problems.ProblemError``. Needs the extra ``service``.
"""
