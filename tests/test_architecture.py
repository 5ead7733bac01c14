"""The shape of the code, read from its text: who may import whom, forbidden names, sizes, clocks and prints.

The arrows are those of the map in the design: a new arrow is a decision, taken here first.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("actions", "channels")
MIGRATIONS = "actions/migrations/"

FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "base",
    "process",
    "handle_data",
}
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MAY_BE_LONGER: dict[str, int] = {}  # "file" or "file:function" -> lines, each with its reason beside it

# Modules (or whole packages) that may be imported, by who imports; a package means all of its modules.
ARROWS: dict[str, set[str]] = {
    "actions.privacy": set(),
    "actions.parameters": set(),
    "actions.settings": set(),
    "actions.database": set(),
    "actions.migrations": {"actions.database", "actions.reminder_rows"},
    "actions.workers": {"actions.database", "actions.parameters", "actions.reminder_rows"},
    "actions.reminder_rows": {"actions.database"},
    "actions.reminders": {
        "actions.reminders", "actions.parameters", "actions.database", "actions.reminder_rows", "actions.simulator",
    },
    "actions.question_log": {"actions.database"},
    "actions.answering": {"actions.answering", "actions.parameters", "actions.privacy"},
    "actions.simulator": {"actions.simulator", "actions.parameters"},
    "actions.custom": {
        "actions.custom",
        "actions.answering",
        "actions.simulator",
        "actions.reminders",
        "actions.workers",
        "actions.privacy",
        "actions.parameters",
    },
    "actions.server": {"actions"},
    "channels.message": set(),
    "channels.sentences": {"channels.message"},
    "channels.channel": {"channels.message"},
    "channels.web": {"channels.message", "channels.channel"},
    "channels.splitting": set(),
    "channels.sms": {"channels.message", "channels.channel", "channels.splitting", "channels.sms_segments"},
    "channels.sms_segments": set(),
    "channels.sms_twilio": {"channels.channel", "channels.arrival", "channels.sms", "channels.sms_segments"},
    "channels.sms_alibaba": {"channels.channel", "channels.arrival", "channels.sms", "channels.sms_segments"},
    "channels.wechat": {
        "channels.message", "channels.channel", "channels.splitting", "channels.wechat_crypto",
        "channels.wechat_token",
    },
    "channels.wechat_crypto": {"channels.channel"},
    "channels.wechat_token": {"channels.channel", "channels.arrival"},
    "channels.wechat_menu": set(),
    "channels.wechat_commands": {"channels", "actions"},
    "channels.telegram": {
        "channels.message", "channels.channel", "channels.splitting", "channels.telegram_polling",
    },
    "channels.telegram_polling": {
        "channels.message", "channels.channel", "channels.splitting", "channels.arrival",
    },
    "channels.telegram_wiring": {"channels"},
    "channels.sealing": set(),
    "channels.drawing": {"channels.message", "actions.simulator"},
    "channels.contacts": {"channels.message", "channels.conversations", "channels.sealing", "actions.database"},
    "channels.inbox": {"channels.message", "channels.sealing", "actions.database"},
    "channels.short_payloads": {"actions.database"},
    "channels.turns": {
        "channels.message", "channels.contacts", "channels.gateway", "channels.refusals", "channels.sentences",
        "channels.short_payloads", "channels.links", "channels.visits",
    },
    "channels.links": {"channels.message", "channels.contacts", "channels.floods", "channels.sentences"},
    "channels.pacing": set(),
    "channels.arrival": {"channels.channel"},
    "channels.delivery_pool": set(),
    "channels.transport": set(),
    "channels.delivery": {
        "channels.channel", "channels.contacts", "channels.message", "channels.pacing", "actions.reminders",
    },
    "channels.reminding": {"channels.delivery", "channels.transport", "actions.reminders", "actions.settings"},
    "channels.visits": {"channels.contacts", "channels.delivery", "channels.message", "actions.reminders"},
    "channels.rule_shelf": {"channels.simulations", "actions.reminders"},
    "channels.reminder_wiring": {"channels", "actions.reminders"},
    "channels.reminder_metrics": {"actions.reminders"},
    "channels.reminder_commands": {"channels", "actions"},
    "channels.work_commands": {"channels", "actions"},
    "channels.campaign_commands": {"channels", "actions"},
    "channels.platforms": set(),
    "channels.platform_push": {
        "channels.message", "channels.channel", "channels.splitting", "channels.platforms",
    },
    "channels.workers_api": {
        "channels.api", "channels.contacts", "channels.message", "channels.refusals", "channels.visitors",
        "actions.reminders",
    },
    "channels.dispatch": {
        "channels.message", "channels.channel", "channels.contacts", "channels.inbox", "channels.metrics",
        "channels.short_payloads", "channels.turns",
    },
    "channels.messaging": {"channels", "actions.database", "actions.settings", "actions.workers"},
    "channels.visitors": {
        "channels.message", "channels.contacts", "channels.identity", "channels.refusals", "channels.platform_push",
    },
    "channels.telegram_commands": {"channels", "actions"},
    "channels.rasa": {"channels.message"},
    "channels.action_server": {"channels.message"},
    "channels.cleaning": {"channels.message"},
    "channels.payloads": {"channels.message"},
    "channels.conversations": {"channels.message", "channels.handoffs"},
    "channels.handoffs": {"channels.message", "actions.database"},
    "channels.colleagues": {"channels.message", "channels.handoffs", "channels.sentences"},
    "channels.handoff_api": {
        "channels.message", "channels.channel", "channels.handoffs", "channels.gateway", "channels.refusals",
        "channels.sentences", "channels.conversations", "channels.api", "channels.cleaning",
        "actions.privacy",
    },
    "channels.identity": {"channels.platforms"},
    "channels.floods": set(),
    "channels.metrics": set(),
    "channels.refusals": set(),
    "channels.settings": set(),
    "channels.protection": {"channels.refusals"},
    "channels.gateway": {
        "actions.privacy",
        "channels.message",
        "channels.rasa",
        "channels.sentences",
        "channels.conversations",
        "channels.payloads",
        "channels.cleaning",
        "channels.floods",
        "channels.metrics",
        "channels.refusals",
        "channels.colleagues",
    },
    "channels.api": {
        "channels.gateway", "channels.message", "channels.action_server", "channels.web",
        "channels.sentences", "channels.refusals", "channels.visitors", "channels.visits", "channels.links",
        "channels.conversations",
    },
    "channels.simulations": {
        "actions.simulator", "actions.parameters", "actions.answering.folder", "actions.answering.regions",
    },
    "channels.simulations_api": {
        "actions.simulator", "actions.settings", "channels.simulations", "channels.api", "channels.gateway",
        "channels.refusals",
    },
    "channels.simulate_commands": {"channels", "actions"},
    "channels.simulate_options": {"actions.simulator"},
    "channels.simulate_batch": {"actions.simulator", "channels.simulations", "channels.simulate_options"},
    "channels.terminal": {"channels.message", "channels.web", "channels.sentences"},
    "channels.supervisor": {"channels.child", "channels.settings"},
    "channels.child": set(),
    "channels.app": {"channels", "actions"},
    "channels.cli": {"channels", "actions"},
    "channels.knowledge_commands": {"channels", "actions"},
    "channels.curation_commands": {"channels", "actions"},
    "channels.previewing": {"channels", "actions"},
    "channels.evaluation_report": {"channels", "actions"},
}  # fmt: skip

# Who may import these, whatever the arrows above say.
IMPORTED_ONLY_BY = {
    "actions.server": {"channels.cli", "channels.knowledge_commands"},
    "channels.app": {"channels.cli"},
    "channels.cli": set(),
    "channels.knowledge_commands": {
        "channels.cli",
        "channels.curation_commands",
        "channels.simulate_commands",
    },
    "channels.curation_commands": {"channels.cli"},
    "channels.simulate_commands": {"channels.cli"},
    "channels.evaluation_report": {"channels.cli", "channels.knowledge_commands"},
}

ONLY_THESE_USE: dict[str, tuple[str, ...]] = {
    "rasa_sdk": ("actions.custom", "actions.server"),
    "sanic": ("actions.server",),
    "rasa": (),
    "fastapi": ("channels",),
    "sqlalchemy": (
        "actions.database",
        "actions.workers",
        "actions.question_log",
        "actions.reminder_rows",
        "actions.reminders",
        "actions.migrations",
        "channels.cli",
        "channels.contacts",
        "channels.inbox",
        "channels.short_payloads",
        "channels.messaging",
        "channels.handoffs",
        "channels.reminder_wiring",
        "channels.reminder_commands",
    ),
    "aiohttp": ("channels.platform_push",),
    "taskiq": ("channels.transport",),
    "telegram": ("channels.telegram", "channels.telegram_polling", "channels.telegram_commands"),
    "wechatpy": ("channels.wechat", "channels.wechat_crypto"),
    "matplotlib": ("actions.simulator.pictures",),
    "alembic": ("actions.database", "actions.migrations"),
    "jinja2": ("actions.answering",),
}


def sources(*packages: str) -> dict[str, tuple[Path, ast.Module]]:
    """Dotted name -> file and its tree."""
    found = {}
    for package in packages or PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            parts = path.relative_to(PROJECT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = (path, ast.parse(path.read_text(encoding="utf-8")))
    return found


SOURCES = sources()


def imported(name: str, tree: ast.Module) -> Iterator[str]:
    """Every module that a file imports, also inside functions; `from package import module` is the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative imports hide the arrow"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in SOURCES else str(node.module)


def lies_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def rule_for(name: str) -> str | None:
    """The narrowest rule that speaks of a module."""
    fitting = [rule for rule in ARROWS if lies_in(name, rule)]
    return max(fitting, key=len) if fitting else None


@pytest.mark.parametrize("name", [name for name in SOURCES if "." in name])
def test_a_module_imports_only_along_the_arrows(name: str) -> None:
    rule = rule_for(name)
    ours = {module for module in imported(name, SOURCES[name][1]) if module.split(".")[0] in PACKAGES} - {
        "actions",
        "channels",
    }
    if rule is None:
        # A module that no arrow speaks of imports nothing of ours; add its arrows above when it needs some.
        assert ours == set()
        return
    allowed = ARROWS[rule]
    assert {module for module in ours if not any(lies_in(module, package) for package in allowed)} == set()


@pytest.mark.parametrize("guarded", IMPORTED_ONLY_BY)
def test_what_wires_everything_is_imported_by_nobody_else(guarded: str) -> None:
    importers = {name for name, (_, tree) in SOURCES.items() if guarded in imported(name, tree)}
    assert importers - IMPORTED_ONLY_BY[guarded] == set()


def test_every_arrow_speaks_of_code_that_exists() -> None:
    assert {rule for rule in ARROWS if not any(lies_in(name, rule) for name in SOURCES)} == set()


@pytest.mark.parametrize("library", ONLY_THESE_USE)
def test_a_framework_stays_behind_its_seam(library: str) -> None:
    users = {name for name, (_, tree) in SOURCES.items() if any(lies_in(m, library) for m in imported(name, tree))}
    assert {user for user in users if not any(lies_in(user, seam) for seam in ONLY_THESE_USE[library])} == set()


def test_the_bot_imports_nothing_of_ours() -> None:
    for name, (_, tree) in sources("bot/components").items():
        assert not {m for m in imported(name, tree) if m.split(".")[0] in (*PACKAGES, "tests", "knowledge")}, name


def test_knowledge_holds_no_code() -> None:
    assert list((PROJECT / "knowledge").rglob("*.py")) == []


def test_nothing_imports_the_tests() -> None:
    for name, (_, tree) in SOURCES.items():
        assert not {m for m in imported(name, tree) if m.split(".")[0] == "tests"}, name


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {part: name for name in (*SOURCES, *sources("bot/components")) for part in name.split(".")}
    assert {name for part, name in parts.items() if part in FORBIDDEN_NAMES} == set()


def called_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


@pytest.mark.parametrize("name", [name for name in SOURCES if lies_in(name, "actions") and name != "actions.server"])
def test_only_the_server_looks_at_the_clock(name: str) -> None:
    clocks = {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "datetime.datetime.now",
        "time.time",
        "datetime.date.today",
    }
    assert [(call, line) for call, line in called_names(SOURCES[name][1]) if call in clocks] == []


def test_nothing_prints_but_the_command_line() -> None:
    found = [
        (name, line) for name, (_, tree) in SOURCES.items() for call, line in called_names(tree) if call == "print"
    ]
    assert [where for where in found if where[0] != "channels.cli"] == []


def test_no_file_is_too_long() -> None:
    lengths = {
        path.relative_to(PROJECT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path, _ in SOURCES.values()
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAY_BE_LONGER.get(name, LONGEST_FILE)} == {}


def test_no_function_is_too_long() -> None:
    too_long = {}
    for path, tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                place = f"{path.relative_to(PROJECT).as_posix()}:{node.name}"
                if lines > MAY_BE_LONGER.get(place, LONGEST_FUNCTION):
                    too_long[place] = lines
    assert too_long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = {name for name, (path, tree) in SOURCES.items() if ast.get_docstring(tree) is None and path.stat().st_size}
    assert silent == set()


def opens_something(tree: ast.Module) -> list[int]:
    """Lines at import time that build an engine, a client, a model or settings."""
    openers = {
        "create_async_engine",
        "create_engine",
        "AsyncClient",
        "SentenceTransformer",
        "Settings",
        "open_database",
        "open_library",
        "open",
    }
    top = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr)]
    return [
        call.lineno
        for node in top
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in openers
    ]


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_opened_at_import(name: str) -> None:
    assert opens_something(SOURCES[name][1]) == []
