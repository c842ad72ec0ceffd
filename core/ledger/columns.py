"""The columns of the ledger's tables, in the order in which values have them."""

HEAD = (
    *("holder_id", "program_id", "kind", "status"),
    *("last_seq", "last_at_us", "last_hash", "next_due_us"),
)
CURRENCY = (
    *("currency_id", "program_id", "is_redeemable", "is_transferable", "floor"),
)
WALLET = ("pending", "available", "held", "debt", "as_of_seq")
LOT = (
    *("lot_id", "currency_id", "original", "pending", "available", "held", "expired"),
    *("available_at_us", "expires_at_us", "origin_holder", "origin_lot", "policy"),
)
HOLD = (
    *("hold_id", "currency_id", "authorized"),
    *("captured", "released", "expires_at_us"),
)
ALLOCATION = ("hold_id", "lot_id", "ord", "authorized", "captured", "released")
JOURNAL = (
    *("holder_id", "seq", "kind", "idem_key", "fingerprint", "at_us", "effective_us"),
    *("ref_seq", "corr_id", "source", "external_id", "balances", "terms", "meta"),
    "hash",
)
LINE = (
    *("line", "currency_id", "amount", "src", "src_lot", "dst", "dst_lot"),
    *("sys_ref", "order_line", "order_unit"),
)
