"""The page as a file: what its policy lets in, that nothing hostile is in it, and what goes beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from proofgrid.errors import RunError
from proofgrid.report import write_report
from proofgrid.report.board import make_board
from proofgrid.report.packing import pack
from proofgrid.report.page import Live, build_page
from proofgrid.report.simulate import simulate_run
from proofgrid.report.text import one_line, utf8, visible
from proofgrid.run import load_run
from proofgrid.run.load import open_run
from proofgrid.run.scored import ScoredRun
from tests.proofgrid.hostile_texts import HOSTILE, MARK, hostile_run
from tests.proofgrid.small_items import write_run

HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029\x00-\x08\x1b]")


class Elements(HTMLParser):
    """Counts elements and attributes, and keeps the content of scripts by id."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.scripts: dict[str, str] = {}
        self.ids: list[str] = []
        self.words: list[str] = []
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        self.words += [v for k, v in attrs if v and k not in ("href", "data-v", "content")]
        self._open = str(found.get("id") or "main script") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        """Note that a script has ended."""
        self._open = None

    def handle_data(self, data: str) -> None:
        """Keep scripts apart from words."""
        if self._open is not None:
            self.scripts[self._open] = self.scripts.get(self._open, "") + data
        else:
            self.words.append(data)


@pytest.fixture(scope="module")
def run() -> ScoredRun:
    """Six models on two tasks."""
    return simulate_run(6, 5, tasks=("pl1_pw", "pl1_pc"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page about the hostile run."""
    out = tmp_path_factory.mktemp("page") / "report.html"
    assert write_report([hostile_run()], out) == [out]
    return out.read_text("utf-8")


def unpack(text: str) -> object:
    """What the page's script does with a chunk."""
    return json.loads(zlib.decompress(base64.b64decode(text), -15))


def test_policy_lets_in_the_page_s_own_style_and_script_and_nothing_else(page: str) -> None:
    """The policy names the hashes of exactly the style and the script that are there, and no source of anything."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in policy.group(1).replace("&#39;", "'").split(";"))

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    style = re.search(r"<style>(.*?)</style>", page, re.S)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert style is not None
    assert len(scripts) == 1
    assert rules["style-src"] == digest(style.group(1))
    assert rules["script-src"] == digest(scripts[0])
    assert {rules[k] for k in ("default-src", "connect-src", "base-uri", "form-action")} == {"'none'"}
    assert rules["img-src"] == "data:"


def test_no_hostile_text_becomes_markup(page: str) -> None:
    """No element or attribute of a hostile text is in the page, and its mark stands nowhere unescaped."""
    found = Elements(page)
    assert not {"img", "iframe", "object", "embed", "base", "form", "foreignobject", "animate", "b autofocus"} & set(
        found.tags
    )
    assert not [a for a in found.attributes if a.startswith("on") or a == "style"]
    assert found.tags["style"] == 1
    assert found.tags["meta"] == 6
    assert f"<script>{MARK}" not in page
    assert page.count("<script>") == 1


def test_hidden_characters_are_made_visible(page: str) -> None:
    """What a person reads holds no control that hides or reorders text; its code point is written instead."""
    words = " ".join(Elements(page).words)
    assert not HIDDEN.search(words)
    assert "⟨U+202E⟩gnp.exe" in words


def test_ids_are_unique_and_labels_lead_somewhere(page: str) -> None:
    """Every id is there once, and every table and figure is named by an element of the page."""
    found = Elements(page)
    assert len(found.ids) == len(set(found.ids))
    for named in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert set(named.split()) <= {*found.ids, "v-title"}


def test_every_answer_is_in_its_chunk(page: str) -> None:
    """A chunk holds the answers of all models to an item, word for word, but for what no UTF-8 can hold."""
    found = Elements(page)
    index = json.loads(found.scripts["index"])
    run = hostile_run()
    assert len(index["items"]) == len(HOSTILE)
    for n, (item, *_rest) in enumerate(index["items"]):
        chunk = unpack(found.scripts[f"c{n}"])
        assert isinstance(chunk, dict)
        mine = run.attempts[run.attempts["item"] == item].set_index("model")
        for who, model in enumerate(run.attempts["model"].unique()):
            place = index["models"].index(visible(" ".join(model.split())))
            (answer,) = chunk["answers"][str(place)]
            if "z" in answer:
                answer = unpack(answer["z"])
            assert answer.get("text", "") == mine.loc[model, "text"], (who, item)


def test_answers_that_do_not_fit_go_into_files_beside_it(run: ScoredRun) -> None:
    """With too little room all chunks go into scripts beside the page, whole and once, and nothing else is in them."""
    board = make_board([run])
    whole = pack(board, 10_000_000, refuse)
    assert whole.files == ()
    assert sorted(whole.chunks) == list(range(len(run.items)))
    written: dict[str, bytes] = {}
    tight = pack(board, 10_000, written.__setitem__, file_bytes=15_000)
    assert tight.chunks == {}
    assert list(written) == list(tight.files)
    assert len(written) > 2
    held: dict[int, int] = {}
    for number, name in enumerate(tight.files):
        text = written[name].decode("ascii")
        assert re.fullmatch(r"proofgridAnswers\(\{[\w\"+/=:, ]*\}\);\n", text)
        for place, chunk in json.loads(text[len("proofgridAnswers(") : -3]).items():
            assert unpack(chunk) == unpack(whole.chunks[int(place)])
            held[int(place)] = number
    assert [held[place] for place in range(len(run.items))] == [item[3] for item in tight.index["items"]]


def refuse(name: str, content: bytes) -> None:
    """A sink that nothing may go to."""
    raise AssertionError(f"{name} was written")


def test_only_a_page_with_files_beside_it_may_load_scripts(run: ScoredRun) -> None:
    """The policy lets the page's script make script addresses where answers lie beside it, and nowhere else."""
    alone = build_page(make_board([run]), "run", "files", refuse).decode()
    assert "strict-dynamic" not in alone
    assert "trusted-types &#39;none&#39;" in alone
    beside = build_page(make_board([run]), "run", "files", lambda *_: None, page_bytes=0).decode()
    assert "strict-dynamic" in beside
    assert "trusted-types proofgrid-answers" in beside
    assert json.loads(Elements(beside).scripts["files"])["names"] == ["answers-0000.js"]
    assert '<script type="text/plain"' not in beside


def test_texts_left_in_the_store_make_the_same_page(tmp_path: Path) -> None:
    """A run read without its texts gives the same bytes as one that holds them all in memory."""
    folder = write_run(tmp_path / "run", 6, items=6)
    (whole,) = write_report([load_run(folder)], tmp_path / "a" / "report.html")
    with open_run(folder) as light:
        assert set(light.attempts["text"]) == {""}
        (lean,) = write_report([light], tmp_path / "b" / "report.html")
    assert whole.read_bytes() == lean.read_bytes()


def test_the_same_run_gives_the_same_bytes(run: ScoredRun, tmp_path: Path) -> None:
    """Two reports of one run are equal to the byte, whatever the file is called."""
    first, second = (write_report([run], tmp_path / f"{name}.html")[0].read_bytes() for name in ("report", "report"))
    assert first == second


def test_live_page_may_ask_its_own_server_only(run: ScoredRun) -> None:
    """A served page may connect to where it came from; it says its version and leaves the 2PL fit out."""
    text = build_page(make_board([run]), "run", "files", lambda *_: None, live=Live(2.0, "7-abc")).decode()
    assert "connect-src &#39;self&#39;" in text
    assert json.loads(Elements(text).scripts["board"])["version"] == "7-abc"
    assert "leaves the 2PL model out" in text


def test_old_pages_beside_a_report_are_removed(run: ScoredRun, tmp_path: Path) -> None:
    """What an earlier, larger report left in the folder does not stay to be mistaken for this one's."""
    folder = tmp_path / "report_files"
    folder.mkdir()
    (folder / "answers-009.html").write_text("old")
    (folder / "answers-0009.js").write_text("old")
    (folder / "mine.txt").write_text("keep")
    write_report([run], tmp_path / "report.html")
    assert [p.name for p in folder.iterdir()] == ["mine.txt"]


def test_runs_that_cannot_be_put_together_are_refused(run: ScoredRun) -> None:
    """No answers, and two problems of one id, are each one sentence."""
    empty = ScoredRun("empty", {}, run.items, run.attempts.iloc[:0])
    with pytest.raises(RunError, match="holds no answers yet"):
        make_board([empty])
    other = simulate_run(2, 5, seed=2, tasks=("pl1_pw",))
    renamed = dict(zip(run.items, other.items.values(), strict=False))
    with pytest.raises(RunError, match="different problems called"):
        make_board([run, ScoredRun("other", {}, renamed, run.attempts)])


def test_visible_text() -> None:
    """Hidden characters are named, tabs and line feeds stay, and what has no UTF-8 is named too."""
    assert visible("a\u202eb\u200b\x00\r\n\tc") == "a⟨U+202E⟩b⟨U+200B⟩⟨U+0000⟩\n\tc"
    assert utf8("x\ud800").decode() == "x⟨U+D800⟩"
    assert one_line("a  b\nc" + "d" * 50, 8) == "a b cddd…"
    assert visible("عربي 漢字 ∀") == "عربي 漢字 ∀"
