"""The steps of set-up in their order: what each depends on, what it leaves behind, and the work it does.

A stamp is taken away before a step begins and written after it ended well, so an interrupted step is done
again; an environment without its stamp is built anew.
"""

import hashlib
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.commands import FOLDER_REASONS, PACKAGE_REASONS, Reasons, SetUpError, run
from deploy.stamps import Stamp, digest

PYTHON = (
    3,
    11,
)  # both lock files were compiled for it; Rasa has no builds for later ones (docs/decisions/0001)
OWN_INDEX = ("SHEBAO_KNOWLEDGE_DIR", "SHEBAO_STATE_DIR", "SHEBAO_EMBEDDING_MODEL")
MODEL_FILE = "shebao.tar.gz"
TRAINING_INPUTS = ("*.yml", "domain", "data", "components", "requirements.lock")


@dataclass(frozen=True)
class Step:
    """One step. `accepted` are the digests for which there is nothing to do; the first is written at its end.

    Without a stamp a step always runs, and looks for itself whether it has anything to do.
    """

    name: str
    title: str
    work: Callable[[], None]
    stamp: Stamp | None = None
    accepted: tuple[str, ...] = ()
    result: Path | None = None
    gigabytes: float = 0.0

    def is_done(self) -> bool:
        """Whether the step was done to its end for exactly this state, and its result is still there."""
        there = self.result is not None and self.result.exists()
        return there and self.stamp is not None and any(map(self.stamp.says, self.accepted))

    def do(self) -> None:
        """Do the work and record it; a failure leaves no stamp behind."""
        self.work()
        if self.stamp is not None:
            self.stamp.write(self.accepted[0])


@dataclass(frozen=True)
class Workshop:
    """The project's folder, and how programs are run in it."""

    root: Path
    log: Path
    environment: dict[str, str]

    def run(self, title: str, *command: str | Path, folder: str = ".", reasons: Reasons = PACKAGE_REASONS) -> None:
        """Run a program in a folder of the project; raise SetUpError when it fails."""
        run(command, title, self.root / folder, self.log, self.environment, reasons)

    def uv(self, title: str, *arguments: str | Path) -> None:
        """Run uv without any configuration file of this machine; the environment counts."""
        self.run(title, self.root / ".tools/bin/uv", *arguments)


def all_steps(shop: Workshop, dev: bool) -> Iterator[Step]:
    """Every step from a fresh clone to a project that runs; `dev` adds what tests and checks need."""
    yield tools(shop)
    yield platform_packages(shop, dev)
    yield torch(shop)
    yield own_packages(shop)
    yield bot_packages(shop)
    yield Step("model", "embedding model (checksum)", lambda: check_model(shop.root))
    yield index(shop)
    yield training(shop)
    yield Step("database", "database", lambda: shebao(shop, "database", "database", "upgrade"))


def tools(shop: Workshop) -> Step:
    """The tools environment, which holds uv alone."""
    folder, lock = shop.root / ".tools", shop.root / "deploy/tools.lock"

    def work() -> None:
        stamp.take_away()
        shop.run("tools environment", sys.executable, "-m", "venv", "--clear", folder)
        python = folder / "bin/python"
        shop.run("uv", python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", lock)

    stamp = Stamp(folder / ".set-up")
    wanted = digest([lock], str(shop.root), sys.version)
    return Step("tools", "tools: uv", work, stamp, (wanted,), folder / "bin/uv", 0.2)


def platform_packages(shop: Workshop, dev: bool) -> Step:
    """The platform's packages. An environment that holds the development packages serves without them too."""
    root = shop.root
    serving, developing = root / "requirements.lock", root / "requirements-dev.lock"
    digests = (digest([serving], str(root)), digest([developing], str(root)))
    title = "platform packages, with those for tests" if dev else "platform packages"
    return packages(shop, "platform", title, ".venv", developing if dev else serving, digests[1:] if dev else digests)


def bot_packages(shop: Workshop) -> Step:
    """Rasa's packages, in an environment of their own."""
    lock = shop.root / "bot/requirements.lock"
    return packages(shop, "bot", "Rasa packages", "bot/.venv", lock, (digest([lock], str(shop.root)),))


def packages(shop: Workshop, name: str, title: str, folder: str, lock: Path, accepted: tuple[str, ...]) -> Step:
    """An environment with exactly the packages of a lock file, every one checked against its hashes."""
    environment = shop.root / folder
    python = environment / "bin/python"
    stamp = Stamp(environment / ".set-up")

    def work() -> None:
        was_whole = stamp.exists() and python.exists()
        stamp.take_away()
        if not was_whole:
            interpreter = sys.executable if sys.version_info[:2] == PYTHON else ".".join(map(str, PYTHON))
            shop.uv(title, "venv", "--no-config", "--clear", "--python", interpreter, environment)
        install = ("pip", "install", "--no-config", "--no-deps", "--require-hashes", "--python", python)
        shop.uv(title, *install, "-r", lock)

    return Step(name, title, work, stamp, accepted, python, 2.5)


def torch(shop: Workshop) -> Step:
    """torch's CPU build, beside the lock file: from local wheels, its own index, or the registry."""
    title = "torch (CPU build)"
    wanted = torch_version(shop.root)
    python = shop.root / ".venv/bin/python"
    install = ("pip", "install", "--no-config", "--python", python, f"torch=={wanted}")

    def work() -> None:
        if shop.environment.get("UV_FIND_LINKS") and succeeds(shop.uv, title, *install, "--no-deps", "--no-index"):
            pass
        elif not succeeds(shop.uv, title, *install, "--no-deps", "--torch-backend", "cpu"):
            print(
                "      torch's own index cannot be reached: taking the registry's build, which is larger",
                flush=True,
            )
            shop.uv(title, *install)
        shop.run(title, python, "-c", "import torch")

    return Step("torch", title, work, Stamp(shop.root / ".venv/.set-up-torch"), (wanted,), python, 0.8)


def torch_version(root: Path) -> str:
    """The version of torch that the lock file was compiled against, as pyproject.toml names it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    overrides = project["tool"]["uv"]["override-dependencies"]
    found = re.search(r"\btorch==([\w.]+)", " ".join(overrides))
    if found is None:
        raise SetUpError("pyproject.toml no longer names a torch version", "restore torch==… in [tool.uv]")
    return found.group(1)


def succeeds(work: Callable[..., None], *arguments: str | Path) -> bool:
    """Whether the work ends well."""
    try:
        work(*arguments)
    except SetUpError:
        return False
    return True


def own_packages(shop: Workshop) -> Step:
    """The project's own packages and the `shebao` command, as links to this folder."""
    title, root = "the project itself", shop.root
    wanted = digest([root / "pyproject.toml"], str(root))
    options = ("--no-config", "--no-deps", "--no-build-isolation", "--python", root / ".venv/bin/python")
    stamp = Stamp(root / ".venv/.set-up-project")

    def work() -> None:
        shop.uv(title, "pip", "install", *options, "-e", root)

    return Step("project", title, work, stamp, (wanted,), root / ".venv/bin/shebao")


def check_model(root: Path) -> None:
    """Compare the packaged embedding model with the checksum of the published one."""
    expected, name = (root / "deploy/embedding_model.sha256").read_text(encoding="ascii").split()
    for file in (root / ".venv").glob(f"lib/python*/site-packages/{name}"):
        with file.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found == expected:
            return
        raise SetUpError(f"The embedding model is not the published one ({name})", "run `make clean`, then again")
    raise SetUpError(f"The embedding model is missing ({name})", "run `make clean`, then again")


def shebao(shop: Workshop, title: str, *arguments: str) -> None:
    """Run the project's own command."""
    shop.run(title, shop.root / ".venv/bin/shebao", *arguments, reasons=FOLDER_REASONS)


def index(shop: Workshop) -> Step:
    """The index of the knowledge folder; with folders or a model of one's own, the command itself looks."""
    title, root = "index of the knowledge folder", shop.root
    stamp = None if any(name in shop.environment for name in OWN_INDEX) else Stamp(root / "var/.set-up-index")
    names = ("knowledge", "actions", "requirements.lock", "deploy/embedding_model.sha256")
    wanted = digest([root / name for name in names], str(root))

    def work() -> None:
        shebao(shop, title, "knowledge", "index")

    return Step("index", title, work, stamp, (wanted,), root / "var/index")


def training(shop: Workshop) -> Step:
    """The trained Rasa model; the one in place stays until the new one is whole."""
    title, bot = "Rasa model (training)", shop.root / "bot"
    inputs = [path for name in TRAINING_INPUTS for path in sorted(bot.glob(name))]
    wanted = digest([*inputs, shop.root / "knowledge/regions.yml"])
    models, fresh = bot / "models", bot / "models/.next"
    domain = "domain" if (bot / "domain").is_dir() else "domain.yml"
    options = (
        "--config",
        "config.yml",
        "--domain",
        domain,
        "--data",
        "data",
        "--out",
        "models/.next",
        "--force",
    )

    def work() -> None:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        command = (bot / ".venv/bin/python", "-m", "rasa", "train", "--fixed-model-name", MODEL_FILE[:-7])
        shop.run(title, *command, *options, folder="bot", reasons=FOLDER_REASONS)
        if not (fresh / MODEL_FILE).is_file():
            raise SetUpError("Rasa ended without a trained model", f"read its output in {shop.log}")
        for old in models.glob("*.tar.gz"):
            old.unlink()
        (fresh / MODEL_FILE).replace(models / MODEL_FILE)
        shutil.rmtree(fresh)

    return Step("train", title, work, Stamp(models / ".set-up"), (wanted,), models / MODEL_FILE, 0.1)


def again(step: Step) -> Step:
    """The same step, to be done even where nothing changed."""
    return replace(step, result=None)
