"""Bulk: a whole database as a file and back, and imports of finished history.

An export is one moment of everything, as lines of JSON with checksums; a restore makes
an empty database into it. An import calculates what the ledger would have written, had
it been there, with the same pure functions, and writes the rows by COPY or its equal.
"""
