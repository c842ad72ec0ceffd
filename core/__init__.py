"""The loyalty domain: ledger, program logic, plugin contract and storage.

Nothing here knows GraphQL or HTTP. All public functions that do I/O are `async`;
all decisions are pure functions on plain values.
"""
