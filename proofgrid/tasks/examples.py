"""The worked examples of the prompts that show one; a test scores each by its own task."""

from __future__ import annotations

from dataclasses import dataclass

from proofgrid.tasks.prompting import premise_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small item as it is shown, what there is to see, and the answer."""

    premises: tuple[str, ...]
    goal: str
    proof: str
    remark: str
    answer: str

    @property
    def problem(self) -> str:
        """Premises and goal as prompts show them."""
        return f"{premise_list(self.premises)}Goal: {self.goal}"

    @property
    def numbered(self) -> str:
        """The proof with its lines numbered."""
        return "\n".join(f"{n}| {line}" for n, line in enumerate(self.proof.split("\n"), 1))


CHECKING = Example(
    premises=("(A ==> B)", "(B ==> C)"),
    goal="(A ==> C)",
    proof="""{
  first := assume A {
    B BY mp on premise-1, A
  };
  c := C BY mp on premise-2, B;
  assume A { claim on c }
}""",
    remark="`B` was concluded inside the block of `assume A`, which is closed; at line 5 only `(A ==> B)` holds, and "
    "`mp` needs `B` to hold. Lines 2 to 4 are right, and what comes after line 5 does not matter.",
    answer='{"correct": false, "errorDetails": {"offendingLine": "c := C BY mp on premise-2, B;", '
    '"offendingLineNumber": 5, "errorType": "logic", "errorDescription": "B does not hold at this point: it was '
    'concluded in a block that is closed."}}',
)

MACRO_CHECKING = Example(
    premises=("(A | B)", "(B ==> C)", "(A ==> D)"),
    goal="(C | D)",
    proof="""{
  one := assume A { D from premise-3, A };
  two := assume B { D from premise-2, B };
  (C | D) from premise-1, one, two
}""",
    remark="From `(B ==> C)` and `B` follows `C`, not `D`: with B and C true and D false both justifiers are true and "
    "the conclusion is false.",
    answer='{"correct": false, "errorDetails": {"offendingLine": "two := assume B { D from premise-2, B };", '
    '"offendingLineNumber": 3, "errorType": "logic", "errorDescription": "D does not follow from (B ==> C) and B.", '
    '"counterexample": {"B": true, "C": true, "D": false}}}',
)

MASKING = Example(
    premises=("(A & B)",),
    goal="(B & A)",
    proof="""{
  MASK1 BY right-and on premise-1;
  A BY MASK2 on premise-1;
  (B & A) BY MASK4 on B, MASK3
}""",
    remark="`right-and` gives the right half of `(A & B)`, which is `B`; `A` is its left half; and `(B & A)` is put "
    "together from `B` and `A`, in this order.",
    answer='{"masks": {"MASK1": "B", "MASK2": "left-and", "MASK3": "A", "MASK4": "both"}}',
)

GAPS = Example(
    premises=("(A ==> (B & C))",),
    goal="(A ==> C)",
    proof="""assume A {
  GAP-1;
  right-and on bc
}""",
    remark="The last step needs something called `bc` whose right half is `C`; `(B & C)` follows from the premise and "
    "`A`.",
    answer="""GAP-1:
bc := (B & C) BY mp on premise-1, A""",
)
