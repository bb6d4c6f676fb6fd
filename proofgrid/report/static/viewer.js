// The proof viewer: #model/item opens any answer; the chunk with its texts is unpacked when it is looked at.
const index = json("index");
const body = $("v-body");
let current = null;
const itemNumber = new Map(index ? index.items.map((it, i) => [it[0], i]) : []);
const modelNumber = new Map(index ? index.models.map((m, i) => [m, i]) : []);
const OUTCOME = new Map((index ? index.outcomes : []).map(([name, mark, tone, meaning, missing], code) => [name, { name, mark, tone, meaning, missing, code: String(code) }]));
const NO_ANSWER = { name: "no answer", mark: "·", tone: "", meaning: "This model has no answer to this item.", missing: true };
const coded = index ? [...OUTCOME.values()] : [];
const outcomeOf = (who, item) => { const c = index.answers[who][item]; return c === "." ? NO_ANSWER : coded[Number(c)]; };
const named = (name) => OUTCOME.get(name) || { ...NO_ANSWER, name };
const wrong = (who, item) => { const o = outcomeOf(who, item); return o.name !== "correct" && !o.missing; };

function firstOf(who, task) {
  let any = -1;
  for (let i = 0; i < index.items.length; i++) {
    if (index.items[i][1] !== task || index.answers[who][i] === ".") continue;
    if (wrong(who, i)) return i;
    if (any < 0) any = i;
  }
  return any;
}

const encode = (text) => encodeURIComponent(text).replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/%40/g, "@");
const hashOf = (who, item, attempt, round) => "#" + encode(index.models[who]) + "/" + encodeURIComponent(index.items[item][0]) +
  (attempt || round ? "~" + attempt + (round ? "." + round : "") : "");

function parseHash(hash) {
  if (!index || !hash.includes("/")) return null;
  let text;
  try { text = decodeURIComponent(hash.slice(1)); } catch { return null; }
  const slash = text.lastIndexOf("/");
  const m = /^(.*?)(?:~(\d+)(?:\.(\d+))?)?$/s.exec(text.slice(slash + 1));
  const who = modelNumber.get(text.slice(0, slash)), item = itemNumber.get(m[1]);
  return who === undefined || item === undefined ? null : { who, item, attempt: Number(m[2] || 0), round: Number(m[3] || 0) };
}

// Where the address leads: what is shown follows a moment later, and a key pressed meanwhile goes on from here.
const going = () => parseHash(location.hash) || current;

function open(who, item, attempt, round) { location.hash = hashOf(who, item, attempt, round); }

async function unpack(base64) {
  const raw = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

const chunks = new Map();
async function chunk(item) {
  if (chunks.has(item)) return chunks.get(item);
  const holder = $("c" + item);
  const data = await unpack(holder ? holder.textContent : (await answersFile(index.items[item][3]))[item]);
  chunks.set(item, data);
  if (chunks.size > 8) chunks.delete(chunks.keys().next().value);
  return data;
}

// Answers beside the page: scripts that hand over their text, loaded when first looked at. The address is made of what
// the page was written with; the page's policy lets no other script make one.
const files = json("files");
const addresses = files && files.names.length && window.trustedTypes
  ? trustedTypes.createPolicy("proofgrid-answers", { createScriptURL: (name) => files.folder + "/" + name }) : null;
const loaded = new Map();
let handed = null;
globalThis.proofgridAnswers = (found) => { handed = found; };

function answersFile(number) {
  if (loaded.has(number)) return loaded.get(number);
  const name = files.names[number];
  const text = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.addEventListener("load", () => { script.remove(); if (handed) resolve(handed); else reject(new Error(name)); handed = null; });
    script.addEventListener("error", () => { script.remove(); loaded.delete(number); reject(new Error(name)); });
    script.src = addresses ? addresses.createScriptURL(name) : files.folder + "/" + name;
    document.head.append(script);
  });
  loaded.set(number, text);
  if (loaded.size > 6) loaded.delete(loaded.keys().next().value);
  return text;
}

async function show(at) {
  const another = current && (current.who !== at.who || current.item !== at.item);
  current = at;
  const [id, task, level] = index.items[at.item];
  let data;
  try { data = await chunk(at.item); } catch {
    if (current !== at) return;
    fillBar(at);
    body.replaceChildren(h("h1", { id: "v-title", tabindex: -1 }, index.models[at.who]), strip(at), h("p", { class: "notice" },
      "The answers are in the folder " + decodeURIComponent(files.folder) + ", which goes with this page and was not found beside it."));
    return;
  }
  if (current !== at) return;
  const list = (data && data.answers[at.who]) || [];
  for (const a of list.filter((x) => x.z)) Object.assign(a, await unpack(a.z), { z: null });
  if (current !== at) return;
  const answer = list.find((a) => a.a === at.attempt && a.r === at.round) || list[0];
  fillBar(at);
  body.replaceChildren(...render(at, data, answer, list, index.tasks[task], id, level));
  document.title = plain(id + " – " + index.models[at.who]);
  const settling = ++touches;
  for (const box of body.querySelectorAll(".code")) bringIntoView(box, settling);
  if (another) scrollTo(0, 0);
  bringOnScreen(settling);
  document.dispatchEvent(new CustomEvent("shown", { detail: at }));
}

// Whoever does something while a page takes its place has the last word on where it stands.
let touches = 0;
for (const sort of ["keydown", "wheel", "pointerdown"]) addEventListener(sort, () => { touches += 1; }, { capture: true, passive: true });

const failingLine = (box) => box.querySelector(".ln.fail") || box.querySelector(".ln.claim");

// Puts the line that fails (or that the model named) a third of the way down its panel, with what is underlined in it.
// Blocks of a long proof take their true height only when they are laid out, so it is done again until the line stays
// where it should be.
function bringIntoView(box, settling = touches, tries = 8) {
  const line = failingLine(box);
  if (!line || settling !== touches) return;
  const panel = box.getBoundingClientRect();
  if (box.scrollHeight > box.clientHeight) {
    const off = line.getBoundingClientRect().top - panel.top - box.clientHeight / 3;
    if (Math.abs(off) > 1) box.scrollTop += off;
  }
  const mark = line.querySelector("mark:not(.other)");
  if (mark && box.scrollWidth > box.clientWidth) {
    const place = mark.getBoundingClientRect();
    const out = Math.min(place.right, place.left + box.clientWidth / 2) - panel.left - box.clientWidth;
    if (out > 0) box.scrollLeft += out + 24;
  }
  if (tries > 0) requestAnimationFrame(() => bringIntoView(box, settling, tries - 1));
}

// And the panel into the window, where the line stands below its edge, with the words under it: as little as will do.
function bringOnScreen(settling, tries = 9) {
  const line = failingLine(body);
  if (!line || $("viewer").hidden || settling !== touches) return;
  const words = line.nextElementSibling && line.nextElementSibling.classList.contains("diag") ? line.nextElementSibling : line;
  const top = line.getBoundingClientRect().top;
  const bottom = Math.min(words.getBoundingClientRect().bottom, line.closest(".code").getBoundingClientRect().bottom);
  const below = Math.min(bottom + 12 - innerHeight, top - 12);
  if (below > 0 || top < 0) scrollBy(0, below > 0 ? below : top - 12);
  if (tries > 0) requestAnimationFrame(() => bringOnScreen(settling, tries - 1));
}

function goToFailure() {
  const line = body.querySelector(".ln.fail") || body.querySelector(".ln.claim") || body.querySelector(".diag");
  if (!line) return;
  const box = line.closest(".code");
  if (box) bringIntoView(box);
  (box || line).scrollIntoView({ block: "nearest" });
  const focus = box || line;
  if (!focus.hasAttribute("tabindex")) focus.tabIndex = -1;
  focus.focus({ preventScroll: true });
}

function fillBar(at) {
  const fill = (select, options, chosen) => {
    const key = options.length + "|" + options[0]?.[1] + "|" + options.at(-1)?.[1];
    if (select.dataset.key !== key) {
      select.replaceChildren(...options.map(([v, t]) => h("option", { value: v }, t)));
      select.dataset.key = key;
    }
    select.value = chosen;
  };
  const task = index.items[at.item][1];
  fill($("v-model"), board.order.map((i) => [i, index.models[i]]), at.who);
  fill($("v-task"), index.tasks.map((t, i) => [i, t.short]), task);
  const of = index.items.map((it, i) => [i, it]).filter(([, it]) => it[1] === task);
  const marks = of.map(([i, it]) => [i, outcomeOf(at.who, i).mark + " " + it[0]]);
  $("v-item").dataset.key = "";
  fill($("v-item"), marks, at.item);
}

function render(at, data, answer, list, task, id, level) {
  const out = [];
  const code = answer ? answer.o : "missing";
  const { tone, mark, meaning } = named(code);
  const correct = code === "correct";
  out.push(h("div", { class: "vhead" }, h("h1", { id: "v-title", tabindex: -1 }, index.models[at.who]),
    h("span", { class: "badge " + tone, title: meaning }, mark + " " + code.replace("_", " ")),
    correct && !answer.strict && h("span", { class: "badge warn" }, "not in the strict language"),
    answer && !correct && answer.points > 0 && h("span", { class: "badge" }, "credit " + Math.round(100 * answer.points) + "%")));
  out.push(h("p", { class: "verdict" }, sentence(answer)));
  out.push(h("p", { class: "vmeta" }, [id, task.title, "level " + level, ...(answer ? facts(answer) : [])].join(" · ")));
  out.push(strip(at));
  if (list.length > 1) {
    out.push(h("div", { class: "samples" }, list.map((a) => h("a", { href: hashOf(at.who, at.item, a.a, a.r), "aria-current": a === answer && "true" },
      "answer " + (a.a + 1) + (a.r ? ", after message " + a.r : "") + " " + named(a.o).mark))));
  }
  const left = h("div"), right = h("div"), judged = h("div");
  given(left, data, task, answer);
  if (!answer) judged.append(h("p", {}, "This model has no answer to this item."));
  else proof(judged, answer, task);
  left.append(judged);
  if (board && board.key) {
    const button = h("button", { type: "button", id: "v-edit", title: "edit the answer and see its verdict at once (e)", onclick: () => {
      const columns = left.parentNode;
      const leave = () => { edited.replaceWith(judged); columns.classList.remove("alone"); button.hidden = false; button.focus(); };
      const edited = editor(id, task, answer, data.reference, leave);
      judged.replaceWith(edited);
      columns.classList.add("alone");
      button.hidden = true;
    } }, "edit and check");
    left.insertBefore(button, judged);
  }
  if (answer) verdictFacts(right, answer);
  if (data.reference) {
    right.append(titled("A reference", () => data.reference), codeBlock(data.reference, task.language, "Reference"));
  }
  out.push(h("div", { class: "vcols" }, left, right));
  const folds = h("div");
  if (answer) {
    fold(folds, "Raw answer", answer.text, answer.text === undefined ? "nothing came" : "");
    fold(folds, "The model's reasoning", answer.reasoning);
  }
  fold(folds, "What the model was shown", data.prompt);
  if (answer && answer.verdict) fold(folds, "The verdict as JSON", () => JSON.stringify(answer.verdict, null, 2));
  out.push(folds);
  return out;
}

// The verdict in one sentence, under the title.
function sentence(answer) {
  if (!answer) return NO_ANSWER.meaning;
  const v = answer.verdict || {}, f = v.failure, fixes = (v.fixes || []).length;
  if (f) return clip(f.message, 300) + (f.line ? " (line " + f.line + ")" : "") + ": " + plainKind(f.kind) + (f.diagnosis ? ", a " + f.diagnosis : "") + "." +
    (v.paper_only ? " Only the profile paper would accept it; no score does." : "");
  if (answer.gap) return "Rightly left open: nothing fills the gap.";
  if (answer.o === "correct") return v.steps ? (answer.strict ? "Strictly right, " : "Right with " + fixes + (fixes === 1 ? " fix, " : " fixes, ")) + v.steps + (v.steps === 1 ? " step." : " steps.") : named(answer.o).meaning;
  return answer.feedback ? clip(answer.feedback.split("\n")[0], 300) : named(answer.o).meaning;
}

const plainKind = (kind) => index.kinds[kind] || kind;

function facts(a) {
  const t = a.tokens || [];
  return [
    t[1] > 0 && group(t[1]) + " tokens" + (t[2] ? " (" + group(t[2]) + " reasoning)" : ""),
    a.seconds != null && a.seconds.toFixed(1) + " s",
    a.cost != null && (a.cost ? "$" + Number(a.cost.toPrecision(2)) : "free"),
    a.joules != null && Number(a.joules.toPrecision(3)) + " J",
    a.finish && a.finish !== "stop" && "finished by " + a.finish,
  ].filter(Boolean);
}

// All models on this item, so that one sees at once who else failed.
function strip(at) {
  return h("ul", { class: "strip", "aria-label": "All models on this item" }, board.order.map((who) => {
    const m = index.models[who];
    const { tone, mark, name } = outcomeOf(who, at.item);
    return h("li", {}, h("a", { class: tone, href: hashOf(who, at.item), title: m + ": " + name, "aria-label": m + ": " + name,
      "aria-current": who === at.who && "true" }, mark));
  }));
}

const MOST_GIVEN = 9;

function given(box, { shown, error }, task, answer) {
  const rows = h("ol", { class: "given" });
  const rest = [];
  const row = (label, text, css) => {
    const line = h("span");
    colour(line, text, task.language);
    rows.append(h("li", { class: css }, h("span", { class: "lab" }, label), line));
  };
  for (const [key, value] of Object.entries(shown)) {
    const word = key.replace(/_/g, " ");
    if (Array.isArray(value) && value.every((v) => typeof v === "string")) {
      value.forEach((v, i) => row(value.length > 1 || key === "premises" ? word.replace(/s$/, "") + " " + (i + 1) : word, v));
    } else if (typeof value === "string" && !value.includes("\n")) row(word, value, key === "goal" ? "goal" : "");
    else if (typeof value === "string") rest.push([word, value]);
    else if (value && typeof value === "object" && !Array.isArray(value)) Object.entries(value).forEach(([k, v]) => row(k, typeof v === "string" ? v : JSON.stringify(v)));
    else rest.push([word, typeof value === "string" ? value : JSON.stringify(value, null, 1)]);
  }
  const goal = rows.querySelector(".goal");
  if (goal) rows.append(goal);
  for (const line of rows.children) foldLong(line);
  // Many premises scroll in a box of their own, the goal always in sight, so that the proof is not far below.
  const many = rows.children.length > MOST_GIVEN;
  box.append(h("h2", {}, "Given"), many ? h("div", { class: "givenbox", tabindex: 0, role: "group", "aria-label": "Given" }, rows) : rows);
  for (const [word, text] of rest) {
    const title = word[0].toUpperCase() + word.slice(1) + ", as shown";
    const block = () => codeBlock(text, task.language, word, notesOnShown(error, answer));
    // The chain stands below with the answer in it: as it was shown it is there for who asks for it.
    if (word === "chain" && answer && answer.filled) {
      const details = h("details", { class: "fold" }, h("summary", {}, title));
      details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(block()); });
      box.append(details);
    } else box.append(h("h2", {}, title), block());
  }
}

// A very long premise shows its beginning; a button shows the rest.
function foldLong(line) {
  const text = line.lastElementChild;
  if (text.textContent.length <= 400) return;
  text.classList.add("long");
  text.append(h("button", { type: "button", "aria-expanded": "false", onclick: (e) => {
    const open = text.classList.toggle("long");
    e.target.setAttribute("aria-expanded", String(!open));
    e.target.textContent = open ? "show all of it" : "show less";
  } }, "show all of it"));
}

// A proof that was to be judged: where its first error is, and where the model says it is.
function notesOnShown(error, answer) {
  const notes = new Map();
  const add = (line, note) => notes.set(line, [...(notes.get(line) || []), note]);
  if (error) add(error.line, { kind: "fail", text: error.text, marks: error.marks || [] });
  if (answer && answer.claim) add(answer.claim, { kind: "claim", text: "The model says that the first error is here." });
  return notes;
}

function proof(box, answer, task) {
  if (answer.error) box.append(h("h2", {}, "No answer came"), h("p", { class: "notice" }, clip(answer.error, 4000)));
  if (answer.feedback && !answer.verdict && answer.o !== "correct") box.append(h("p", { class: "notice lines-kept" }, clip(answer.feedback, 4000)));
  if (!answer.proof) {
    if (answer.text) box.append(titled("The answer, as it came", () => answer.text), bigText(answer.text));
    else if (!answer.error) box.append(h("p", {}, "The answer is empty."));
    return;
  }
  const notes = new Map(), verdict = answer.verdict || {};
  const add = (line, note) => { if (line > 0) { if (!notes.has(line)) notes.set(line, []); notes.get(line).push(note); } };
  const marks = answer.verdict && !answer.elsewhere;  // then the lines are those of a chain that is not here
  for (const f of (marks && verdict.fixes) || []) add(f.line, { kind: "fix", text: "Read through, " + plainKind(f.kind) + " (" + f.kind + "): " + f.message });
  const failures = marks && verdict.failure ? [verdict.failure, ...(verdict.failures || []).slice(1)] : [];
  failures.forEach((f, i) => {
    add(f.line, { kind: i ? "claim" : "fail", marks: i ? [] : answer.marks || [], text: (i ? "Also fails here: " : "") + f.message,
      more: i ? [] : [f.hint].filter(Boolean) });
  });
  if (answer.fault) add(answer.fault.line, { kind: "fail", marks: answer.fault.marks || [], text: answer.fault.text });
  if (answer.gap) add(answer.gap, { kind: "claim", text: "The answer says that nothing fills this gap, and nothing does." });
  const lines = answer.proof.split("\n").length;
  const title = answer.filled ? "The chain with the answer in it" : marks ? "The proof, as the checker read it" : "The answer, as it was read";
  box.append(titled(title, () => answer.proof));
  box.append(codeBlock(answer.proof, task.language, answer.filled ? "Chain" : "Proof", notes, marks && verdict.failure && verdict.failure.line));
  const f = verdict.failure;
  if (f && !(marks && f.line > 0 && f.line <= lines)) box.append(h("div", { class: "diag" }, h("p", {}, clip(f.message, 4000)), f.hint && h("p", { class: "more" }, clip(f.hint, 4000))));
}

function verdictFacts(box, answer) {
  const v = answer.verdict, f = v && v.failure, rows = [];
  const add = (k, x) => { if (x != null && x !== "" && !(Array.isArray(x) && !x.length)) rows.push(h("dt", {}, k), h("dd", {}, clip(Array.isArray(x) ? x.map((y) => clip(String(y), 600)).join(", ") : String(x), 1500))); };
  if (f) {
    add("failure", plainKind(f.kind) + " (" + f.kind + ", " + f.class + ")" + (f.diagnosis ? ", a " + f.diagnosis : ""));
    add("where", [f.step && "step " + f.step + (v.steps ? " of " + v.steps : ""), f.line && "line " + f.line].filter(Boolean).join(", "));
    add("rule", f.rule);
    add("arguments", f.arguments);
    if (f.evaluated && f.evaluated.some((y, i) => y !== f.arguments?.[i])) add("which are", f.evaluated);
    add("does not hold", f.missing);
    add("holds here", f.nearest);
    add("expected", f.expected);
    add("actual", f.actual);
    if (f.equation) add("equation", f.equation);
    if (f.position) add("position", "[" + f.position.join(".") + "]");
    if (f.cited) add("cited", f.cited);
    if (f.possible) add("would do", f.possible.map((p) => "{" + p.join(", ") + "}").join(" or "));
    const from = f.inference && f.inference.from, known = f.evaluated || f.arguments || [];
    if (from && from.length === known.length && from.every((y, i) => y === known[i])) add("concluded", f.inference.to);
    else if (from) add("inference", from.map((y) => clip(y, 400)).join(", ") + " ⊢ " + clip(f.inference.to, 400));
  } else if (v && v.correct) {
    add("verdict", v.strict ? "correct, strictly" : "correct, with " + (v.fixes || []).length + (v.fixes && v.fixes.length === 1 ? " fix" : " fixes"));
    add("steps", v.steps);
    add("concludes", v.conclusion);
  }
  if (answer.repairs) add("read past", answer.repairs);
  const { instrumented, strict, ...parts } = answer.parts || {};  // what the verdict says already
  for (const [k, x] of Object.entries(parts)) add((index.terms[k] || k).replace(/_/g, " "), Math.round(100 * x) + "%");
  if (rows.length) box.append(h("h2", {}, v ? "The checker's verdict" : "Score"), h("dl", { class: "facts2" }, rows));
  if (f && f.countermodel && Object.keys(f.countermodel).length) {
    const atoms = Object.keys(f.countermodel);
    box.append(h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Countermodel" }, h("table", { class: "truth" },
      h("caption", {}, "Countermodel: what the step rests on is true here, its conclusion false"),
      h("thead", {}, h("tr", {}, atoms.map((a) => h("th", { scope: "col" }, a)))),
      h("tbody", {}, h("tr", {}, atoms.map((a) => h("td", {}, f.countermodel[a] ? "T" : "F")))))));
  }
}

const titled = (title, text) => h("div", { class: "bar" }, h("h2", {}, title), copyButton(text, "Copy: " + title));

function fold(box, title, text, note) {
  if (!text) return;
  const size = h("small", {}, typeof text === "string" ? " " + (note || group(text.length) + " characters") : "");
  const details = h("details", { class: "fold" }, h("summary", {}, title, size));
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) {
    const whole = typeof text === "string" ? text : text();
    details.append(copyButton(() => whole, "Copy: " + title), bigText(whole));
  } });
  box.append(details);
}

// Next or previous wrong answer: by item within the model, then on to the next model.
function step(direction) {
  const items = index.items.length, total = items * index.models.length;
  const at = going();
  let k = at.who * items + at.item;
  for (let seen = 0; seen < total; seen++) {
    k = (k + direction + total) % total;
    const who = Math.floor(k / items), item = k % items;
    if (wrong(who, item)) return open(who, item);
  }
}

function move(direction) {
  const n = index.items.length;
  const at = going();
  open(at.who, (at.item + direction + n) % n);
}

function other(direction) {
  const n = board.order.length;
  const at = going();
  open(board.order[(board.order.indexOf(at.who) + direction + n) % n], at.item);
}

function back() { location.hash = "#" + (lastSection || "leaderboard"); }

if (index) {
  $("v-model").addEventListener("change", (e) => open(Number(e.target.value), going().item));
  $("v-item").addEventListener("change", (e) => open(going().who, Number(e.target.value)));
  $("v-task").addEventListener("change", (e) => {
    const t = Number(e.target.value);
    const { who } = going(), item = firstOf(who, t);
    open(who, item >= 0 ? item : index.items.findIndex((it) => it[1] === t));
  });
  $("v-prev").addEventListener("click", () => step(-1));
  $("v-next").addEventListener("click", () => step(1));
  $("v-fail").addEventListener("click", goToFailure);
  const wrap = $("v-wrap");
  wrap.checked = remember("proofgrid-wrap") === "1";
  const wrapped = () => { $("viewer").classList.toggle("wrapped", wrap.checked); remember("proofgrid-wrap", wrap.checked ? "1" : "0"); };
  wrap.addEventListener("change", () => { wrapped(); for (const box of body.querySelectorAll(".code")) bringIntoView(box); });
  wrapped();
  document.addEventListener("keydown", (e) => {
    const typing = e.target.matches?.("select, textarea, input:not([type=checkbox], [type=radio])");
    if (!current || e.ctrlKey || e.metaKey || e.altKey || (typing && e.key !== "Escape")) return;
    const act = { n: () => step(1), p: () => step(-1), j: () => move(1), k: () => move(-1), l: () => other(1), h: () => other(-1), f: goToFailure, e: () => $("v-edit")?.click(), Escape: back }[e.key];
    if (act) { e.preventDefault(); act(); }
  });
}
