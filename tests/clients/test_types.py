"""The page's files and what generators make of the schema, under strict TypeScript."""

import npm


def test_everything_on_the_page_is_of_the_right_types() -> None:
    assert npm.tool("tsc", "--project", ".") == ""


def test_a_wrong_type_would_be_noticed() -> None:
    wrong = npm.FOLDER / "drive" / "wrong.ts"
    try:
        wrong.write_text(
            'import type { RewardCardFragment } from "../.page/generated/operations";\n'
            "export const of = (one: RewardCardFragment): string => one.price;\n"
        )
        said = _complaint()
    finally:
        wrong.unlink()

    assert "Type 'number' is not assignable to type 'string'" in said


def test_every_file_of_the_page_is_used() -> None:
    programs = "".join(one.read_text() for one in npm.FOLDER.glob("drive/*.ts*"))
    pages = npm.snippets()

    imported = programs + "".join(pages.values())
    for name in pages:
        stem, _, suffix = name.rpartition(".")
        if suffix in {"ts", "tsx"} and name != "codegen.ts":
            assert f'/{stem}"' in imported, name


def _complaint() -> str:
    try:
        npm.tool("tsc", "--project", ".")
    except npm.ToolError as error:
        return str(error)
    return ""
