"""Set-up on a small project in a temporary folder, with programs that only pretend to install."""

import hashlib
import re
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from deploy.commands import explain, explain_os, package_environment
from deploy.set_up import main
from deploy.stamps import Stamp, digest, only_one
from deploy.steps import Workshop, all_steps, torch_version

ROOT = Path(__file__).resolve().parent.parent

# One program plays uv, Python and shebao: it notes how it was called and makes what the real one would make.
PRETENDER = """#!/bin/sh
echo "$(basename "$0") $*" >> "{calls}"
case "$(basename "$0") $*" in
  uv\\ venv*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
  *\\ -e\\ *) cp "$0" "{root}/.venv/bin/shebao"; mkdir -p "{root}/.venv/lib/python3.11/site-packages"
             printf model > "{root}/.venv/lib/python3.11/site-packages/model.bin" ;;
  shebao\\ knowledge*) mkdir -p "{root}/var/index" ;;
  *rasa\\ train*) printf trained > "{root}/bot/models/.next/shebao.tar.gz" ;;
esac
case "$(basename "$0") $*" in *"{failing}"*) printf '%s\\n' "{words}"; exit 2 ;; esac
"""


class SmallProject:
    """A folder with the files that set-up reads, and its programs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._calls = root / "calls.txt"
        self.write("pyproject.toml", "[tool.uv]\noverride-dependencies = [\"torch==9.9; sys_platform == 'never'\"]")
        for name in (
            "requirements.lock",
            "requirements-dev.lock",
            "bot/requirements.lock",
            "deploy/tools.lock",
        ):
            self.write(name, f"# {name}")
        self.write("bot/config.yml", "language: zh")
        self.write("bot/domain/answers.yml", "intents: []")
        self.write("bot/data/nlu.yml", "nlu: []")
        self.write("knowledge/regions.yml", "CN-ZJ: {}")
        self.write("deploy/embedding_model.sha256", f"{hashlib.sha256(b'model').hexdigest()}  model.bin")
        self.programs()
        self.stamp_tools()

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def programs(self, failing: str = "nothing at all", words: str = "") -> None:
        """Programs that obey, except the call that contains `failing`: it says `words` and fails."""
        text = PRETENDER.format(calls=self._calls, root=self.root, failing=failing, words=words)
        for name in (".tools/bin/uv", ".venv/bin/python", ".venv/bin/shebao", "bot/.venv/bin/python"):
            if name.startswith(".tools") or (self.root / name).exists():
                self.write(name, text).chmod(0o755)

    def stamp_tools(self) -> None:
        """Pretend that the tools environment is there."""
        shop = Workshop(self.root, self.root / "log", {})
        tools = next(all_steps(shop, dev=False))
        assert tools.stamp is not None
        tools.stamp.write(tools.accepted[0])

    def calls(self) -> list[str]:
        """How the programs were called since the last time this was asked."""
        text = self._calls.read_text(encoding="utf-8") if self._calls.exists() else ""
        self._calls.unlink(missing_ok=True)
        return text.replace(str(self.root), "").splitlines()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    return SmallProject(tmp_path)


def test_a_fresh_clone_gets_every_step_in_order(project: SmallProject) -> None:
    assert main([], project.root) == 0
    calls = project.calls()
    names = [
        r"uv venv .* /\.venv",
        r"uv pip install .*--require-hashes .*-r /requirements\.lock",
        r"uv pip install .*torch==9\.9.*--torch-backend cpu",
        r"python -c import torch",
        r"uv pip install .*--no-build-isolation .*-e ",
        r"uv venv .* /bot/\.venv",
        r"uv pip install .*--require-hashes .*-r /bot/requirements\.lock",
        r"shebao knowledge index",
        r"python -m rasa train .*",
        r"shebao database upgrade",
    ]
    assert len(calls) == len(names), calls
    assert all(re.match(name, call) for name, call in zip(names, calls, strict=True)), calls
    assert (project.root / "bot/models/shebao.tar.gz").read_text() == "trained"


def test_the_second_time_only_the_database_is_looked_at(
    project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    main([], project.root)
    project.calls()
    capsys.readouterr()
    assert main([], project.root) == 0
    assert project.calls() == ["shebao database upgrade"]
    assert capsys.readouterr().out.count("unchanged") == 7


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("bot/data/nlu.yml", ["python -m rasa train"]),
        ("knowledge/regions.yml", ["shebao knowledge index", "python -m rasa train"]),
        ("requirements.lock", ["uv pip install", "shebao knowledge index"]),
        ("bot/requirements.lock", ["uv pip install", "python -m rasa train"]),
        ("knowledge/articles/new.md", ["shebao knowledge index"]),
    ],
)
def test_a_change_repeats_only_what_depends_on_it(project: SmallProject, changed: str, expected: list[str]) -> None:
    main([], project.root)
    project.calls()
    project.write(changed, "changed")
    assert main([], project.root) == 0
    calls = [call for call in project.calls() if call != "shebao database upgrade"]
    assert [" ".join(call.split()[: len(expected[place].split())]) for place, call in enumerate(calls)] == expected


def test_old_models_go_when_a_new_one_is_trained(project: SmallProject) -> None:
    old = project.write("bot/models/20260101.tar.gz", "old")
    main([], project.root)
    assert not old.exists()


def test_packages_for_tests_serve_without_being_installed_again(project: SmallProject) -> None:
    main(["--dev"], project.root)
    assert any("requirements-dev.lock" in call for call in project.calls())
    main([], project.root)
    assert not any("install" in call for call in project.calls())


def test_an_interrupted_installation_is_begun_anew(project: SmallProject) -> None:
    main([], project.root)
    project.write("requirements.lock", "changed")
    project.programs("--require-hashes", "killed")
    assert main([], project.root) == 1
    project.programs()
    project.calls()
    assert main([], project.root) == 0
    assert re.match(r"uv venv .*--clear .* /\.venv", project.calls()[0])


def test_an_unreachable_registry_is_one_reason_and_one_mend(
    project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.programs("--require-hashes", "error: Failed to fetch: tcp connect error: Connection refused")
    assert main([], project.root) == 1
    complaint = capsys.readouterr().err.splitlines()
    assert len(complaint) == 2
    assert complaint[0] == (
        "Set-up failed. The package registry cannot be reached, or lacks a package (platform packages)."
    )
    assert complaint[1].startswith("Mend: check the network")


def test_torch_falls_back_from_local_wheels_to_its_index_to_the_registry(
    project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels")
    project.programs("torch==9.9 --no-deps", "not here")
    main([], project.root)
    tried = [call for call in project.calls() if "torch==9.9" in call]
    assert ["--no-index" in call for call in tried] == [True, False, False]
    assert ["--torch-backend" in call for call in tried] == [False, True, False]


def test_a_disk_without_room_is_refused_before_anything_is_done(
    project: SmallProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**10, 9 * 10**9, 10**9))
    assert main([], project.root) == 1
    assert "The disk has 1.0 GB free, set-up needs" in capsys.readouterr().err
    assert project.calls() == []


def test_a_changed_embedding_model_is_refused(project: SmallProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("deploy/embedding_model.sha256", f"{'0' * 64}  model.bin")
    assert main([], project.root) == 1
    assert "The embedding model is not the published one" in capsys.readouterr().err


def test_a_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    lock, waiting = tmp_path / "lock", []
    holder = (
        "import sys; from pathlib import Path; from deploy.stamps import only_one\n"
        "with only_one(Path(sys.argv[1]), print): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"

        def let_go(holder: str) -> None:
            waiting.append(holder)
            assert first.stdin is not None
            first.stdin.close()

        with only_one(lock, let_go):
            assert waiting == [str(first.pid)]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Error: No space left on device (os error 28)", "The disk is full"),
        ("The virtual environment was not created: ensurepip is not available.", "comes without its venv"),
        ("error: Hash mismatch for `uv==0.1`", "not the one that the lock file names"),
        ("WARNING: Retrying after NewConnectionError('…')", "registry cannot be reached"),
        ("dns error: failed to lookup address information", "registry cannot be reached"),
        ("error: failed to create directory: Permission denied (os error 13)", "may not be written to"),
        ("error: No interpreter found for Python 3.11", "Rasa needs Python 3.11"),
        ("something\nquite unheard of\n", "step: quite unheard of"),
    ],
)
def test_what_a_program_says_becomes_a_reason_and_a_mend(said: str, reason: str) -> None:
    error = explain(said, "step", Path("log"))
    assert reason in error.reason
    assert error.mend


def test_errors_of_the_operating_system_are_explained_too() -> None:
    assert explain_os(PermissionError(13, "Permission denied", "var")).reason.endswith(": var")
    assert explain_os(OSError(28, "No space left on device")).reason == "The disk is full"


def test_what_pip_was_told_is_told_to_uv() -> None:
    told = {"PIP_FIND_LINKS": "/a /b", "PIP_INDEX_URL": "https://mirror.example/simple", "VIRTUAL_ENV": "/x"}
    environment = package_environment(told | {"UV_DEFAULT_INDEX": "https://own.example/simple"})
    assert environment["UV_FIND_LINKS"] == "/a,/b"
    assert environment["UV_DEFAULT_INDEX"] == "https://own.example/simple"
    assert "VIRTUAL_ENV" not in environment


def test_a_digest_sees_content_and_names_but_no_caches(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data/a.yml"
    file.write_text("1")
    first = digest([tmp_path / "data"])
    (tmp_path / "data/__pycache__").mkdir()
    (tmp_path / "data/__pycache__/a.pyc").write_text("x")
    assert digest([tmp_path / "data"]) == first
    assert digest([file.rename(tmp_path / "data/b.yml").parent]) != first


def test_a_stamp_is_for_one_digest_and_can_be_taken_away(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "new/stamp")
    assert not stamp.exists()
    stamp.write("abc")
    assert stamp.says("abc")
    assert not stamp.says("abd")
    stamp.take_away()
    assert not stamp.exists()


def test_a_step_can_be_asked_for_again(project: SmallProject) -> None:
    main([], project.root)
    project.calls()
    assert main(["--only", "train", "--again", "train"], project.root) == 0
    assert [call.split(" --")[0] for call in project.calls()] == ["python -m rasa train"]


def test_the_torch_version_is_the_one_the_lock_was_made_for() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", torch_version(ROOT))


def test_no_python_is_one_line_with_the_mend() -> None:
    command = ["make", "--no-print-directory", "-C", str(ROOT), "PYTHON=no-such-python", "setup"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "No Python 3.11 or later was found. Mend:" in result.stderr


def test_make_help_prints_every_target_that_people_call() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    internal = {"setup-dev"}
    targets = set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE)) - internal
    printed = subprocess.run(["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True).stdout
    assert targets == set(re.findall(r"^  make ([a-z-]+) ", printed, re.MULTILINE))
