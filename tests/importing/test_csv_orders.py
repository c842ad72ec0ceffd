"""Orders as CSV."""

from gateway.importing.csv_orders import read_orders
from gateway.importing.orders import LineError, Order

HEADER = b"customer_number,order_id,date,amount,currency\n"
NOV_24_2026_US = 1_795_478_400_000_000


def test_a_line_is_read() -> None:
    lines = [HEADER, b'A-7,"2026,11",2026-11-24,29.3,EUR\n']

    assert list(read_orders(lines)) == [
        Order(
            line=2,
            key="order:2026,11",
            customer="A-7",
            order_id="2026,11",
            occurred_at_us=NOV_24_2026_US,
            amount_minor=2930,
            currency_code="EUR",
        )
    ]


def test_columns_may_stand_in_any_order_and_currency_may_be_left_out() -> None:
    lines = [b"amount,date,order_id,customer_number\r\n", b"5,2026-11-24,o1,7\r\n"]

    (order,) = read_orders(lines)

    assert isinstance(order, Order)
    assert (order.customer, order.amount_minor, order.currency_code) == (
        "7",
        500,
        "USD",
    )


def test_decimals_follow_the_currency() -> None:
    lines = [HEADER, b"7,o1,2026-11-24,500,JPY\n", b"7,o2,2026-11-24,1.234,KWD\n"]

    amounts = [one.amount_minor for one in read_orders(lines) if isinstance(one, Order)]

    assert amounts == [500, 1234]


def test_instants_need_a_zone() -> None:
    lines = [
        HEADER,
        b"7,o1,2026-11-24T02:00:00+02:00,1,USD\n",
        b"7,o2,2026-11-24T02:00:00,1,USD\n",
    ]

    order, error = read_orders(lines)

    assert isinstance(order, Order)
    assert order.occurred_at_us == NOV_24_2026_US
    assert error == LineError(
        3, "date: '2026-11-24T02:00:00' is not a date, nor an instant with a zone"
    )


def test_wrong_lines_say_why() -> None:
    lines = [
        HEADER,
        b"?,o1,2026-11-24,1,USD\n",
        b"7,,2026-11-24,1,USD\n",
        b"7,o1,24.11.2026,1,USD\n",
        b"7,o1,2026-11-24,-1,USD\n",
        b"7,o1,2026-11-24,1,usd\n",
        b"7,o1,2026-11-24,1\n",
        b'7,"o1,2026-11-24,1,USD\n',
    ]

    assert list(read_orders(lines)) == [
        LineError(2, "customer_number: '?' is not a customer number"),
        LineError(3, "order_id: must have 1 to 128 characters"),
        LineError(4, "'24.11.2026' is not a date"),
        LineError(5, "the amount -1 is negative"),
        LineError(6, "currency: 'usd' is not an ISO 4217 code"),
        LineError(7, "4 columns; the first line names 5"),
        LineError(8, "not CSV: unexpected end of data"),
    ]


def test_an_unknown_column_is_named_and_the_rest_is_read() -> None:
    lines = [
        b"customer_number,order_id,date,amount,shoe_size\n",
        b"7,o1,2026-11-24,1,44\n",
    ]

    error, order = read_orders(lines)

    assert error == LineError(
        1,
        "unknown column 'shoe_size'; known: customer_number, order_id, date, amount, "
        "currency",
    )
    assert isinstance(order, Order)


def test_without_the_customer_column_nothing_is_read() -> None:
    lines = [b"order_id,date,amount\n", b"o1,2026-11-24,1\n"]

    assert list(read_orders(lines)) == [
        LineError(1, "the column 'customer_number' is missing")
    ]
