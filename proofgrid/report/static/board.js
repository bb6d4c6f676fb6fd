// The leaderboard's heat map for one level: the page's own figures, computed where all others are, only put in place.
const board = json("board");
const heat = $("heat");

function fill(cell, [value, share, strict, interval, , before, count, label, link]) {
  cell.dataset.v = value;
  const said = [...(before ? [h("i", { class: "was" }, before + " →"), " "] : []), h("b", {}, share), ...(value === "" ? [] : [" ", h("span", { class: "st" }, strict), " ", h("small", {}, count === undefined ? interval : count + ", " + interval)])];
  cell.replaceChildren(...(link ? [h("a", { href: link, title: count + ", " + interval + "%" }, h("span", { class: "vh" }, label), h("span", { "aria-hidden": "true" }, said))] : said));
}

function showLevel(view) {
  for (const row of heat.tBodies[0].rows) {
    const [rank, range, best, mean, ...cells] = view[Number(row.dataset.who)];
    row.cells[0].dataset.v = mean[0] === "" ? "" : best;
    row.cells[0].replaceChildren(h("b", {}, rank), " ", h("small", {}, range));
    fill(row.cells[2], mean);
    cells.forEach((cell, task) => {
      row.cells[task + 3].className = cell[4];
      fill(row.cells[task + 3], cell);
    });
  }
  const sorted = heat.tHead.querySelector("[aria-sort]");
  if (sorted) sortBy(sorted, sorted.getAttribute("aria-sort"));
}

// Arrow keys walk over the cells as over a map; Tab walks over them as over any links.
function neighbour(cell, key) {
  const row = cell.parentNode;
  if (key === "ArrowLeft") return cell.previousElementSibling;
  if (key === "ArrowRight") return cell.nextElementSibling;
  let next = row;
  do next = key === "ArrowUp" ? next.previousElementSibling : next.nextElementSibling; while (next && next.hidden);
  return next && next.cells[cell.cellIndex];
}

if (heat && board) {
  for (const radio of document.querySelectorAll("input[name=level]")) {
    radio.addEventListener("change", () => showLevel(board.views[Number(radio.value) + 1]));
  }
  $("heat-filter")?.addEventListener("input", (e) => {
    const words = e.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of heat.tBodies[0].rows) row.hidden = !words.every((w) => row.cells[1].textContent.toLowerCase().includes(w));
    none(heat);
  });
  $("heat-ci").addEventListener("change", (e) => heat.classList.toggle("ci", e.target.checked));
  heat.tBodies[0].addEventListener("keydown", (e) => {
    if (!/^Arrow/.test(e.key) || e.ctrlKey || e.metaKey || e.altKey) return;
    let cell = e.target.closest("td, th");
    do cell = neighbour(cell, e.key); while (cell && !cell.querySelector("a"));
    if (cell) { e.preventDefault(); cell.querySelector("a").focus(); }
  });
}
