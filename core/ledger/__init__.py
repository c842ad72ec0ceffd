"""The points ledger: append-only, double-entry, idempotent, and able to prove itself.

A *holder* (a member, a pool, a stock of rewards) is lock, sequence, hash chain and
scope of keys. A *posting* moves a positive amount from one account to another, so a
*transaction*, one row of the journal with its postings, balances by construction.
Points live in *lots*, each of one origin with its own dates, and are spent soonest
expiry first. `decide` holds every rule as a pure function; the stores only load and
write. Wallets, lots and holds are caches that the journal proves.
"""
