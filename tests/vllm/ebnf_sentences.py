"""Which texts are sentences of which grammars by xgrammar, run in the environment of vLLM.

Reads ``[[EBNF, [text, ...]], ...]`` as JSON from standard input and writes ``[[true, ...], ...]``.
"""

from __future__ import annotations

import json
import sys

import xgrammar

BYTES = [bytes([code]) for code in range(1, 256)]


def main() -> None:
    """Judge every text."""
    info = xgrammar.TokenizerInfo([*BYTES, b"<eos>"], stop_token_ids=[len(BYTES)])
    compiler = xgrammar.GrammarCompiler(info)
    said = []
    for ebnf, texts in json.load(sys.stdin):
        compiled = compiler.compile_grammar(xgrammar.Grammar.from_ebnf(ebnf))
        rows = []
        for text in texts:
            matcher = xgrammar.GrammarMatcher(compiled)
            rows.append(bool(matcher.accept_string(text) and matcher.accept_token(len(BYTES))))
        said.append(rows)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
