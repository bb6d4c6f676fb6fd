"""Ask pip-audit for known vulnerabilities of what is installed; where no service answers, say so and ask no further.

    python tests/packaging/audit.py

Exit code 1 with one line for each vulnerability; 0 if there is none, or nobody to ask (a closed network, a mirror that
knows packages but no vulnerabilities), which is said in one sentence.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SERVICES = ("osv", "pypi")
PATIENCE = 60
"""Seconds that one service may take for all packages."""


def audited(report: dict[str, Any]) -> int:
    """How many distributions a service knew something about, be it that they have no vulnerability."""
    return sum("skip_reason" not in row for row in report["dependencies"])


def findings(report: dict[str, Any]) -> list[str]:
    """One line a vulnerability: where it is, its names, and the versions that mend it."""
    return [
        f"{row['name']} {row['version']}: {', '.join([found['id'], *found.get('aliases', [])])}; "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for row in report["dependencies"]
        for found in row.get("vulns", [])
    ]


def ask(service: str) -> dict[str, Any] | None:
    """What pip-audit says of this environment, without ProofGrid itself; None if the service gave no answer."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--vulnerability-service", service]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return report


def main() -> int:
    """Ask the services in turn until one knows the packages."""
    for service in SERVICES:
        report = ask(service)
        if report is None or not audited(report):
            continue
        found = findings(report)
        for line in found:
            print(line)
        print(f"pip-audit ({service}): {audited(report)} distributions asked about, {len(found)} vulnerabilities")
        return 1 if found else 0
    print(f"pip-audit: nothing was audited, no vulnerability service ({', '.join(SERVICES)}) answers from here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
