"""All faults that the tests must see."""

from in_algebra import IN_ALGEBRA
from in_plugins import IN_PLUGINS
from in_programs import IN_PROGRAMS
from in_quotes import IN_QUOTES
from in_reads import IN_READS
from in_rules import IN_RULES
from in_schema import IN_SCHEMA
from in_stores import IN_STORES

MUTATIONS = (
    *(*IN_STORES, *IN_RULES, *IN_ALGEBRA, *IN_SCHEMA, *IN_READS),
    *IN_QUOTES,
    *IN_PROGRAMS,
    *IN_PLUGINS,
)
