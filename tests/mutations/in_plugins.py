"""Faults of what is shown of plugins' documents, of their settings and refusals."""

from mutation import Mutation

DOCUMENTS = "gateway/plans/documents.py"
SIGHT = "gateway/plans/sight.py"
PLANNER = "gateway/plans/planner.py"
SHAPES = "gateway/plans/shapes.py"
MEMBERS = "core/reads/documents.py"
COMPILER = "core/reads/compiler.py"
INPUTS = "gateway/plugin_inputs.py"
SETTINGS = "core/extension/plugin_settings.py"
JUDGEMENT = "core/extension/judgement.py"

VISIBILITY = ("tests/gateway/partner/test_visibility.py",)
VERSIONS = ("tests/gateway/partner/test_versions.py",)
OPTIONS = ("tests/gateway/partner/test_options.py",)
REFUSALS = ("tests/gateway/partner/test_refusals.py",)
PLUGIN_SETTINGS = ("tests/core/extension/test_plugin_settings.py",)

IN_PLUGINS = (
    Mutation(
        "everybody reads everything",
        DOCUMENTS,
        "if self.visibility not in sight.seen:",
        "if self.visibility not in set(Visibility):",
        VISIBILITY,
    ),
    Mutation(
        "nested members are never hidden",
        DOCUMENTS,
        "if not any(one.is_hidden or one.members for one in members):",
        "if members:",
        VISIBILITY,
    ),
    Mutation(
        "hidden members of older documents are shown",
        DOCUMENTS,
        "    if member.is_hidden:\n        return None\n",
        "",
        VERSIONS,
    ),
    Mutation(
        "a member reads what it has not redeemed",
        SIGHT,
        "seen = {Visibility.EVERYONE}",
        "seen = {Visibility.EVERYONE, Visibility.MEMBER}",
        VISIBILITY,
    ),
    Mutation(
        "staff reads codes below a redemption",
        SIGHT,
        "if not self.is_member:",
        "if False:",
        VISIBILITY,
    ),
    Mutation(
        "a member does not read the codes it has redeemed",
        PLANNER,
        'if entity_of(kind) == "redemption":',
        "if False:",
        VISIBILITY,
    ),
    Mutation(
        "what is hidden is read from the database",
        MEMBERS,
        "if member.is_hidden:\n        return \"'null'\"",
        "if False:\n        return \"'null'\"",
        VISIBILITY,
    ),
    Mutation(
        "a document counts as one of today's version",
        COMPILER,
        'is_present = f"{version} = {int(old.version)}"',
        'is_present = f"{version} > 0"',
        VERSIONS,
    ),
    Mutation(
        "a field that is newer than the document is null",
        MEMBERS,
        'if member.default != "null":',
        "if False:",
        VERSIONS,
    ),
    Mutation(
        "a reward that cannot be read takes the catalog with it",
        SHAPES,
        "if self.retired is None:",
        "if True:",
        VERSIONS,
    ),
    Mutation(
        "defaults become part of what the caller asked for",
        INPUTS,
        "if getattr(value, one.python_name) != _filled_in(one)",
        "if True",
        OPTIONS,
    ),
    Mutation(
        "a detail of any class is stored",
        JUDGEMENT,
        "if detail is not None and type(detail) not in reward_type.refusals:",
        "if False:",
        REFUSALS,
    ),
    Mutation(
        "a misspelled variable of a plugin is ignored",
        SETTINGS,
        "if variable not in owners and not variable.startswith(prefixes):",
        "if False:",
        PLUGIN_SETTINGS,
    ),
    Mutation(
        "messages repeat secrets",
        SETTINGS,
        "text = text.replace(secret, _MASK)",
        "text = text.replace(_MASK, secret)",
        PLUGIN_SETTINGS,
    ),
)
