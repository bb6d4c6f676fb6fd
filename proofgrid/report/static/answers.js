// All answers: a matrix of items and models, or a list; filtered, and made only when they are looked at.
const PAGE_ROWS = 100, PAGE_CELLS = 1500;

function answersPage() {
  const box = $("answers-body"), count = $("answers-count");
  const read = () => ({ matrix: $("a-matrix").checked, differ: $("a-differ").checked, task: $("a-task").value, level: $("a-level").value,
    outcome: $("a-outcome").value, why: $("a-why").value, words: $("a-words").value.toLowerCase().split(/\s+/).filter(Boolean) });
  const option = (value, text) => h("option", { value }, text);
  const fill = (id, options) => { if (options.length > 1) $(id).append(...options); else $(id).closest("label").hidden = true; };
  fill("a-task", index.tasks.map((t, i) => option(i, t.short)));
  fill("a-level", [...new Set(index.items.map((it) => it[2]))].sort((a, b) => a - b).map((l) => option(l, l)));
  const seen = new Set(index.answers.flatMap((row) => [...new Set(row)]));
  fill("a-outcome", [...OUTCOME.values()].filter((o) => seen.has(o.code)).map((o) => option(o.code, o.mark + " " + o.name.replace("_", " "))));
  fill("a-why", index.why.map((kind, i) => [kind, i]).sort(([a], [b]) => plainKind(a).localeCompare(plainKind(b))).map(([kind, i]) => option(i, plainKind(kind))));
  const whyOf = (who, item) => { const c = index.failing[who].codePointAt(item) - 48; return c > 0 ? index.why[c - 1] : ""; };
  const models = board.order;

  // Models whose outcomes differ: one is right and one is wrong (answers that never came say nothing).
  const differ = (item) => { let right = false, bad = false; for (const who of models) { const o = outcomeOf(who, item); if (o.missing) continue; if (o.name === "correct") right = true; else bad = true; } return right && bad; };
  const fits = (f, who, item) => {
    const c = index.answers[who][item];
    return c !== "." && (f.outcome === "" || c === f.outcome) && (f.why === "" || whyOf(who, item) === index.why[Number(f.why)]);
  };
  const found = (f) => {
    const narrow = f.outcome !== "" || f.why !== "", list = [];
    index.items.forEach(([id, task, level], item) => {
      if ((f.task !== "" && task !== Number(f.task)) || (f.level !== "" && level !== Number(f.level))) return;
      if (f.differ && !differ(item)) return;
      const low = id.toLowerCase();
      if (f.matrix) {
        if (f.words.every((w) => low.includes(w)) && (!narrow || models.some((who) => fits(f, who, item)))) list.push(item);
      } else {
        for (const who of models) {
          if (fits(f, who, item) && f.words.every((w) => (low + " " + index.models[who].toLowerCase()).includes(w))) list.push([who, item]);
        }
      }
    });
    return list;
  };

  const matrixRow = (f) => (item) => {
    const [id, , level] = index.items[item];
    const asked = models.filter((who) => !outcomeOf(who, item).missing), right = asked.filter((who) => outcomeOf(who, item).name === "correct").length;
    return h("tr", {}, h("th", { scope: "row" }, id), h("td", {}, level), h("td", {}, right + "/" + asked.length),
      models.map((who) => {
        const { tone, mark, name } = outcomeOf(who, item), none = index.answers[who][item] === ".";
        const dim = (f.outcome !== "" || f.why !== "") && !fits(f, who, item);
        return h("td", { class: "m" }, none ? "·" : h("a", { class: tone + (dim ? " dim" : ""), href: hashOf(who, item), title: index.models[who] + ": " + name.replace("_", " ") + (whyOf(who, item) ? ", " + plainKind(whyOf(who, item)) : ""),
          "aria-label": index.models[who] + ", " + id + ": " + name }, mark));
      }));
  };
  const listRow = ([who, item]) => {
    const [id, task, level] = index.items[item], { tone, mark, name } = outcomeOf(who, item), why = whyOf(who, item);
    return h("tr", {}, h("th", { scope: "row", class: "t" }, h("a", { href: hashOf(who, item) }, id)), h("td", { class: "t" }, index.models[who]), h("td", { class: "t" }, index.tasks[task].short),
      h("td", {}, level), h("td", { class: "t " + tone }, mark + " " + name.replace("_", " ")), h("td", { class: "t" }, why && plainKind(why)),
      h("td", {}, copyButton(async () => ((await chunk(item)).answers[who] || [])[0], "Copy the answer of " + index.models[who] + " to " + id)));
  };

  const draw = () => {
    const f = read(), list = found(f);
    const what = f.matrix ? [" item", " items"] : [" answer", " answers"];
    count.textContent = group(list.length) + what[list.length === 1 ? 0 : 1] + (f.differ ? " on which models differ" : "") + (list.length ? "" : ": nothing has all of this; widen a filter.");
    if (!list.length) { box.replaceChildren(); return; }
    const heads = f.matrix
      ? [["item", ""], ["level", ""], ["right", ""], ...models.map((who) => [index.short[who], "m", index.models[who]])]
      : [["item", "t"], ["model", "t"], ["task", "t"], ["level", ""], ["outcome", "t"], ["first failure", "t"], ["", ""]];
    const body = h("tbody"), row = f.matrix ? matrixRow(f) : listRow;
    const table = h("table", { class: f.matrix ? "items" : "list" }, h("caption", { class: "vh" }, f.matrix ? "Items and models" : "Answers"),
      h("thead", {}, h("tr", {}, heads.map(([name, css, whole]) => name === "" ? h("td", {}) : h("th", { scope: "col", class: css, title: whole }, h("span", {}, name))))), body);
    const more = h("button", { type: "button", class: "more" });
    const rows = f.matrix ? Math.max(20, Math.floor(PAGE_CELLS / models.length)) : PAGE_ROWS;
    let shown = 0;
    const grow = () => {
      body.append(...list.slice(shown, shown + rows).map(row));
      shown = Math.min(list.length, shown + rows);
      more.hidden = shown === list.length;
      more.textContent = "show " + group(Math.min(rows, list.length - shown)) + " more of " + group(list.length - shown);
    };
    more.addEventListener("click", grow);
    grow();
    const ids = copyButton(() => (f.matrix ? list.map((item) => index.items[item][0]) : list.map(([who, item]) => index.items[item][0] + "\t" + index.models[who])).join("\n") + "\n", "", "copy all ids");
    box.replaceChildren(h("div", { class: "scroll tall", tabindex: 0, role: "group", "aria-label": f.matrix ? "Items and models" : "Answers" }, table), h("div", { class: "tools" }, more, ids));
  };
  if (!index.items.some((_, item) => differ(item))) $("a-differ").checked = false;
  let timer = 0;
  for (const control of $("answers").querySelectorAll(".controls select, .controls input")) {
    control.addEventListener(control.type === "search" ? "input" : "change", () => { clearTimeout(timer); timer = setTimeout(draw, control.type === "search" ? 120 : 0); });
  }
  draw();
}

if (index && $("answers")) {
  let made = false;
  const make = () => { if (!made) { made = true; answersPage(); } };
  if ("IntersectionObserver" in window) new IntersectionObserver((entries) => { if (entries.some((e) => e.isIntersecting)) make(); }, { rootMargin: "600px" }).observe($("answers"));
  else make();
}
