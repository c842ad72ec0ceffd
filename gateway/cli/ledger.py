"""`guerdon ledger verify`."""

import json

import click

from core.ledger.touched import remember, touched_since
from core.ledger.verify import Report, verify
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
    "CHAIN": "transaction",
    "REBUILD": "last sequence number",
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
    return "\n".join([*lines, f"{verdict}, {over}."])
