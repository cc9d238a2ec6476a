#!/usr/bin/env python3
"""The workshop. With Python 3.11 or later and nothing else installed:

    python3 dev.py demo [--once]       everything at once, with example data
    python3 dev.py test [ARGUMENTS]    the whole test suite, or pytest with these arguments
    python3 dev.py check               what continuous integration runs
    python3 dev.py lock                make both lock files again, from pyproject.toml

The first run makes .venv and installs the versions of the lock files, checked by their hashes. Later runs
start at once.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
RUNTIME, TEST = "requirements.lock", "requirements-test.lock"
UV = "uv==0.13.9"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def main(arguments):
    commands = {"demo": demo, "test": test, "check": check, "lock": lock}
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    os.chdir(ROOT)
    return commands[arguments[0]](arguments[1:])


def demo(arguments):
    install(RUNTIME)
    os.execv(BIN / "lms", ["lms", "demo", *arguments])


def test(arguments):
    """With no arguments everything, on all cores; with some, pytest gets exactly those."""
    install(TEST)
    if arguments:
        return run(PYTHON, "-m", "pytest", *arguments)
    if chromium():
        return run(PYTHON, "-m", "pytest", *everything())
    warning = (
        "\nBROWSER TESTS DID NOT RUN: there is no Chromium on this machine.\n"
        "Install it (on Debian or Ubuntu: apt-get install chromium) or set GOLDEN_THREAD_TEST_CHROMIUM.\n"
    )
    print(warning, file=sys.stderr, flush=True)
    code = run(PYTHON, "-m", "pytest", *everything("not browser"))
    print(warning, file=sys.stderr)
    return code


def everything(*conditions):
    workers = str(min(os.cpu_count() or 1, 4))
    return ["-n", workers, "-m", " and ".join(["not benchmark", *conditions])]


def check(arguments):
    """Every check, also after one has failed; the tests last, browser tests included."""
    if arguments:
        sys.exit("check takes no arguments. For one test: python3 dev.py test tests/rules/test_dates.py")
    install(TEST)
    steps = {
        "ruff check": [PYTHON, "-m", "ruff", "check", "."],
        "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
        "mypy": [PYTHON, "-m", "mypy"],
        "import-linter": [BIN / "lint-imports"],
        "bandit": [PYTHON, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", "lms", "workers"],
        "compose.yaml": [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
    }
    failed = []
    for name, command in steps.items():
        say(name)
        if run(*command):
            failed.append(name)
    say("pip-audit")
    if not audit():
        failed.append("pip-audit")
    say("tests")
    if run(PYTHON, "-m", "pytest", *everything()):
        failed.append("tests")
    if failed:
        print("\nFAILED: " + ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


def audit():
    """Whether no locked version has a known vulnerability, as far as the advisory service can be reached."""
    command = [PYTHON, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off"]
    command += ["--timeout=10", "--format=json", "-r", RUNTIME]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        asked = json.loads(ended.stdout)["dependencies"]
    except ValueError:
        print(
            "PIP-AUDIT DID NOT RUN: its service cannot be reached. It said:\n" + ended.stderr[-400:].strip()
        )
        return True
    unknown = [one for one in asked if "skip_reason" in one]
    if unknown:
        print(
            f"PIP-AUDIT LEFT OUT {len(unknown)} OF {len(asked)} LIBRARIES: {unknown[0]['skip_reason']}, ..."
        )
    found = [one for one in asked if one.get("vulns")]
    for one in found:
        names = ", ".join(vulnerability["id"] for vulnerability in one["vulns"])
        print(f"{one['name']} {one['version']}: {names}")
    return not found


def lock(arguments):
    """Resolve pyproject.toml again. Arguments go to uv: --upgrade, or --upgrade-package NAME."""
    bootstrap()
    compile_ = [BIN / "uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes"]
    compile_ += ["--no-emit-index-url", "--no-header", "--quiet", *arguments]
    # The runtime's versions bind those of the tests, so that what is tested is what runs.
    for name, more in ((RUNTIME, []), (TEST, ["--group", "test", "--constraints", RUNTIME])):
        code = run(*compile_, *more, "--output-file", name)
        if code:
            return code
        (ROOT / name).write_text(f"# {wishes()}\n" + (ROOT / name).read_text())
        print("made", name)
    return 0


def wishes():
    """A fingerprint of what pyproject.toml asks for. The lock files carry it; a test compares."""
    import tomllib  # here, as it came with the Python that this script asks for

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [project["project"]["requires-python"], project["project"]["dependencies"]]
    asked.append(project.get("dependency-groups", {}))
    return "pyproject.toml " + hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def install(name):
    """Bring .venv to a lock file, unless it is there already."""
    state = hashlib.sha256(repr((str(ROOT), sys.version_info[:2], UV)).encode())
    for path in (name, "pyproject.toml"):
        state.update((ROOT / path).read_bytes())
    stamp = VENV / f"{name}.installed"
    if stamp.exists() and stamp.read_text() == state.hexdigest() and (BIN / "lms").exists():
        return
    bootstrap()
    print("installing", name, flush=True)
    pip = [BIN / "uv", "pip", "install", "--python", PYTHON]
    pip += [] if sys.stderr.isatty() else ["--quiet"]
    if run(*pip, "--require-hashes", "-r", name) or run(*pip, "--no-deps", "--editable", "."):
        sys.exit("The libraries could not be installed; the reason stands above. Then run this again.")
    stamp.write_text(state.hexdigest())


def bootstrap():
    """Make .venv with the pinned uv in it."""
    if not PYTHON.exists() or run(PYTHON, "-c", ""):
        if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
            sys.exit(
                "This Python comes without venv. On Debian or Ubuntu: apt-get install python3-venv\n"
                "Then run this again."
            )
        print("making .venv", flush=True)
        if run(sys.executable, "-m", "venv", "--clear", VENV):
            sys.exit("The folder .venv could not be made; the reason stands above. Then run this again.")
    if run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV):
        sys.exit("uv could not be installed; the reason stands above. Is there a connection to PyPI?")


def chromium():
    named = os.environ.get("GOLDEN_THREAD_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, CHROMIUM)), None) or MAC_CHROME.exists()


def run(*command):
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # it got the same signal, and takes its servers down before it ends


def say(name):
    print(f"\n=== {name}", flush=True)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - a person may well start it with an older one
        sys.exit("Golden Thread needs Python 3.11 or later. This is Python {}.{}.".format(*sys.version_info))
    if os.name == "nt":
        sys.exit("Golden Thread runs on Linux and macOS. On Windows, run this inside WSL.")
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
