"""Ask an advisory source about the pinned requirements: `python -m tests.audit`, a part of `make lint`.

A known vulnerability fails. If no source can be reached, or the one that answers has no advisories (as a mirror that
keeps packages only), that is said, and nothing is claimed; it does not fail, since the code is not to blame.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = ("requirements.txt", "requirements-dev.txt")
SOURCES = ("pypi", "osv")
PATIENCE = 120  # seconds
KNOWN_BAD = "jinja2==2.10"  # a source that knows of no vulnerability in this one knows of none


def audit(file: str, source: str, *more: str) -> list[str] | None:
    """The vulnerabilities of a file's packages, as lines of text; None if the source does not answer."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", file, "--disable-pip", "--vulnerability-service",
               source, "--format", "json", "--progress-spinner", "off", "--timeout", "10", *more]  # fmt: skip
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        packages = json.loads(answer.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        return None
    return [
        f"{package['name']} {package['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or '–'}"
        for package in packages
        for known in package.get("vulns", [])
    ]


def source_with_advisories() -> str | None:
    """The first source that answers and knows what everybody knows."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(KNOWN_BAD)
        return next((source for source in SOURCES if audit(str(file), source, "--no-deps")), None)


def main() -> int:
    """Print what is known about each file; the number of files with a known vulnerability."""
    source = source_with_advisories()
    if source is None:
        print(f"NOT AUDITED: no source with advisories can be reached ({', '.join(SOURCES)}).")
        return 0
    failed = 0
    for file in FILES:
        problems = audit(file, source, "--require-hashes")
        if problems is None:
            print(f"{file}: NOT AUDITED: {source} did not answer.")
        elif problems:
            failed += 1
            print(f"{file}: vulnerabilities known to {source}:", *problems, sep="\n  ")
        else:
            print(f"{file}: no vulnerability known to {source}.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
