"""`guerdon ledger verify` and `guerdon ledger totals`."""

import json

import click

from core.ledger.totals import Totals
from core.ledger.touched import remember, touched_since
from core.ledger.verify import Report, verify
from core.program.insight import currency_totals
from gateway.cli.running import FAILED, Installation, run

_ITEMS = {
    "V1": "currency",
    "V2": "lot",
    "V3": "currency",
    "V4": "last sequence number",
    "V5": "lot",
    "V6": "hold",
    "V7": "lot",
    "V8": "transaction",
    "V9": "transaction",
    "V10": "transaction",
    "V11": "transaction",
    "CHAIN": "transaction",
    "V12": "transaction",
    "REBUILD": "last sequence number",
    "BALANCES": "transaction",
    "TOTALS": "program",
}
_CONSUMER = "ledger verify"


@click.group()
def ledger() -> None:
    """Look after the ledger."""


@ledger.command("verify")
@click.option(
    "--full",
    is_flag=True,
    help="Also make every cached row anew from the journal, and compare.",
)
@click.option(
    "--touched",
    is_flag=True,
    help="Check only holders that moved since the last such run that found nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def verify_command(
    installation: Installation,
    full: bool,  # noqa: FBT001  (flags of the command line)
    touched: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Prove the ledger: all invariants, and every hash from the first row on.

    It runs beside everything else. The exit status is 1 if anything is violated.
    """

    async def work() -> Report:
        async with installation.open() as (engine, _):
            if not touched:
                return await verify(engine.database, full=full)
            since = await touched_since(engine.database, _CONSUMER)
            report = await verify(engine.database, full=full, holders=since.holders)
            if report.ok:
                await remember(engine.database, since)
            return report

    report = run(work)
    click.echo(json.dumps(_document(report)) if as_json else _described(report))
    if not report.ok:
        raise SystemExit(FAILED)


def _document(report: Report) -> dict[str, object]:
    return {
        "ok": report.ok,
        "holders": report.holders,
        "transactions": report.transactions,
        "postings": report.postings,
        "root": report.root,
        "checks": [code for code, _ in report.checks],
        "findings": [
            {"check": one.check, "holder": one.holder_id, "item": one.item}
            for one in report.findings
        ],
    }


def _described(report: Report) -> str:
    violated = {one.check for one in report.findings}
    lines = [
        f"{'VIOLATED' if code in violated else 'proved':8}  {code:5}  {claim}"
        for code, claim in report.checks
    ]
    lines += [
        f"{one.check}: holder {one.holder_id}, {_ITEMS[one.check]} {one.item}"
        for one in report.findings
    ]
    over = (
        f"over {report.holders:,} holders, {report.transactions:,} transactions and "
        f"{report.postings:,} postings"
    )
    verdict = "The ledger proves itself" if report.ok else "The ledger is NOT sound"
    lines.append(f"{verdict}, {over}.")
    if report.root is not None:
        lines.append(f"Root: {report.root}")
    return "\n".join(lines)


_TOTALS = (
    *("issued", "adjusted", "written_off"),
    *("redeemed", "expired", "clawed_back", "exchanged"),
    "outstanding",
)


@ledger.command("totals")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def totals_command(
    installation: Installation,
    as_json: bool,  # noqa: FBT001  (a flag of the command line)
) -> None:
    """Tell what became of the points of each currency, in minor units.

    Issued, adjusted and written off, less redeemed, expired, clawed back and exchanged,
    is what is outstanding.
    """

    async def work() -> dict[str, Totals]:
        async with installation.open() as (engine, program_id):
            return await currency_totals(engine, program_id)

    found = {
        code: {name: getattr(one, name) for name in _TOTALS}
        for code, one in run(work).items()
    }
    click.echo(json.dumps(found) if as_json else _table(found))


def _table(found: dict[str, dict[str, int]]) -> str:
    names = [name.replace("_", " ") for name in _TOTALS]
    lines = [["", *names]]
    lines += [
        [code, *(f"{one:,}" for one in row.values())] for code, row in found.items()
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
