// Long tables can be sorted by a click on a head (Enter or Space, too) and filtered by words.
for (const table of document.querySelectorAll("article table")) {
  const body = table.tBodies[0];
  const rows = body ? [...body.rows] : [];
  if (rows.length < 12) continue;
  const filter = Object.assign(document.createElement("input"), {
    type: "search", placeholder: `Filter ${rows.length} rows`, className: "table-filter",
  });
  filter.setAttribute("aria-label", "Filter the table's rows");
  const count = Object.assign(document.createElement("output"), { className: "table-count" });
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    count.textContent = words.length ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows` : "";
  });
  (table.closest(".md-typeset__scrollwrap") || table).before(filter, count);
  for (const [at, head] of [...(table.tHead ? table.tHead.rows[0].cells : [])].entries()) {
    head.tabIndex = 0;
    head.style.cursor = "pointer";
    head.title = "Sort by this column";
    const sort = () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => row.cells[at].textContent.trim();
      const order = (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
      body.append(...[...rows].sort((a, b) => (up ? order(a, b) : order(b, a))));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort();
    });
  }
}
