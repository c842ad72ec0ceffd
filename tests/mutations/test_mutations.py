"""The faults fit the code as it is, and nothing that they are for is forgotten.

That each is seen by a test takes minutes: `make mutants`.
"""

import ast

import pytest
import sqlalchemy as sa
from mutation import ROOT, Mutation
from mutations import MUTATIONS

from core.storage import ledger_tables


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.name)
def test_a_fault_can_be_put_into_the_code(one: Mutation) -> None:
    source = (ROOT / one.path).read_text()

    faulty = one.applied_to(source)

    assert faulty != source
    ast.parse(faulty)
    for test in one.tests:
        path, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / path).read_text()


def test_every_fault_has_a_name_of_its_own() -> None:
    names = [one.name for one in MUTATIONS]

    assert len(names) == len(set(names))


def test_every_check_of_the_ledgers_tables_is_tried() -> None:
    models = [one for one in vars(ledger_tables).values() if hasattr(one, "__table__")]
    checks = {
        f"nobody checks {constraint.name}"
        for model in models
        for constraint in model.__table__.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }

    assert checks <= {one.name for one in MUTATIONS}
