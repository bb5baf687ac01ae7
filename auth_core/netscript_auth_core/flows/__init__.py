"""Sign-ins under way, for backends that people sign in through: kept, bound to a browser, used once.

Needs the extra ``flows``.
"""
