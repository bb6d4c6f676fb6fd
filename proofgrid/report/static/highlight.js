// Syntax colours for all four languages, and proofs as numbered lines with what the checker said of them.
const TOKEN = /(#.*$)|\b(assume|suppose-absurd|by|on|from|assert|premise|axiom[123])\b(?![-\w])|(<==>|==>|:=|[~&|=;{}])|([A-Za-z_][\w'-]*)/gi;
const RULES = new Set(("claim left-and right-and both mp left-either right-either cases absurd dn left-iff right-iff equiv " +
  "ex-middle dm dsyl neg-cond neg-bicond from-false mt cond-def bicond-def bicond-def' from-complements by-contradiction").split(" "));
const LINE_LIMIT = 4000;

function colour(parent, text, language) {
  let from = 0;
  TOKEN.lastIndex = 0;
  for (let m; (m = TOKEN.exec(text)); ) {
    const kind = m[1] ? "c" : m[2] ? "k" : m[3] ? "o" : RULES.has(m[4]) && language !== "equational" ? "r"
      : /^[A-Z][0-9_]*$/.test(m[4]) || language === "equational" || language === "hilbert" ? "" : /^(true|false)$/.test(m[4]) ? "k" : "n";
    if (!kind) continue;
    if (m.index > from) put(parent, text.slice(from, m.index));
    parent.append(h("span", { class: kind }, m[0]));
    from = TOKEN.lastIndex;
  }
  if (from < text.length) put(parent, text.slice(from));
}

// A line of the proof. Columns count from 1 in the text as written; of a very long line only the part around `column` is shown.
function lineOf(text, number, language, classes, marks, plainly) {
  const paint = plainly ? put : (parent, part) => colour(parent, part, language);
  const line = h("span", { class: "ln " + (classes || ""), "data-n": number });
  let cut = 0;
  if (text.length > LINE_LIMIT) {
    cut = marks.length ? Math.max(0, marks[0][0] - LINE_LIMIT / 2) : 0;
    if (cut) line.append(h("span", { class: "c" }, "… " + group(cut) + " characters … "));
  }
  const shown = text.slice(cut, cut + LINE_LIMIT), rest = text.length - cut - shown.length;
  let from = 0;
  for (const [column, length] of [...marks].sort((a, b) => a[0] - b[0])) {
    const at = column - 1 - cut;
    if (at < from) continue;
    paint(line, shown.slice(from, at));
    const mark = h("mark", { class: column === marks[0][0] ? "" : "other" });
    paint(mark, shown.slice(at, at + length));
    line.append(mark);
    from = at + length;
  }
  paint(line, shown.slice(from));
  if (rest > 0) line.append(h("span", { class: "c" }, " … " + group(rest) + " more characters (the raw answer has them)"));
  line.append("\n");
  return line;
}

// Blocks of a long proof get their colours when they come into view; before that they are plain lines.
const soon = "IntersectionObserver" in window ? new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting || !entry.target.paint) continue;
    soon.unobserve(entry.target);
    entry.target.paint(false);
    entry.target.paint = null;
  }
}, { rootMargin: "200px" }) : null;

// `notes`: line -> list of {kind: "fail" | "fix" | "claim", marks: [[column, length, label]], text, more}; lines after `last` are set back.
function codeBlock(text, language, label, notes, last) {
  const lines = text.split("\n"), box = h("div", { class: "in" });
  const long = text.length > 6000;
  const render = (start, end, plainly) => {
    const out = [];
    for (let i = start; i < end; i++) {
      const here = (notes && notes.get(i + 1)) || [];
      const fail = here.find((n) => n.kind === "fail");
      const classes = (fail ? "fail" : here.some((n) => n.kind === "fix") ? "fixed" : here.length ? "claim" : "") + (last && i + 1 > last ? " after" : "");
      out.push(lineOf(lines[i], i + 1, language, classes, (fail && fail.marks) || [], plainly));
      for (const note of here) out.push(diagnosis(note, lines[i]));
    }
    return out;
  };
  for (let start = 0; start < lines.length; ) {
    let end = start, size = 0;
    do size += Math.min(lines[end++].length, LINE_LIMIT) + 20; while (end < lines.length && size < 4000);
    const from = start, to = end;
    const chunk = h("div", { class: long ? "lines" : "lines few" }, render(from, to, long && soon !== null));
    if (long && soon) {
      chunk.paint = (plainly) => chunk.replaceChildren(...render(from, to, plainly));
      soon.observe(chunk);
    }
    box.append(chunk);
    start = end;
  }
  return h("div", { class: "code", tabindex: 0, role: "group", "aria-label": label }, box);
}

// Carets under the culprit, dashes under what goes with it, and a word on each: the rightmost beside its sign, the others below.
function pointers(marks, line) {
  const pad = (column) => line.slice(0, column - 1).replace(/[^\t]/g, " ");
  const ordered = marks.map(([column, length, label], i) => ({ column, length, label, sign: i ? "-" : "^" })).sort((a, b) => a.column - b.column);
  let under = "", at = 0;
  for (const m of ordered) {
    const start = pad(m.column);
    if (start.length < at) continue;
    under += start.slice(at) + m.sign.repeat(Math.max(1, m.length));
    at = start.length + Math.max(1, m.length);
  }
  const last = ordered.at(-1);
  const below = ordered.slice(0, -1).reverse().filter((m) => m.label).map((m) => pad(m.column) + m.label + "\n");
  return under + (last.label ? " " + last.label : "") + "\n" + below.join("");
}

function diagnosis(note, line) {
  const out = h("div", { class: "diag " + (note.kind === "fail" ? "" : note.kind) });
  const marks = note.kind === "fail" ? (note.marks || []).filter(([column, length]) => column + length < LINE_LIMIT / 2) : [];
  if (marks.length) out.append(h("span", {}, pointers(marks, line)));
  out.append(h("p", {}, clip(note.text, 4000)));
  for (const more of note.more || []) out.append(h("p", { class: "more" }, clip(more, 4000)));
  return out;
}

// Any text, however long: blocks that the browser lays out only when they come into view, the first at once.
function bigText(text) {
  const box = h("div", { class: "big", tabindex: 0, role: "group", "aria-label": "text" });
  const block = 8000, first = 24000;
  const grow = (from, to) => { for (let i = from; i < to; i += block) box.append(h("div", {}, text.slice(i, Math.min(to, i + block)))); };
  grow(0, Math.min(first, text.length));
  if (text.length > first) {
    let shown = first;
    const button = h("button", { type: "button", onclick: () => {
      const to = Math.min(text.length, shown + 100000);
      button.remove();
      grow(shown, to);
      shown = to;
      if (shown < text.length) { button.textContent = more(); box.append(button); }
    } });
    const more = () => "show more (" + group(text.length - shown) + " characters are left)";
    button.textContent = more();
    box.append(button);
  }
  return box;
}
