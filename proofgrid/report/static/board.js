// The leaderboard's heat map for one level: the page's own figures, computed where all others are, only put in place.
const board = json("board");
const heat = $("heat");

function fill(cell, [value, share, strict, interval]) {
  cell.dataset.v = value;
  cell.replaceChildren(h("b", {}, share), ...(value === "" ? [] : [" ", h("span", { class: "st" }, strict), h("small", {}, interval)]));
}

function showLevel(view) {
  for (const row of heat.tBodies[0].rows) {
    const [rank, range, best, mean, ...cells] = view[Number(row.dataset.who)];
    row.cells[0].dataset.v = mean[0] === "" ? "" : best;
    row.cells[0].replaceChildren(h("b", {}, rank), h("small", {}, range));
    fill(row.cells[2], mean);
    cells.forEach((cell, task) => {
      row.cells[task + 3].className = cell[4];
      fill(row.cells[task + 3], cell);
    });
  }
  const sorted = heat.tHead.querySelector("[aria-sort]");
  if (sorted) sortBy(sorted, sorted.getAttribute("aria-sort"));
}

if (heat && board) {
  for (const radio of document.querySelectorAll("input[name=level]")) {
    radio.addEventListener("change", () => showLevel(board.views[Number(radio.value) + 1]));
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
