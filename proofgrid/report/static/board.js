// The leaderboard's heat map: the same statistics as in the page, again for one level; and where its cells lead.
const Z = 1.959963984540054;
const board = json("board");
const heat = $("heat");

function effective(n, p, squares) {
  const spread = squares / n - p * p;
  return spread > 1e-12 && p > 0 && p < 1 ? (n * p * (1 - p)) / spread : n;
}

function wilson(n, sum, squares) {
  const p = Math.min(1, Math.max(0, sum / n)), m = effective(n, p, squares);
  const middle = (p + (Z * Z) / (2 * m)) / (1 + (Z * Z) / m);
  const half = (Z / (1 + (Z * Z) / m)) * Math.sqrt((p * (1 - p)) / m + (Z * Z) / (4 * m * m));
  return [p, Math.max(0, Math.min(p, middle - half)), Math.min(1, Math.max(p, middle + half))];
}

function meanOverTasks(counts) {
  if (!counts.length) return null;
  let mean = 0, variance = 0;
  for (const [n, sum, squares] of counts) {
    const p = sum / n, m = effective(n, p, squares), adjusted = (p * m + (Z * Z) / 2) / (m + Z * Z);
    mean += p;
    variance += (adjusted * (1 - adjusted)) / (m + Z * Z);
  }
  mean /= counts.length;
  const half = (Z * Math.sqrt(variance)) / counts.length;
  return [mean, Math.max(0, mean - half), Math.min(1, mean + half)];
}

const pc = (x) => String(Math.round(100 * x));
const span = (s) => pc(s[1]) + "–" + pc(s[2]);

function showLevel(level) {
  const sums = new Map();
  for (const [who, task, at, n, a, a2, b, b2] of board.counts) {
    if (level >= 0 && at !== level) continue;
    const key = who + " " + task, s = sums.get(key) || [0, 0, 0, 0, 0];
    sums.set(key, [s[0] + n, s[1] + a, s[2] + a2, s[3] + b, s[4] + b2]);
  }
  const means = new Map();
  for (const row of heat.tBodies[0].rows) {
    const who = row.dataset.who, counts = [], strict = [];
    board.chance.forEach((chance, task) => {
      const cell = row.cells[task + 3], s = sums.get(who + " " + task);
      if (!s) {
        cell.className = "none";
        cell.dataset.v = "";
        cell.replaceChildren(h("b", {}, "–"));
        return;
      }
      const share = wilson(s[0], s[1], s[2]);
      counts.push([s[0], s[1], s[2]]);
      strict.push([s[0], s[3], s[4]]);
      cell.className = "h" + Math.round(10 * share[0]) + (chance > 0 && share[1] <= chance ? " chance" : "");
      cell.dataset.v = Number(share[0].toPrecision(6));
      cell.replaceChildren(h("b", {}, pc(share[0])), " ", h("span", { class: "st" }, pc(s[3] / s[0])), h("small", {}, span(share)));
    });
    const mean = meanOverTasks(counts), cell = row.cells[2];
    means.set(row, mean);
    cell.dataset.v = mean ? Number(mean[0].toPrecision(6)) : "";
    cell.replaceChildren(h("b", {}, mean ? pc(mean[0]) : "–"), " ",
      h("span", { class: "st" }, mean ? pc(meanOverTasks(strict)[0]) : ""), h("small", {}, mean ? span(mean) : ""));
  }
  const all = [...means.entries()].filter(([, m]) => m);
  for (const [row, mine] of means) {
    const cell = row.cells[0];
    if (!mine) { cell.replaceChildren("–"); cell.dataset.v = ""; continue; }
    const better = all.filter(([r, m]) => r !== row && m[1] > mine[2]).length;
    const worse = all.filter(([r, m]) => r !== row && m[2] < mine[1]).length;
    const best = 1 + better, worst = all.length - worse;
    cell.dataset.v = best;
    cell.replaceChildren(h("b", {}, (better + worse < all.length - 1 ? "=" : "") + best), h("small", {}, best === worst ? "" : best + "–" + worst));
  }
  const sorted = heat.tHead.querySelector("[aria-sort]");
  if (sorted) sortBy(sorted, sorted.getAttribute("aria-sort"));
}

if (heat && board) {
  for (const radio of document.querySelectorAll("input[name=level]")) {
    radio.addEventListener("change", () => showLevel(Number(radio.value)));
  }
  $("heat-filter").addEventListener("input", (e) => {
    const words = e.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of heat.tBodies[0].rows) row.hidden = !words.every((w) => row.cells[1].textContent.toLowerCase().includes(w));
  });
  $("heat-ci").addEventListener("change", (e) => heat.classList.toggle("ci", e.target.checked));
  heat.addEventListener("click", (e) => {
    const cell = e.target.closest("td");
    if (!cell || cell.cellIndex < 3) return;
    const item = firstOf(Number(cell.parentNode.dataset.who), cell.cellIndex - 3);
    if (item >= 0) open(Number(cell.parentNode.dataset.who), item);
  });
}
