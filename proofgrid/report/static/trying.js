// Served by `proofgrid view`: edit an answer and see its verdict at once. The server scores the text as it scores models'
// answers; nothing typed here is run, kept or counted.
const CHECK_AFTER = 250;  // ms without a keystroke

async function scored(item, text) {
  let reply, said;
  try {
    reply = await fetch("score", { method: "POST", cache: "no-store", headers: { "Content-Type": "application/json", "X-ProofGrid-Key": board.key },
      body: JSON.stringify({ item, text }) });
    said = await reply.json();
  } catch { return { error: "The server does not answer: is proofgrid view still going?" }; }
  return reply.ok ? said : { error: "Not checked: " + (said.error || reply.status) + "." };
}

// What stands in place of the proof while it is edited: the text, its verdict, and the way back.
function editor(id, task, answer, reference, leave) {
  const began = answer && answer.whole ? answer.proof : (answer && answer.text) || "";
  const area = h("textarea", { class: "edit", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": answer && answer.whole ? "The proof" : "The answer", rows: Math.max(8, Math.min(30, began.split("\n").length + 2)) });
  const word = h("p", { class: "verdict", role: "status" }, "Checking …"), shown = h("div");
  let timer = 0, busy = false, again = false, last = null;
  const check = async () => {
    if (busy) { again = true; return; }
    const text = area.value;
    if (text === last) return;
    busy = true;
    const found = await scored(id, text);
    busy = false;
    if (!area.isConnected) return;
    if (again) { again = false; last = null; check(); return; }
    last = found.error ? null : text;
    shown.replaceChildren();
    if (found.error) { word.replaceChildren(...put(h("span"), found.error).childNodes); return; }
    const { tone, mark } = named(found.answer.o);
    word.replaceChildren(h("span", { class: "badge " + tone }, mark + " " + found.answer.o.replace("_", " ")), " ", ...put(h("span"), sentence(found.answer)).childNodes);
    proof(shown, found.answer, task);
    verdictFacts(shown, found.answer);
    for (const box of shown.querySelectorAll(".code")) bringIntoView(box);
  };
  const set = (text) => { area.value = text; check(); };
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, CHECK_AFTER); });
  area.addEventListener("keydown", (e) => { if (e.key === "Escape") { e.stopPropagation(); leave(); } });
  area.value = began;
  setTimeout(() => { check(); area.focus(); });
  return h("div", { class: "editing" },
    h("div", { class: "bar" }, h("h2", {}, answer && answer.whole ? "Edit the proof" : "Edit the answer"),
      h("button", { type: "button", onclick: () => set(began) }, "as it came"),
      answer && answer.whole && reference && h("button", { type: "button", onclick: () => set(reference) }, "the reference"),
      copyButton(() => area.value),
      h("button", { type: "button", onclick: leave }, "done")),
    word, area, h("p", { class: "note" }, "Checked as you type, as a model's answer would be. Nothing is kept. Esc ends it."), shown);
}
