"""Documents that are dear to parse, to validate, to expand or to run."""

from attack import attack, short
from target import Target


def doubling(levels: int) -> str:
    """Return fragments of which each spreads the next one twice."""
    parts = ["{ ...f0 }"]
    parts += [
        f"fragment f{level} on Query {{ ...f{level + 1} ...f{level + 1} }}"
        for level in range(levels)
    ]
    parts.append(f"fragment f{levels} on Query {{ viewer {{ role }} }}")
    return "\n".join(parts)


@attack("fragments double 30 times", "400 LIMIT_EXCEEDED")
async def fragments_double(target: Target) -> str:
    return short(await target.ask(doubling(30)))


@attack("fragments double in a nested field 20 times", "400 LIMIT_EXCEEDED")
async def nested_doubling(target: Target) -> str:
    body = "".join(
        f"fragment f{n} on Query {{ a: viewer {{ ...g{n} }} ...f{n + 1} ...f{n + 1} }}"
        f"fragment g{n} on Viewer {{ role ...g{n + 1} ...g{n + 1} }}"
        for n in range(20)
    )
    end = "fragment f20 on Query { __typename } fragment g20 on Viewer { role }"
    return short(await target.ask("{ ...f0 }" + body + end))


@attack("fragments in a circle", "400 GRAPHQL_VALIDATION_FAILED", "400 LIMIT_EXCEEDED")
async def circle(target: Target) -> str:
    document = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
    return short(await target.ask(document))


@attack("500 aliases of a field", "400 LIMIT_EXCEEDED")
async def aliases(target: Target) -> str:
    many = " ".join(f"a{n}: viewer {{ role }}" for n in range(500))
    return short(await target.ask(f"{{ {many} }}"))


@attack("8,000 times __typename", "400 LIMIT_EXCEEDED", "400 GRAPHQL_PARSE_FAILED")
async def typenames(target: Target) -> str:
    return short(await target.ask(f"{{ {'__typename ' * 8_000} }}"))


@attack("400 overlapping fields", "400 LIMIT_EXCEEDED")
async def overlapping(target: Target) -> str:
    many = f'member(id: "{target.own_id}") {{ id displayName }} ' * 400
    return short(await target.ask(f"{{ {many} }}"))


@attack("5,000 directives", "400 LIMIT_EXCEEDED", "400 GRAPHQL_PARSE_FAILED")
async def directives(target: Target) -> str:
    return short(await target.ask(f"{{ viewer {'@a' * 5_000} {{ role }} }}"))


@attack("100 include directives", "400 LIMIT_EXCEEDED")
async def includes(target: Target) -> str:
    many = "@include(if: true) " * 100
    return short(await target.ask(f"{{ viewer {many} {{ role }} }}"))


@attack("5,000 levels deep", "400 LIMIT_EXCEEDED", "400 GRAPHQL_PARSE_FAILED")
async def deep(target: Target) -> str:
    return short(await target.ask("{ a" * 5_000 + "}" * 5_000))


@attack("5,000 nested lists in an argument", "400 LIMIT_EXCEEDED")
async def nested_value(target: Target) -> str:
    value = "[" * 900 + "]" * 900
    return short(await target.ask(f"{{ nodes(ids: {value}) {{ id }} }}"))


@attack("200 operations", "400 LIMIT_EXCEEDED")
async def operations(target: Target) -> str:
    many = " ".join(f"query q{n} {{ viewer {{ role }} }}" for n in range(200))
    return short(await target.ask(many))


@attack("two mutations at once", "400 LIMIT_EXCEEDED")
async def two_mutations(target: Target) -> str:
    one = f'adjustBalance(input: {{idempotencyKey: "attack-adjust-0001", memberId: \
"{target.own_id}", currency: "PTS", amount: 1, reason: "a"}}) {{ replayed }}'
    return short(await target.ask(f"mutation {{ a: {one} b: {one} }}"))


@attack(
    "a page of a million, in a variable", "200 BAD_USER_INPUT", "400 LIMIT_EXCEEDED"
)
async def page_size(target: Target) -> str:
    document = "query ($n: Int) { members(first: $n) { nodes { id } } }"
    return short(await target.ask(document, {"n": 1_000_000}))


@attack(
    "pages of 100 in pages of 100 in pages of 100",
    "400 COST_EXCEEDED",
    "400 LIMIT_EXCEEDED",
)
async def nested_pages(target: Target) -> str:
    document = (
        "{ members(first: 100) { nodes { redemptions(first: 100) { nodes { reward "
        "{ slots { code } } } } transactions(first: 100) { nodes { id } } } } }"
    )
    return short(await target.ask(document))


@attack("1,000 ids at once", "200 BAD_USER_INPUT", "400 LIMIT_EXCEEDED")
async def many_ids(target: Target) -> str:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    return short(await target.ask(document, {"ids": [target.own_id] * 1_000}))


@attack(
    "introspection within introspection",
    "400 LIMIT_EXCEEDED",
    "400 GRAPHQL_VALIDATION_FAILED",
    "400 COST_EXCEEDED",
)
async def introspection(target: Target) -> str:
    inner = "name"
    for _ in range(9):
        inner = f"fields {{ type {{ {inner} }} }}"
    return short(await target.ask(f"{{ __schema {{ types {{ {inner} }} }} }}"))


@attack(
    "50 kB of comments", "400 LIMIT_EXCEEDED", "400 GRAPHQL_PARSE_FAILED", "200 data"
)
async def comments(target: Target) -> str:
    return short(await target.ask("#\n" * 25_000 + "{ viewer { role } }"))


@attack(
    "a name of 100,000 letters", "400 LIMIT_EXCEEDED", "400 GRAPHQL_VALIDATION_FAILED"
)
async def long_name(target: Target) -> str:
    return short(await target.ask(f"{{ {'a' * 100_000} }}"))


@attack("a suggestion is fished for", "400 GRAPHQL_VALIDATION_FAILED")
async def suggestion(target: Target) -> str:
    answer = await target.ask("{ viewr { role } }")
    assert "viewer" not in answer.text
    return short(answer)


@attack("a new document each time, 300 times", "all refused or answered")
async def no_cache(target: Target) -> str:
    for number in range(300):
        answer = await target.ask(f"query q{number} {{ viewer {{ role scopes }} }}")
        assert answer.status_code in {200, 429}, answer.text
    return "all refused or answered"
