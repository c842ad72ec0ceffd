"""The CDNOW format: the whole set, the sample, and lines that are wrong."""

from gateway.demo.story import purchases
from gateway.importing.cdnow import read_orders
from gateway.importing.orders import LineError, Order

JAN_1_1997_US = 852_076_800_000_000


def test_a_line_of_the_whole_set_is_read() -> None:
    lines = [b" 00001 19970101  1   11.77\r\n"]

    assert list(read_orders(lines)) == [
        Order(
            line=1,
            key="order:cdnow-00001-1",
            customer="00001",
            order_id="cdnow-00001-1",
            occurred_at_us=JAN_1_1997_US,
            amount_minor=1177,
            currency_code="USD",
        )
    ]


def test_the_same_purchase_has_the_same_key_in_the_sample() -> None:
    (whole,) = read_orders([b" 00004 19970101  2   29.33\r\n"])
    (sample,) = read_orders([b" 00004 0001 19970101  2   29.33\r\n"])

    assert whole == sample


def test_the_line_of_names_is_no_order() -> None:
    lines = [
        b" customer_id  date number_of_cds  dollar_value\r\n",
        b" 00001 19970101  1   11.77\r\n",
    ]

    (order,) = read_orders(lines)

    assert order.line == 2


def test_repeated_lines_are_purchases_of_their_own() -> None:
    lines = [b" 00001 19970101  1   11.77\r\n"] * 2

    keys = [order.key for order in read_orders(lines) if isinstance(order, Order)]

    assert keys == ["order:cdnow-00001-1", "order:cdnow-00001-2"]


def test_wrong_lines_say_why_and_the_rest_is_read() -> None:
    lines = [
        b" 00001 19970101  1   11.77\r\n",
        b" x0001 19970101  1   11.77\r\n",
        b" 00001 19970101  1   -11.77\r\n",
        b" 00001 19970231  1   11.77\r\n",
        b" 00001 19970101  one   11.77\r\n",
        b" 00001 19970101  11.77\r\n",
        b" 00001 19970101  1   11.777\r\n",
        b" 00001 19970101  1   11,77\r\n",
        b" 00001 19970101  1   11.7\xff\r\n",
        b"\r\n",
        b" 00001 19970102  1   11.77\r\n",
    ]

    found = list(read_orders(lines))

    assert [one for one in found if isinstance(one, LineError)] == [
        LineError(2, "'x0001' is not a customer id"),
        LineError(3, "the amount -11.77 is negative"),
        LineError(4, "'19970231' is not a date"),
        LineError(5, "'one' is not a number of CDs"),
        LineError(6, "3 columns; there must be 4, or 5 in the sample"),
        LineError(7, "the amount 11.777 has more than 2 decimals"),
        LineError(8, "'11,77' is not an amount"),
        LineError(9, "the line is not UTF-8 text"),
    ]
    assert [one.key for one in found if isinstance(one, Order)] == [
        "order:cdnow-00001-1",
        "order:cdnow-00001-8",  # wrong lines keep their place, so keys never shift
    ]


def test_an_unknown_column_is_named() -> None:
    (error,) = read_orders([b"customer_id date shoe_size dollar_value\r\n"])

    assert error == LineError(
        1,
        "unknown column 'shoe_size'; known: customer_id, date, number_of_cds, "
        "dollar_value",
    )


def test_a_file_that_was_cut_off_loses_only_its_last_line() -> None:
    lines = [b" 00001 19970101  1   11.77\r\n", b" 00001 19970118  1   12.0"]

    found = list(read_orders(lines))

    assert found[1] == LineError(2, "the file ends in the middle of this line")


def test_the_sample_is_complete() -> None:
    found = list(read_orders(purchases().splitlines(keepends=True)))

    orders = [one for one in found if isinstance(one, Order)]
    assert len(orders) == len(found) == 6_919
    assert len({order.customer for order in orders}) == 2_357
    assert len({order.key for order in orders}) == 6_919
    assert sum(order.amount_minor for order in orders) == 24_409_194
    assert sum(order.amount_minor // 100 for order in orders) == 239_444
