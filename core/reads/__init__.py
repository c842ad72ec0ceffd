"""Reads: a selection tree over the read model becomes one SQL statement.

The read model (`core.reads.entities`) names what can be read: entities, their
attributes and relations. A selection (`core.reads.selection`) says what is wanted. The
compiler makes of it one statement, for PostgreSQL or SQLite, that returns finished JSON
text. Who may see a row is part of the statement: there is none without a scope.
"""
