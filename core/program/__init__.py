"""Use cases: what members, partners, integrators and operators do with a program.

Each takes the engine first and is `async`; it checks rights, asks rules and plugins,
and posts one command to the ledger, which decides. Errors are those of `core.errors`.
"""
