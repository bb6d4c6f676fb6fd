// Tables: sorting by any column, filtering rows by text, CSV; figures: SVG and PNG.
const valueOf = (cell) => (cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.trim());

const order = new Map([...document.querySelectorAll("tbody tr")].map((row, i) => [row, i]));

function sortBy(th, direction) {
  const table = th.closest("table"), column = th.cellIndex, body = table.tBodies[0];
  const numeric = th.dataset.kind === "number";
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...body.rows].map((row) => {
    const v = valueOf(row.cells[column]);
    return [row, numeric ? (v === "" ? NaN : Number(v)) : v];
  });
  const collator = new Intl.Collator("en", { numeric: true });
  const first = ([a], [b]) => order.get(a) - order.get(b);  // ties: as the page was written
  rows.sort((x, y) => {
    const a = x[1], b = y[1];
    if (!numeric) return sign * collator.compare(a, b) || first(x, y);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b) || first(x, y);
    return sign * (a - b) || first(x, y);
  });
  if (rows.some(([row], i) => row !== body.rows[i])) body.append(...rows.map(([row]) => row));
  for (const other of th.parentNode.cells) other.removeAttribute("aria-sort");
  th.setAttribute("aria-sort", direction);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("thead button");
  if (button) {
    const th = button.closest("th"), now = th.getAttribute("aria-sort");
    const first = th.dataset.kind === "number" && th.dataset.first !== "up" ? "descending" : "ascending";
    sortBy(th, now ? (now === "ascending" ? "descending" : "ascending") : first);
    return;
  }
  const tool = event.target.closest("[data-csv], [data-latex], [data-svg], [data-png]");
  if (!tool) return;
  if (tool.dataset.csv) saveCsv($(tool.dataset.csv));
  else if (tool.dataset.latex) saveLatex($(tool.dataset.latex));
  else if (tool.dataset.svg) saveSvg(tool.closest("figure").querySelector("svg"), tool.dataset.svg);
  else savePng(tool.closest("figure").querySelector("svg"), tool.dataset.png);
});

// What has the focus is not left under the head or the first column of its table, which stay where they are.
document.addEventListener("focusin", (event) => {
  const cell = event.target.closest("tbody td, tbody th"), scroll = cell && cell.closest(".scroll");
  if (!scroll) return;
  const at = cell.getBoundingClientRect(), side = cell.parentNode.querySelector("th"), head = cell.closest("table").tHead;
  if (side && side !== cell && getComputedStyle(side).position === "sticky") {
    scroll.scrollLeft -= Math.max(0, side.getBoundingClientRect().right - at.left);
  }
  const under = head ? [...head.rows].at(-1).cells[1].getBoundingClientRect().bottom - at.top : 0;
  if (under > 0) scroll.scrollTop -= under;
});

// A field that a spreadsheet would run as a formula is quoted with an apostrophe (numbers are left alone).
function field(text) {
  const t = String(text);
  const safe = /^[=+\-@\t\r]/.test(t) && Number.isNaN(Number(t)) ? "'" + t : t;
  return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
}

// A cell's text without the lighter line below it.
const lead = (cell) => [...cell.childNodes].filter((n) => n.nodeName !== "SMALL").map((n) => n.textContent).join("").trim();

function csvOf(table) {
  const heads = [...[...table.tHead.rows].at(-1).cells].map((c) => c.querySelector("button")?.textContent ?? lead(c));
  const heat = table.id === "heat";
  const lines = [];
  const names = heads.flatMap((name, i) => (heat && i > 1 ? [name, name + " strict", name + " interval", ...(i > 2 ? [name + " items right"] : [])] : [name]));
  lines.push(names);
  for (const row of table.tBodies[0].rows) {
    if (row.hidden) continue;
    lines.push([...row.cells].flatMap((cell, i) => {
      if (!heat || i < 2) return [cell.dataset.v !== undefined ? cell.dataset.v : lead(cell)];
      const [interval, count] = (cell.querySelector("small")?.textContent ?? "").split(", ").reverse();
      return [cell.dataset.v, cell.querySelector(".st")?.textContent ?? "", interval, ...(i > 2 ? [(count || "").replace("/", " of ")] : [])];
    }));
  }
  return lines.map((line) => line.map(field).join(",")).join("\r\n") + "\r\n";
}

function saveCsv(table) { download(table.id + ".csv", new Blob(["\ufeff", csvOf(table)], { type: "text/csv;charset=utf-8" })); }

// The leaderboard for a paper: a booktabs tabular, every character of a name made harmless.
const LATEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "–": "--", "→": "$\\rightarrow$" };
const latex = (text) => plain(text).replace(/[\\~^–→&%$#_{}]/g, (c) => LATEX[c] || "\\" + c);

function latexOf(table) {
  const heads = [...[...table.tHead.rows].at(-1).cells].slice(1).map((c) => latex(c.querySelector("button").textContent));
  const lines = [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => [...row.cells].slice(1).map((cell, i) => {
    const number = cell.querySelector("b")?.textContent;
    const interval = i === 1 && cell.querySelector("small")?.textContent;
    return latex(number === undefined ? cell.dataset.v ?? lead(cell) : number) + (interval ? " {\\scriptsize " + latex(interval) + "}" : "");
  }).join(" & ") + " \\\\");
  return ["% needs \\usepackage{booktabs}", "\\begin{tabular}{l" + "r".repeat(heads.length - 1) + "}", "\\toprule", heads.join(" & ") + " \\\\", "\\midrule",
    ...lines, "\\bottomrule", "\\end{tabular}", ""].join("\n");
}

function saveLatex(table) { download(table.id + ".tex", new Blob([latexOf(table)], { type: "application/x-tex;charset=utf-8" })); }

function standalone(svg) {
  const copy = svg.cloneNode(true);
  copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  return new XMLSerializer().serializeToString(copy);
}

function saveSvg(svg, name) { download(name + ".svg", new Blob([standalone(svg)], { type: "image/svg+xml" })); }

function savePng(svg, name) {
  const image = new Image(), scale = 3;
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(svg.viewBox.baseVal.width * scale);
    canvas.height = Math.ceil(svg.viewBox.baseVal.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(name + ".png", blob), "image/png");
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(svg));
}

// A filter that leaves nothing says so.
function none(table) {
  const empty = [...table.tBodies[0].rows].every((row) => row.hidden);
  let note = table.parentNode.querySelector(".nothing");
  if (empty && !note) table.after(h("p", { class: "nothing note", role: "status" }, "No row has these words."));
  else if (!empty && note) note.remove();
}

function filterRows(table, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of table.tBodies[0].rows) {
    const hay = row.textContent.toLowerCase();
    row.hidden = !words.every((w) => hay.includes(w));
  }
  none(table);
}

for (const table of document.querySelectorAll("table[data-filter]")) {
  const input = h("input", { type: "search", placeholder: "filter rows", autocomplete: "off", spellcheck: "false",
    "aria-label": "Filter rows of: " + $(table.id + "-cap").textContent, oninput: (e) => filterRows(table, e.target.value) });
  table.closest("figure").querySelector(".tabletitle").append(input);
}
