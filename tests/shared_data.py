"""Where the data that the project may not hold lies: published answers and verdicts, and cases that were tried.

Tests that need it bear ``pytest.mark.shared``: they skip where it is absent, and fail under PROOFGRID_REQUIRE_SHARED=1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

SHARED: Final = Path(__file__).resolve().parents[2] / "shared"
PUBLISHED_CHECKING: Final = (SHARED / "data" / "pl1_pc_published.jsonl", SHARED / "data" / "pl1_pc_published_2.jsonl")
PUBLISHED_HILBERT: Final = SHARED / "data" / "pl4_pw_c_published.jsonl"
ANSWERS: Final = SHARED / "cases" / "answers.jsonl"
GAMING: Final = SHARED / "cases" / "gaming.py"
