"""NDL's rules and structural fixes, written a second time from the language's description."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tests.gaming.formulas import Form, complements


def _is(form: Form, op: str) -> bool:
    return not isinstance(form, str) and form[0] == op


def by_rule(rule: str, given: Sequence[Form], holds: Collection[Form]) -> list[Form]:
    """What a rule application concludes (neg-cond and others: every form that fits); [] where it is not right."""
    found = _concludes(rule, given)
    return [conclusion for needs, conclusion in found if all(form in holds for form in needs)]


def _concludes(rule: str, given: Sequence[Form]) -> list[tuple[list[Form], Form]]:
    """(what must hold, what is concluded) for every form of the rule that fits the arguments."""
    p = given[0] if given else ""
    q = given[1] if len(given) > 1 else ""
    one, two, three = len(given) == 1, len(given) == 2, len(given) == 3
    out: list[tuple[list[Form], Form]] = []
    if rule == "claim" and one:
        out.append(([p], p))
    elif rule in ("left-and", "right-and") and one and _is(p, "&"):
        out.append(([p], p[1 if rule == "left-and" else 2]))
    elif rule == "both" and two:
        out.append(([p, q], ("&", p, q)))
    elif rule == "mp" and two and _is(p, "==>") and p[1] == q:
        out.append(([p, q], p[2]))
    elif rule in ("left-either", "right-either") and two:
        out.append(([p if rule == "left-either" else q], ("|", p, q)))
    elif rule == "cases" and three:
        r = given[2]
        if _is(p, "|") and _is(q, "==>") and _is(r, "==>") and (p[1], p[2], q[2]) == (q[1], r[1], r[2]):
            out.append(([p, q, r], q[2]))
    elif rule == "absurd" and two and complements(p, q):
        out.append(([p, q], "false"))
    elif rule == "dn" and one and _is(p, "~") and _is(p[1], "~"):
        out.append(([p], p[1][1]))
    elif rule in ("left-iff", "right-iff") and one and _is(p, "<==>"):
        out.append(([p], ("==>", p[1], p[2]) if rule == "left-iff" else ("==>", p[2], p[1])))
    elif rule == "equiv" and two and _is(p, "==>") and _is(q, "==>") and (p[1], p[2]) == (q[2], q[1]):
        out.append(([p, q], ("<==>", p[1], p[2])))
    elif rule == "ex-middle" and one:
        out.append(([], ("|", p, ("~", p))))
    elif rule == "dm" and one and _is(p, "~") and (_is(p[1], "&") or _is(p[1], "|")):
        out.append(([p], ("|" if p[1][0] == "&" else "&", ("~", p[1][1]), ("~", p[1][2]))))
    elif rule == "dsyl" and two and _is(p, "|"):
        out += [([p, q], p[3 - k]) for k in (1, 2) if complements(p[k], q)]
    elif rule == "neg-cond" and one:
        if _is(p, "~") and _is(p[1], "==>"):
            out.append(([p], ("&", p[1][1], ("~", p[1][2]))))
        if _is(p, "&") and _is(p[2], "~"):
            out.append(([p], ("~", ("==>", p[1], p[2][1]))))
    elif rule in ("neg-bicond", "bicond-def'") and one:
        out += _biconditional(rule, p)
    elif rule == "from-false" and one:
        out.append((["false"], p))
    elif rule == "mt" and two and _is(p, "==>") and complements(p[2], q):
        out.append(([p, q], ("~", p[1])))
    elif rule == "cond-def" and one:
        if _is(p, "==>"):
            out.append(([p], ("|", ("~", p[1]), p[2])))
        if _is(p, "|") and _is(p[1], "~"):
            out.append(([p], ("==>", p[1][1], p[2])))
    elif rule == "from-complements" and three and complements(q, given[2]):
        out.append(([q, given[2]], p))
    elif rule == "by-contradiction" and two and _is(q, "==>") and q[2] == "false" and complements(p, q[1]):
        out.append(([q], p))
    return out


def _biconditional(rule: str, p: Form) -> list[tuple[list[Form], Form]]:
    out: list[tuple[list[Form], Form]] = []
    if rule == "neg-bicond":
        if _is(p, "~") and _is(p[1], "<==>"):
            a, b = p[1][1:]
            out.append(([p], ("|", ("&", a, ("~", b)), ("&", ("~", a), b))))
        if _is(p, "|") and _is(p[1], "&") and _is(p[2], "&"):
            a, b = p[1][1], p[2][2]
            if p == ("|", ("&", a, ("~", b)), ("&", ("~", a), b)):
                out.append(([p], ("~", ("<==>", a, b))))
        return out
    if _is(p, "<==>"):
        a, b = p[1:]
        out.append(([p], ("|", ("&", a, b), ("&", ("~", a), ("~", b)))))
    if _is(p, "|") and _is(p[1], "&"):
        a, b = p[1][1:]
        if p == ("|", ("&", a, b), ("&", ("~", a), ("~", b))):
            out.append(([p], ("<==>", a, b)))
    return out


# ---- the structural fixes


def bare(form: Form) -> Form:
    """The formula without double negations."""
    if isinstance(form, str):
        return form
    parts = tuple(bare(part) for part in form[1:])
    if form[0] == "~" and _is(parts[0], "~"):
        return parts[0][1]
    return (form[0], *parts)


def ordered(form: Form) -> Form:
    """The formula with the sides of every & and | in one order."""
    if isinstance(form, str):
        return form
    parts = tuple(ordered(part) for part in form[1:])
    if form[0] in "&|" and repr(parts[0]) > repr(parts[1]):
        parts = parts[::-1]
    return (form[0], *parts)


def normal(form: Form) -> Form:
    """The formula with negations at the letters, by De Morgan's laws and double negation only."""
    if isinstance(form, str):
        return form
    if form[0] == "~" and not isinstance(form[1], str):
        inner = form[1]
        if inner[0] == "~":
            return normal(inner[1])
        if inner[0] in "&|":
            return ("|" if inner[0] == "&" else "&", normal(("~", inner[1])), normal(("~", inner[2])))
    return (form[0], *(normal(part) for part in form[1:]))


def by_slip(kinds: Collection[str], rule: str, given: Sequence[Form], stated: Form, holds: Collection[Form]) -> bool:
    """Whether the recorded kinds of fixes make this application give ``stated``."""
    results = by_rule(rule, given, holds)
    if "mangled-from-false" in kinds and rule == "from-false" and list(given) == ["false"] and "false" in holds:
        results.append(stated)
    if "incorrect-application" in kinds:
        results += _corrected(rule, given, stated, holds)
    for result in results:
        loose = "double-negation" in kinds and rule in ("dm", "neg-cond", "cond-def", "mt")
        one, two = (bare(result), bare(stated)) if loose else (result, stated)
        if "commutativity" in kinds:
            one, two = ordered(one), ordered(two)
        if one == two:
            return True
    return False


def _corrected(rule: str, given: Sequence[Form], stated: Form, holds: Collection[Form]) -> list[Form]:
    held = [form for form in given if form in holds]
    out: list[Form] = []
    if rule in ("left-and", "right-and"):
        out += [part for form in held[:2] if _is(form, "&") for part in form[1:]]
    if rule in ("left-either", "right-either") and len(given) == 2 and held:
        out += [("|", given[0], given[1]), ("|", given[1], given[0])]
    if rule in ("left-iff", "right-iff", "left-and", "right-and") and len(given) == 1:
        for other in ("left-iff", "right-iff", "left-and", "right-and"):
            out += by_rule(other, given, holds)
    if rule == "equiv" and len(held) == 2:
        out += [f for pair in (given, given[::-1]) for f in by_rule("equiv", pair, holds)]
        p, q = given
        if _is(p, "==>") and _is(q, "==>") and (p[1], p[2]) == (q[2], q[1]):
            out += [("<==>", p[1], p[2]), ("<==>", p[2], p[1])]
    if rule == "mt" and len(held) == 2:
        for p, q in (given, given[::-1]):
            if _is(p, "==>") and q == ("==>", p[2], "false"):
                out.append(("~", p[1]))
    if rule == "dn" and len(held) == 1 and bare(held[0]) == bare(stated):
        out.append(stated)
    if rule == "dm" and len(held) == len(given) <= 2:
        whole = given[0] if len(given) == 1 else ("&", *given)
        if normal(whole) == normal(stated):
            out.append(stated)
    return out
