"""Queries and bodies of the contract, by subject; ``contract_v1`` says which operation takes which."""
