// What the address says is what is shown: an answer, a task's page, or a section.
let lastSection = "", lastScroll = 0, opener = null;
const pageTitle = document.title;

const decoded = (hash) => { try { return decodeURIComponent(hash); } catch { return hash; } };

function route() {
  const at = parseHash(location.hash);
  if (at) $("lost").hidden = true;
  const main = $("report"), viewer = $("viewer"), toc = document.querySelector(".toc");
  if (at) {
    if (viewer.hidden) {
      lastScroll = scrollY;
      opener = main.contains(document.activeElement) ? document.activeElement : null;
    }
    main.hidden = true;
    if (toc) toc.hidden = true;
    const opened = viewer.hidden;
    viewer.hidden = false;
    if (opened) scrollTo(0, 0);
    show(at).then(() => { if (opened || document.activeElement === document.body) $("v-title")?.focus({ preventScroll: true }); });
    return;
  }
  const lost = $("lost");
  lost.hidden = !location.hash.includes("/");
  if (!lost.hidden) lost.replaceChildren(...put(h("span"), "This report has no answer at " + plain(decoded(location.hash).slice(0, 200)) + ". The leaderboard below leads to all there are.").childNodes);
  const opened = main.hidden && !viewer.hidden;
  main.hidden = false;
  if (toc) toc.hidden = false;
  viewer.hidden = true;
  current = null;
  document.title = pageTitle;
  const id = decoded(location.hash).slice(1);
  const target = id && $(id);
  lastSection = id;
  const task = target && target.closest(".task");
  if (task || !document.querySelector(".task.on")) {
    const chosen = task || document.querySelector(".task");
    for (const t of document.querySelectorAll(".task")) t.classList.toggle("on", t === chosen);
    for (const a of document.querySelectorAll(".pills a")) {
      if (chosen && a.getAttribute("href") === "#" + chosen.id) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    }
  }
  if (opened && (lastScroll || opener)) scrollTo(0, lastScroll);
  else if (target) (task ? $("tasks") : target).scrollIntoView();
  if (opened) (opener && opener.isConnected ? opener : $("main")).focus({ preventScroll: true });
}

addEventListener("hashchange", route);
route();

const links = [...document.querySelectorAll(".toc a")];
if (links.length && "IntersectionObserver" in window) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const a of links) {
        if (a.getAttribute("href") === "#" + entry.target.id) a.setAttribute("aria-current", "location");
        else a.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  seen.observe(document.querySelector(".intro"));  // at the top no section is the current one
  for (const a of links) { const s = $(a.getAttribute("href").slice(1)); if (s) seen.observe(s); }
}

// Served by `proofgrid view`: ask now and then whether there is more; what is being read is not pulled away.
const live = document.body.dataset.live;
if (live) {
  const seconds = Math.max(1, Number(live));
  let pending = false, touched = false;
  for (const sort of ["input", "change"]) document.addEventListener(sort, () => { touched = true; });
  setInterval(async () => {
    if (pending) return;
    let state;
    try { state = await (await fetch("state", { cache: "no-store" })).json(); } catch { return; }
    if (state.version === board.version) return;
    if (current || touched) {
      pending = true;
      document.body.append(h("div", { class: "news", role: "status" }, "New answers have come in. ",
        h("button", { type: "button", onclick: () => location.reload() }, "show them")));
    } else location.reload();
  }, 1000 * seconds);
}
