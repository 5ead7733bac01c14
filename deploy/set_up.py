"""Everything between a fresh clone and a project that runs: standard library only, safe to repeat.

Run it as `python -m deploy.set_up` from the project's folder, as the Makefile does. Each step is skipped when
what it depends on has not changed; each failure is one line with the reason and one with the mend.
"""

import argparse
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from deploy.commands import SetUpError, explain_os, inherited_environment, new_log
from deploy.stamps import only_one
from deploy.steps import Step, Workshop, again, all_steps

ROOT = Path(__file__).resolve().parent.parent
NEED_ALWAYS = 0.2  # GB for the index, the database and the logs
INTERRUPTED = 130  # exit code after Ctrl-C


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Set the project up and return the exit code; say on one line what failed and how to mend it."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log = root / "var/log/set-up.log"
    try:
        with only_one(root / "var/set-up.lock", _say_waiting):
            new_log(log.parent)
            set_up(Workshop(root, log, inherited_environment()), options.dev, options.only, options.again)
    except SetUpError as error:
        return _fail(error)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        return _fail(explain_os(error))
    except Exception as error:
        log.write_text(traceback.format_exc(), encoding="utf-8")
        return _fail(SetUpError(f"{type(error).__name__}: {error}", f"report it, with {log}"))
    return 0


def set_up(shop: Workshop, dev: bool = False, only: str | None = None, repeated: str | None = None) -> None:
    """Do every step that has something to do; raise SetUpError at the first that fails."""
    started = time.monotonic()
    steps = [again(step) if step.name == repeated else step for step in all_steps(shop, dev)]
    steps = [step for step in steps if only in (None, step.name)]
    check_space(steps, shop.root)
    for number, step in enumerate(steps, 1):
        _take(step, f"[{number}/{len(steps)}] {step.title}")
    print(f"Set-up is complete ({time.monotonic() - started:.0f} s)", flush=True)


def check_space(steps: Sequence[Step], root: Path) -> None:
    """Refuse to begin what the disk has no room for."""
    need = NEED_ALWAYS + sum(step.gigabytes for step in steps if not step.is_done())
    free = shutil.disk_usage(root).free / 1e9
    if free < need:
        raise SetUpError(
            f"The disk has {free:.1f} GB free, set-up needs {need:.1f} GB in {root}",
            "free some space, or clone to another disk, and run the same command again",
        )


def _take(step: Step, line: str) -> None:
    if step.is_done():
        print(f"{line}: unchanged", flush=True)
        return
    print(f"{line} …", flush=True)
    started = time.monotonic()
    step.do()
    print(f"      done in {time.monotonic() - started:.0f} s", flush=True)


def _say_waiting(holder: str) -> None:
    print(f"Waiting for another set-up of this folder to end (process {holder or 'unknown'}) …", flush=True)


def _fail(error: SetUpError) -> int:
    print(f"Set-up failed. {error.reason}.\nMend: {error.mend}.", file=sys.stderr, flush=True)
    return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="set_up", description="Set the project up; skips what has not changed.")
    parser.add_argument("--dev", action="store_true", help="with the packages for tests and checks")
    parser.add_argument("--only", metavar="STEP", help="this step alone: tools, platform, torch, project, bot, …")
    parser.add_argument("--again", metavar="STEP", help="this step even where nothing changed, such as train")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
