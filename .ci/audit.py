"""Compare the pinned requirements with published advisories; say plainly what could not be compared.

Fails when a vulnerability is known. Where no advisory source can be reached, nothing is known, which is said.
"""

import json
import subprocess
import sys
from pathlib import Path

COMMAND = ["-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--timeout", "10"]


def main() -> int:
    requirements = Path(__file__).parent.parent / "requirements.txt"
    try:
        done = subprocess.run(
            [sys.executable, *COMMAND, "--requirement", str(requirements)],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        print("pip-audit: no advisory source could be reached; nothing is known about the pinned packages.")
        return 0
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    vulnerable = [(package, each) for package in packages for each in package.get("vulns", [])]
    for package, each in vulnerable:
        versions = ", ".join(each["fix_versions"]) or "none yet"
        print(f"pip-audit: {package['name']} {package['version']}: {each['id']}, mended in: {versions}")
    if len(unknown) == len(packages):
        print("pip-audit: no advisory source could be reached; nothing is known about the pinned packages.")
    else:
        print(f"pip-audit: {len(packages) - len(unknown)} packages compared with advisories, {len(unknown)} not.")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    raise SystemExit(main())
