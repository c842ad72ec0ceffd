"""The page's table of clients is that of what is installed and run."""

import matrix
import npm


def test_the_page_names_the_versions_that_are_run() -> None:
    versions = npm.versions()

    assert [row[0] for row in matrix.rows()] == list(matrix.CLIENTS)
    for client, version, _ in matrix.rows():
        assert versions[client] == version


def test_the_table_counts_what_passed() -> None:
    audit = "tests/clients/test_audit.py::test_all_audits_pass"
    urql = "tests/clients/test_urql.py::test_events_arrive"

    lines = matrix.table([audit, f"{urql}[a]"], [f"{urql}[b]", "tests/core/test_x.py"])

    assert [line.split()[0] for line in lines] == ["graphql-http", "@urql/core"]
    assert [line.split()[2:5] for line in lines] == [["1", "of", "1"], ["1", "of", "2"]]
