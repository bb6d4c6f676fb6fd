"""Frozen suites: the same items for everybody, hashed, and made again by one command.

``v1`` lies beside this file. A private suite is a directory that ``freeze_suite`` wrote; every function here takes
either the name of a suite that ships or the path of such a directory.
"""

from proofgrid.tasks.suites.freeze import GENERATOR_VERSION, SUITE_SIZES, freeze_suite, verify_suite
from proofgrid.tasks.suites.store import load_suite, suite_manifest, suite_names

__all__ = [
    "GENERATOR_VERSION",
    "SUITE_SIZES",
    "freeze_suite",
    "load_suite",
    "suite_manifest",
    "suite_names",
    "verify_suite",
]
