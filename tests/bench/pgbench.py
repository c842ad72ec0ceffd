"""The reference: pgbench, which writes the same rows by one prepared statement.

It is as fast as we can make it. The wallet is updated first, for its row lock makes all
that follows fresh, and nothing is looked up but what is updated; the plan is generic.
Its rows pass the ledger's own proof (see the tests), so they are truly the same.
"""

import asyncio
import re
import time
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from callers import AMOUNT, FINGERPRINT, RULE, Run, Window
from members import FIRST, POINTS
from server import Server, process_seconds

from core.ledger.codes import NEVER_US

CLIENTS = 32
_THREADS = 2
_SPARE_S = 1
"""A report that would come with the end may not come."""


EARN = f"""
WITH w AS (
  UPDATE wallet SET available = available + {AMOUNT}, as_of_seq = as_of_seq + 1
  WHERE holder_id = :holder AND currency_id = {POINTS}
  RETURNING as_of_seq AS seq,
    '[[{POINTS},' || available || ',' || pending || ',' || held || ',' || debt
      || ',{AMOUNT},0,0,0]]' AS balances,
    'bench:' || :key AS idem_key,
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us
), h AS (
  UPDATE holder t SET last_seq = w.seq, last_at_us = greatest(last_at_us, now_us),
    last_hash = sha256(last_hash || convert_to(concat('1,', program_id, ',', holder_id,
      ',', w.seq, ',2,', octet_length(idem_key), ':', idem_key, ',16:'), 'UTF8')
      || '\\x{FINGERPRINT.hex()}'::bytea || convert_to(concat(
      ',', greatest(last_at_us, now_us), ',', greatest(last_at_us, now_us),
      ',-,-,-,-,', octet_length(balances), ':', balances, ',2:{{}},2:{{}},1,',
      '0,{POINTS},{AMOUNT},101,-,2,', w.seq * 1024, ',{RULE},-,-,'), 'UTF8'))
  FROM w WHERE t.holder_id = :holder
  RETURNING t.holder_id, w.seq, t.last_at_us AS at_us, t.last_hash, balances, idem_key
), j AS (
  INSERT INTO journal (holder_id, seq, kind, idem_key, fingerprint, at_us,
    effective_us, balances, terms, meta, hash)
  SELECT holder_id, seq, 2, idem_key, '\\x{FINGERPRINT.hex()}'::bytea, at_us, at_us,
    balances, '{{}}', '{{}}', last_hash FROM h
), p AS (
  INSERT INTO posting (holder_id, seq, line, currency_id, amount, src, dst, dst_lot,
    sys_ref)
  SELECT holder_id, seq, 0, {POINTS}, {AMOUNT}, 101, 2, seq * 1024, {RULE} FROM h
)
INSERT INTO lot (holder_id, lot_id, currency_id, original, pending, available, held,
  expired, available_at_us, expires_at_us, is_open, policy)
SELECT holder_id, seq * 1024, {POINTS}, {AMOUNT}, 0, {AMOUNT}, 0, 0, at_us, {NEVER_US},
  TRUE, '{{}}' FROM h;
"""
"""One earning of `:holder` under `:key`."""

PREPARED = EARN.replace(":holder", "$1").replace(":key", "$2")
"""The same, with numbered parameters; the key is a text."""

_VARIABLES = r"""
\set holder random({first}, {last})
\set key random(100000000000000000, 999999999999999999)
"""
_PROGRESS = re.compile(r"progress: [\d.]+ s, ([\d.]+) tps")


async def pgbench(server: Server, database: str, members: range, window: Window) -> Run:
    """Let pgbench post to random *members*; it is measured from report to report."""
    warm_s, seconds = round(window.warm_s), max(1, round(window.seconds))
    process = await asyncio.create_subprocess_exec(
        server.binaries / "pgbench",
        *("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", str(_THREADS)),
        *("-T", str(warm_s + seconds + _SPARE_S), "-P", "1"),
        *("-f", str(_script(server.folder, members))),
        *("-h", str(server.folder), "-U", "postgres", database),
        stdout=DEVNULL,
        stderr=PIPE,
        env={"PGOPTIONS": "-c plan_cache_mode=force_generic_plan -c jit=off"},
    )

    def used(rate: float) -> tuple[float, float, float, float]:
        client_s, server_s = process_seconds(process.pid), server.cpu_seconds()
        return rate, time.monotonic(), client_s, server_s

    assert process.stderr is not None
    lines: list[str] = []
    reports = [used(0)]
    async for line in process.stderr:
        lines.append(line.decode())
        if match := _PROGRESS.match(lines[-1]):
            reports.append(used(float(match[1])))
    assert await process.wait() == 0, "".join(lines)
    measured = reports[warm_s : warm_s + seconds + 1]
    commands = round(sum(rate for rate, *_ in measured[1:]))
    (_, *begin), (_, *end) = measured[0], measured[-1]
    return Run(commands, *(b - a for a, b in zip(begin, end, strict=True)))


def _script(folder: Path, members: range) -> Path:
    script = folder / "earn.sql"
    first, last = FIRST + members[0], FIRST + members[-1]
    script.write_text(_VARIABLES.format(first=first, last=last) + EARN)
    return script
