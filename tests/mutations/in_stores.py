"""Faults of the stores and of what they are asked: locks, guards, order, settings."""

from mutation import Mutation

POSTGRES = "core/ledger/postgres_store.py"
SQL = "core/ledger/postgres_sql.py"
SQLITE = "core/ledger/sqlite_store.py"
FILE = "core/storage/sqlite.py"
CONNECTION = "core/storage/sqlite_connection.py"
WRITING = "core/ledger/writing.py"
CLAIMING = "core/ledger/claiming.py"
LOADING = "core/ledger/loading.py"
WANTED = "core/ledger/wanted.py"
TARGETS = "core/ledger/targets.py"
DIRECTORY = "core/ledger/directory.py"
PIPELINE = "core/ledger/pipeline.py"

STALE = ("tests/core/ledger/test_stale_reads.py",)
GUARDS = ("tests/core/ledger/test_guards.py",)
OVERTAKEN = ("tests/core/ledger/test_overtaken.py",)
CONTENTION = ("tests/core/ledger/test_contention.py",)
RETRIES = ("tests/core/ledger/test_retries.py",)
ORDER = ("tests/core/ledger/test_order_of_rows.py",)
KEYS = ("tests/core/ledger/test_keys.py",)
TIME = ("tests/core/ledger/test_time.py",)
QUEUE = ("tests/core/ledger/test_pipeline.py",)
SWEEPING = ("tests/core/ledger/test_sweeping.py",)
DATABASES = ("tests/core/storage/test_databases.py",)
STORES = ("tests/core/ledger/test_stores.py",)

LOCKING = (
    Mutation(
        "holders are not locked",
        SQL,
        """f'ORDER BY t."{by}" FOR NO KEY UPDATE'""",
        """f'ORDER BY t."{by}"'""",
        STALE,
    ),
    Mutation(
        "holders are locked in the order of the plan",
        SQL,
        """f'ORDER BY t."{by}" FOR NO KEY UPDATE'""",
        """'FOR NO KEY UPDATE'""",
        CONTENTION,
    ),
    Mutation(
        "holders are locked in the opposite order",
        SQL,
        """f'ORDER BY t."{by}" FOR NO KEY UPDATE'""",
        """f'ORDER BY t."{by}" DESC FOR NO KEY UPDATE'""",
        CONTENTION,
    ),
    Mutation(
        "holders are opened in the order of the commands",
        CLAIMING,
        "for holder_id, one in sorted(opened.items())",
        "for holder_id, one in opened.items()",
        CONTENTION,
    ),
    Mutation(
        "names are claimed in the order of the requests",
        DIRECTORY,
        "for key, holder_id in sorted(new.items())]",
        "for key, holder_id in new.items()]",
        CONTENTION,
    ),
    Mutation(
        "keys without a holder are stored in the order of the requests",
        DIRECTORY,
        "for key, values in sorted(wanted.items())]",
        "for key, values in wanted.items()]",
        CONTENTION,
    ),
    Mutation(
        "what is read is older than the lock",
        POSTGRES,
        """\
        rows = await connection.fetch(sql.lock(request), list(request.keys))
        answers = await self._reads(connection, request.reads) if request.reads else []
""",
        """\
        answers = await self._reads(connection, request.reads) if request.reads else []
        rows = await connection.fetch(sql.lock(request), list(request.keys))
""",
        STALE,
    ),
    Mutation(
        "the lock ends with its statement",
        POSTGRES,
        """        await connection.execute("BEGIN")\n""",
        "",
        STALE,
    ),
    Mutation(
        "what is done is never committed",
        POSTGRES,
        """        await connection.execute("COMMIT")\n        return result\n""",
        "        return result\n",
        STORES,
    ),
    Mutation(
        "a failed transaction stays open",
        POSTGRES,
        """\
        except BaseException:
            connection.terminate()
""",
        """\
        except BaseException:
            self._idle.append(connection)
""",
        CONTENTION,
    ),
    Mutation(
        "processes go by their own clocks, behind the lock",
        POSTGRES,
        "latest: int = max(row[-1] for row in rows)",
        "latest: int = self._clock.now_us()",
        STORES,
    ),
    Mutation(
        "processes go by their own clocks, without the lock",
        POSTGRES,
        "now_us = self._now_us([row[:-1] for row in rows])",
        "now_us = self._clock.now_us()",
        STORES,
    ),
)

SWEPT = (
    Mutation(
        "who sweeps waits for those in work",
        SQL,
        '"FOR NO KEY UPDATE OF t SKIP LOCKED"',
        '"FOR NO KEY UPDATE"',
        SWEEPING,
    ),
    Mutation(
        "two sweep the same holder",
        SQL,
        '"FOR NO KEY UPDATE OF t SKIP LOCKED"',
        '""',
        SWEEPING,
    ),
)

WITHOUT_A_LOCK = (
    Mutation(
        "nobody looks whether the holder has changed",
        SQL,
        """f" AND {VERSION} = $1\"""",
        """" AND $1 = $1\"""",
        OVERTAKEN,
    ),
    Mutation(
        "who is overtaken goes on",
        SQL,
        "THEN ({every})::integer ELSE 0 END",
        "THEN ({every})::integer ELSE 1 END",
        OVERTAKEN,
    ),
    Mutation(
        "rows that are not there are not missed, without the lock",
        SQL,
        'others.append(f"{_count(place)} = cardinality({keys})")',
        "others.append('true')",
        GUARDS,
    ),
    Mutation(
        "a refusal leaves the holder's row as it was",
        WRITING,
        " or holder_id in work.refusers\n",
        "\n",
        OVERTAKEN,
    ),
    Mutation(
        "what is read at several moments makes no sense",
        POSTGRES,
        "        raise _OvertakenError from error\n",
        "        raise error\n",
        OVERTAKEN,
    ),
)

GUARDED = (
    Mutation(
        "a wallet of another moment is overwritten",
        WRITING,
        'yield Update("wallet", columns, by, changed, guard="as_of_seq")',
        'yield Update("wallet", columns, by, [row[:-1] for row in changed])',
        GUARDS,
    ),
    Mutation(
        "a head of another moment is overwritten",
        WRITING,
        'yield Update("holder", _HEAD_CHANGE, ("holder_id",), rows, guard="last_seq")',
        'yield Update("holder", _HEAD_CHANGE, ("holder_id",), [r[:-1] for r in rows])',
        GUARDS,
    ),
    Mutation(
        "guards are not asked for, on PostgreSQL",
        SQL,
        """found += f' AND t."{change.guard}" = k."was"'""",
        "pass",
        GUARDS,
    ),
    Mutation(
        "guards are not asked for, on SQLite",
        SQLITE,
        """found.append(f'"{guard}" = ?{len(columns) + 1}')""",
        """found.append(f'?{len(columns) + 1} IS NOT NULL')""",
        GUARDS,
    ),
    Mutation(
        "rows that are not there are not missed, on PostgreSQL",
        POSTGRES,
        "            if found != len(one.rows):\n",
        "            if found > len(one.rows):\n",
        GUARDS,
    ),
    Mutation(
        "rows that are not there are not missed, on SQLite",
        SQLITE,
        "                if found != len(request.rows):\n",
        "                if found > len(request.rows):\n",
        GUARDS,
    ),
    Mutation(
        "a row that the database refuses is no guard, on PostgreSQL",
        POSTGRES,
        "        except asyncpg.IntegrityConstraintViolationError as error:\n",
        "        except ZeroDivisionError as error:\n",
        RETRIES,
    ),
    Mutation(
        "a row that the database refuses is no guard, on SQLite",
        SQLITE,
        "        except sqlite3.IntegrityError as error:\n",
        "        except ZeroDivisionError as error:\n",
        CONTENTION,
    ),
)

ORDERED = (
    Mutation(
        "the first lots are any lots, on PostgreSQL",
        SQL,
        'f"ORDER BY {order} LIMIT {shape.first}"',
        'f"LIMIT {shape.first}"',
        ORDER,
    ),
    Mutation(
        "the first lots are any lots, on SQLite",
        SQLITE,
        'f" ORDER BY {_names(order)} LIMIT {first}"',
        'f" LIMIT {first}"',
        ORDER,
    ),
    Mutation(
        "the first lots are those with the lowest numbers",
        WANTED,
        '("holder_id", "currency_id"), ("expires_at_us", "lot_id")',
        '("holder_id", "currency_id"), ("lot_id",)',
        ORDER,
    ),
    Mutation(
        "no more lots are read than the first",
        LOADING,
        "return len(lots) >= SLICE and ",
        "return False and ",
        OVERTAKEN,
    ),
    Mutation(
        "a hold is captured in the order of the rows",
        WANTED,
        "            found.sort(key=lambda share: share.ord)\n",
        "",
        ORDER,
    ),
    Mutation(
        "postings are read in the order of the rows",
        TARGETS,
        "in sorted(rows, key=lambda row: row[:3]):",
        "in rows:",
        ORDER,
    ),
    Mutation(
        "the journal is proved in the order of the rows",
        "core/ledger/history.py",
        "        rows.sort(key=lambda row: row[:2])\n",
        "        rows.sort(key=lambda row: (row[0], -row[1]))\n",
        ("tests/core/ledger/test_verify.py",),
    ),
    Mutation(
        "postings are proved in the order of the rows",
        "core/ledger/history.py",
        "for one in sorted(lines[row[0], row[1]])",
        "for one in sorted(lines[row[0], row[1]], reverse=True)",
        ("tests/core/ledger/test_verify.py",),
    ),
    Mutation(
        "events come in the order of the rows",
        "core/ledger/events.py",
        '"ORDER BY seq LIMIT $3"',
        '"ORDER BY hash LIMIT $3"',
        ("tests/gateway/test_subscriptions.py",),
    ),
)

SQLITE_FILE = (
    Mutation(
        "a writer reads before it has the file",
        FILE,
        'self._connection.execute("BEGIN IMMEDIATE")',
        'self._connection.execute("BEGIN")',
        DATABASES,
    ),
    Mutation(
        "who configures reads before he has the file",
        FILE,
        'begun.exec_driver_sql("BEGIN IMMEDIATE")',
        'begun.exec_driver_sql("BEGIN")',
        DATABASES,
    ),
    Mutation(
        "processes do not take turns",
        FILE,
        "        fcntl.flock(self._lock_file, fcntl.LOCK_EX)\n",
        "",
        DATABASES,
    ),
    Mutation(
        "a commit may be lost with the power",
        CONNECTION,
        'connection.execute("PRAGMA synchronous=FULL")',
        'connection.execute("PRAGMA synchronous=NORMAL")',
        DATABASES,
    ),
    Mutation(
        "readers stop writers",
        FILE,
        'connection.execute("PRAGMA journal_mode=WAL")',
        'connection.execute("PRAGMA journal_mode=DELETE")',
        DATABASES,
    ),
    Mutation(
        "foreign keys are not checked",
        CONNECTION,
        'connection.execute("PRAGMA foreign_keys=ON")',
        'connection.execute("PRAGMA foreign_keys=OFF")',
        DATABASES,
    ),
    Mutation(
        "what failed is half done",
        FILE,
        """self._connection.execute("ROLLBACK")""",
        """self._connection.execute("COMMIT")""",
        DATABASES,
    ),
)

RETRIED = (
    *(
        Mutation(
            f"{what} is not tried again",
            POSTGRES,
            f"    asyncpg.{name},",
            "    # nothing",
            RETRIES,
        )
        for what, name in (
            ("a lost connection", "PostgresConnectionError"),
            ("a deadlock", "DeadlockDetectedError"),
            ("a conflict", "SerializationError"),
            ("a lock that took too long", "LockNotAvailableError"),
            ("a server that was stopped", "OperatorInterventionError"),
            ("a pause that was too long", "IdleInTransactionSessionTimeoutError"),
            ("a crowded server", "TooManyConnectionsError"),
        )
    ),
    Mutation(
        "a server that is not reached is not tried again",
        POSTGRES,
        "    OSError,  #",
        "    #",
        RETRIES,
    ),
    Mutation(
        "a connection that broke while it lay idle is not tried again",
        POSTGRES,
        "raise ConnectionResetError(str(error)) from error",
        "raise",
        RETRIES,
    ),
    Mutation(
        "a file in use is not tried again",
        SQLITE,
        """\
        except sqlite3.OperationalError as error:
            raise RetryError(str(error)) from error
        except sqlite3.IntegrityError as error:
""",
        "        except sqlite3.IntegrityError as error:\n",
        RETRIES,
    ),
    Mutation(
        "nothing is tried again",
        PIPELINE,
        "        for attempt in range(_ATTEMPTS):\n",
        "        for attempt in range(0):\n",
        RETRIES,
    ),
)

QUEUED = (
    Mutation(
        "the queue has no end",
        PIPELINE,
        "        if len(self._queue) >= self._bounds.items:\n",
        "        if not self._bounds.items:\n",
        QUEUE,
    ),
    Mutation(
        "whoever waits too long is still begun",
        PIPELINE,
        "loop.call_later(self._bounds.wait_s, self._expire)",
        "loop.call_later(3_600, self._expire)",
        QUEUE,
    ),
    Mutation(
        "two batches have one holder in work",
        PIPELINE,
        "if waiting.claims & self._claimed or waiting.claims & blocked:",
        "if waiting.claims & blocked:",
        QUEUE,
    ),
    Mutation(
        "commands of a holder overtake one another",
        PIPELINE,
        "if waiting.claims & self._claimed or waiting.claims & blocked:",
        "if waiting.claims & self._claimed:",
        QUEUE,
    ),
    Mutation(
        "a bad command harms its batch",
        PIPELINE,
        "            if len(batch) == 1:\n",
        "            if batch:\n",
        QUEUE,
    ),
    Mutation(
        "whoever gave up stops the others' answers",
        PIPELINE,
        """\
            if not one.answer.done():
                one.answer.set_result(answer)
""",
        """\
            one.answer.set_result(answer)
""",
        QUEUE,
    ),
)

IN_STORES = (
    *LOCKING,
    *SWEPT,
    *WITHOUT_A_LOCK,
    *GUARDED,
    *ORDERED,
    *SQLITE_FILE,
    *RETRIED,
    *QUEUED,
)
