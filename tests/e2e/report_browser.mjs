// Opens a report in the system's chromium, clicks through it as a person would, and prints what it found as JSON.
// Usage: node report_browser.mjs OPTIONS.json, where the options are
//   {chromium, report, artifacts, hostile: [{model, item}], shots: bool, beside: {name: url}, long: [[model, item]], chains: [[model, item]]}
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const out = { errors: [], requests: [], dialogs: 0, axe: {}, clicks: {}, facts: {} };
mkdirSync(options.artifacts, { recursive: true });

const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });

function watch(page) {
  page.on("console", (m) => { if (m.type() === "error") out.errors.push(m.text().slice(0, 300)); });
  page.on("pageerror", (e) => out.errors.push(String(e.stack).slice(0, 600)));
  page.on("dialog", (d) => { out.dialogs += 1; d.dismiss(); });
  page.on("request", (r) => { if (!/^(file|data|blob):/.test(r.url())) out.requests.push(r.url().slice(0, 200)); });
  return page;
}

async function accessibility(page, name, only) {
  // Everything laid out: what content-visibility skips has places of its own that overlap what comes after it.
  await page.evaluate(() => {
    for (const e of document.querySelectorAll("#report > section, .task, .lines")) e.style.contentVisibility = "visible";
  });
  await page.evaluate(axe);
  const found = await page.evaluate(async (rules) => {
    const config = rules ? { runOnly: { type: "rule", values: rules } } : { resultTypes: ["violations"] };
    const result = await window.axe.run(document, config);
    return result.violations.map((v) => ({ id: v.id, impact: v.impact, n: v.nodes.length, first: v.nodes[0].html.slice(0, 200),
      why: (v.nodes[0].failureSummary || "").slice(0, 300) }));
  }, only);
  out.axe[name] = found;
}

// From the event to the second frame after what it was to change has changed, in the page's own clock.
async function timed(page, name, act, done) {
  // As one expression: the page's policy forbids making code from text inside it.
  const ms = await page.evaluate(`(async () => {
    const act = ${act}, done = ${done};
    const before = performance.now();
    act();
    const frame = () => new Promise((r) => requestAnimationFrame(r));
    for (let i = 0; i < 600 && !done(); i++) await frame();
    if (!done()) return -1;
    await frame();
    return performance.now() - before;
  })()`).catch((e) => String(e));
  out.clicks[name] = ms;
}

async function shot(page, name, extra) {
  if (options.shots) await page.screenshot({ path: join(options.artifacts, name), ...extra });
}

async function saved(page, selector) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  const path = join(options.artifacts, file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

const key = (k) => `() => document.dispatchEvent(new KeyboardEvent("keydown", { key: "${k}", bubbles: true }))`;

// 1. The page as it opens.
let page = watch(await context.newPage());
await page.goto(options.report);
await page.waitForLoadState("load");
out.facts.paint = await page.evaluate(() => performance.getEntriesByType("paint").map((e) => [e.name, e.startTime]));
out.facts.bytes = await page.evaluate(() => document.documentElement.outerHTML.length);
out.facts.rows = await page.locator("#heat tbody tr").count();
out.facts.injected = await page.locator("img, iframe, object, embed, base, link[rel=stylesheet], form, video, audio").count();
out.facts.inline_handlers = await page.evaluate(() =>
  [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on") || a.name === "style")).length);
await shot(page, "report-light.png");

// 2. Sorting, filtering, levels.
await timed(page, "sort", () => document.querySelector("#heat thead tr:last-child th:nth-child(4) button").click(),
  () => document.querySelector("#heat thead tr:last-child th:nth-child(4)").getAttribute("aria-sort") === "descending");
out.facts.sorted = await page.$$eval("#heat tbody tr", (rows) => rows.map((r) => Number(r.cells[3].dataset.v || "NaN")));
await timed(page, "sort-mean", () => document.querySelector("#heat thead tr:last-child th:nth-child(3) button").click(),
  () => document.querySelector("#heat thead tr:last-child th:nth-child(3)").hasAttribute("aria-sort"));
const before = await page.$eval("#heat tbody", (b) => b.innerText);
await timed(page, "level", () => document.querySelectorAll("input[name=level]")[1].click(), () => true);
out.facts.level_changed = before !== (await page.$eval("#heat tbody", (b) => b.innerText));
await page.locator("input[name=level]").first().check({ force: true });
out.facts.level_restored = before === (await page.$eval("#heat tbody", (b) => b.innerText));
await timed(page, "filter", () => { const f = document.getElementById("heat-filter"); f.value = "google"; f.dispatchEvent(new Event("input")); },
  () => [...document.querySelectorAll("#heat tbody tr")].some((r) => r.hidden));
out.facts.filtered = await page.$$eval("#heat tbody tr:not([hidden]) th", (cells) => cells.map((c) => c.textContent));
await page.fill("#heat-filter", "");
await page.check("#heat-ci");

// All answers: the matrix of items on which models differ, the list, filters, the empty state, copying, an answer and back.
await page.evaluate(() => { location.hash = "#answers"; });
await page.waitForSelector("#answers table.items");
const counted = () => page.textContent("#answers-count");
out.facts.answers = { differ: await counted() };
out.facts.answers.alike = await page.$$eval("#answers tbody tr", (rows) => rows.filter((r) => {
  const marks = new Set([...r.querySelectorAll("td.m a")].map((a) => a.textContent));
  return !(marks.has("✓") && marks.size > 1);
}).length);
await page.uncheck("#a-differ");
await page.waitForTimeout(50);
out.facts.answers.all = await counted();
await page.locator("#a-list").check({ force: true });
await page.waitForSelector("#answers table.list");
out.facts.answers.list = await counted();
await page.selectOption("#a-outcome", { label: "✗ incorrect" });
await page.waitForTimeout(50);
out.facts.answers.wrong = await counted();
out.facts.answers.outcomes = await page.$$eval("#answers tbody tr", (rows) => [...new Set(rows.map((r) => r.cells[4].textContent))]);
const shownBefore = await page.locator("#answers tbody tr").count();
await timed(page, "answers-more", () => document.querySelector("#answers .more").click(), () => document.querySelectorAll("#answers tbody tr").length > 100);
out.facts.answers.more = [shownBefore, await page.locator("#answers tbody tr").count()];
await page.click("#answers tbody .copy");
await page.waitForFunction(() => document.querySelector("#answers tbody .copy").textContent !== "copy");
out.facts.answers.copied = await page.textContent("#answers tbody .copy");
await page.fill("#a-words", "no such item anywhere");
await page.waitForFunction(() => /nothing has all of this/.test(document.getElementById("answers-count").textContent));
await page.fill("#a-words", "");
await page.waitForSelector("#answers tbody a");
await page.focus("#answers tbody a");
await page.keyboard.press("Enter");
await page.waitForSelector("#v-title");
out.facts.answers.opened = await page.textContent(".vhead .badge");
await page.keyboard.press("Escape");
await page.waitForFunction(() => document.getElementById("viewer").hidden);
out.facts.answers.returned = await page.evaluate(() => document.activeElement.closest("#answers tbody tr")?.rowIndex ?? -1);
await page.evaluate(() => { location.hash = "#leaderboard"; });

// 3. Exports.
out.facts.csv = readFileSync(await saved(page, "[data-csv=heat]"), "utf8").slice(0, 4000);
out.facts.outcomes_csv = readFileSync(await saved(page, "[data-csv=outcomes]"), "utf8").slice(0, 4000);
out.facts.latex = readFileSync(await saved(page, "[data-latex=heat]"), "utf8").slice(0, 4000);
out.facts.svg = readFileSync(await saved(page, "[data-svg=leaderboard]"), "utf8").slice(0, 200);
out.facts.png = readFileSync(await saved(page, "[data-png=leaderboard]")).subarray(1, 4).toString();

// 4. A task's page, and the way into the viewer.
const second = await page.$$eval(".pills a", (links) => links.at(-1).getAttribute("href").slice(1));
await timed(page, "task", () => [...document.querySelectorAll(".pills a")].at(-1).click(),
  () => [...document.querySelectorAll(".task")].at(-1).classList.contains("on"));
out.facts.task_shown = await page.$eval(".task.on", (t) => t.id) === second;
await timed(page, "cell", () => document.querySelector("#heat tbody tr:nth-child(3) td:nth-child(4) a").click(),
  () => !document.getElementById("viewer").hidden && document.getElementById("v-title"));
out.facts.title = await page.textContent("#v-title");
const seen = [];
for (const [name, k] of [["next", "n"], ["next-2", "n"], ["next-3", "n"], ["previous", "p"], ["item", "j"], ["model", "l"]]) {
  await page.evaluate(() => { document.getElementById("v-title").dataset.old = "1"; });
  await timed(page, name, key(k), () => document.getElementById("v-title") && !document.getElementById("v-title").dataset.old);
  seen.push([await page.evaluate(() => decodeURIComponent(location.hash)), await page.textContent(".vhead .badge")]);
}
out.facts.walk = seen;
await page.evaluate(() => {
  document.getElementById("v-title").dataset.old = "1";
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "p", bubbles: true }));
});
await page.waitForFunction(() => { const title = document.getElementById("v-title"); return title && !title.dataset.old; });
await timed(page, "fold", () => [...document.querySelectorAll(".fold summary")].find((s) => s.textContent.startsWith("Raw answer")).click(),
  () => document.querySelector(".fold .big"));
await shot(page, "viewer-light.png");
await page.keyboard.press("Escape");
await page.waitForSelector("#heat", { state: "visible" });
out.facts.back = await page.evaluate(() => document.getElementById("viewer").hidden);

// By keyboard alone: from the top to a cell, into its answer, and back to the same cell.
await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
const focused = () => page.evaluate(() => {
  const e = document.activeElement;
  return { cell: e.closest("td, th")?.cellIndex ?? -1, row: (e.closest("tbody tr")?.sectionRowIndex ?? -2) + 1, label: e.querySelector(".vh")?.textContent ?? null, id: e.id };
});
let tabs = 0, at = await focused();
while (!(at.cell === 3 && at.row === 1) && tabs++ < 80) { await page.keyboard.press("Tab"); at = await focused(); }
out.facts.keyboard = { tabs, label: at.label, walked: [] };
for (const k of ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"]) {
  await page.keyboard.press(k);
  const { cell, row } = await focused();
  out.facts.keyboard.walked.push([row, cell]);
}
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.activeElement.id === "v-title");
out.facts.keyboard.opened = await page.textContent("#v-title");
await page.keyboard.press("n");
await page.waitForTimeout(80);
await page.keyboard.press("Escape");
await page.waitForFunction(() => document.getElementById("viewer").hidden);
await page.waitForTimeout(50);
out.facts.keyboard.returned = await focused();
out.facts.read = await page.$eval("#heat tbody tr", (row) => [...row.cells].slice(0, 3).map((c) => c.textContent).join("|"));

// A link to an answer that is not here says so; the next one that is takes the note away.
await page.evaluate(() => { location.hash = "#nobody/nothing-%E0"; });
await page.waitForFunction(() => !document.getElementById("lost").hidden);
out.facts.lost = await page.textContent("#lost");
await page.evaluate(() => document.querySelector("#heat tbody td a").click());
await page.waitForFunction(() => !document.getElementById("viewer").hidden && document.getElementById("v-title"));
out.facts.found = await page.evaluate(() => document.getElementById("lost").hidden);
out.facts.sentence = await page.textContent(".verdict");
await page.check("#v-wrap");
out.facts.wrapped = await page.evaluate(() => [...document.querySelectorAll("#viewer .code")].every((box) => box.scrollWidth <= box.clientWidth + 1));
await page.uncheck("#v-wrap");
await page.keyboard.press("Escape");
await page.waitForFunction(() => document.getElementById("viewer").hidden);

// Every wrong answer with a long proof, and some with a wrong chain: as it is opened its failing line is inside its
// panel, and the line inside the window.
for (const [name, width, height, list] of [["long", 1440, 900, options.long], ["long-400", 400, 800, options.long.filter((_, i) => i % 6 === 0)],
  ["chains", 1440, 900, options.chains]]) {
  await page.setViewportSize({ width, height });
  out.facts[name] = await page.evaluate(`(async () => {
    const found = [], frame = () => new Promise((r) => requestAnimationFrame(r));
    for (const [who, item] of ${JSON.stringify(list)}) {
      const shown = new Promise((r) => document.addEventListener("shown", r, { once: true }));
      location.hash = "#" + encodeURIComponent(who).replace(/%2F/g, "/") + "/" + encodeURIComponent(item);
      await shown;
      for (let i = 0; i < 12; i++) await frame();
      const line = document.querySelector("#v-body .ln.fail");
      if (!line) { found.push([who, item, 0, "no line"]); continue; }
      const a = line.getBoundingClientRect(), b = line.closest(".code").getBoundingClientRect();
      const marks = line.querySelectorAll("mark").length, carets = /\\^/.test(line.nextElementSibling.textContent);
      const [top, bottom] = [Math.max(b.top, 0), Math.min(b.bottom, innerHeight)];
      found.push([who, item, Number(line.dataset.n), a.top >= top - 1 && a.bottom <= bottom + 1, marks, carets]);
    }
    location.hash = "#leaderboard";
    return found;
  })()`);
  await page.waitForFunction(() => document.getElementById("viewer").hidden);
}
await page.setViewportSize({ width: 1440, height: 900 });

// 5. Dark, and 400 pixels wide.
await page.click("#theme");
await shot(page, "report-dark.png");
await page.setViewportSize({ width: 400, height: 800 });
out.facts.narrow = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
await shot(page, "report-400.png");
await page.setViewportSize({ width: 1440, height: 900 });
await page.click("#theme");

// On A4 with margins of 12 mm the board is whole on one page, and no table or figure is wider than the paper.
await page.uncheck("#heat-ci");
await page.setViewportSize({ width: 703, height: 1032 });
await page.emulateMedia({ media: "print" });
out.facts.print = await page.evaluate(() => ({ board: document.getElementById("heat").getBoundingClientRect().height,
  wide: [...document.querySelectorAll("#report table, #report svg")].filter((e) => e.getBoundingClientRect().width > innerWidth + 1).map((e) => e.id),
  buttons: [...document.querySelectorAll("button, input, select")].filter((e) => e.checkVisibility() && !e.closest("thead")).length }));
await page.emulateMedia({ media: "screen" });
await page.setViewportSize({ width: 1440, height: 900 });

// 6. Hostile answers, each by its link, everything unfolded.
const ran = () => page.evaluate(() => window.__ran || 0);
out.facts.hostile = [];
for (const [n, { model, item }] of options.hostile.entries()) {
  const hash = "#" + encodeURIComponent(model).replace(/%2F/g, "/") + "/" + encodeURIComponent(item);
  await page.evaluate(() => { const t = document.getElementById("v-title"); if (t) t.dataset.old = "1"; });
  await timed(page, "hostile-" + n, `() => { location.hash = ${JSON.stringify(hash)}; }`,
    () => { const t = document.getElementById("v-title"); return t && !t.dataset.old && !document.getElementById("viewer").hidden; });
  await page.evaluate(() => { for (const d of document.querySelectorAll("#viewer details")) d.open = true; });
  await page.waitForTimeout(30);
  for (let k = 0; k < 2; k++) {
    if (await page.locator(".big button").first().isVisible().catch(() => false)) {
      await timed(page, "more-" + n + "-" + k, () => { document.querySelector(".big button").click(); }, () => true);
    }
  }
  out.facts.hostile.push({ title: await page.textContent("#v-title"), ran: await ran(),
    bad: await page.locator("#viewer :is(script, img, svg, style, iframe, base, meta, object, embed, form, b, marquee)").count(),
    controls: await page.locator("#viewer .ctl").count(),
    bidi: await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent.replace(document.getElementById("index").textContent, ""))) });
}
out.facts.ran = await ran();
await page.close();

// 7. A link to one answer, opened afresh; and a page whose answers are in files beside it.
if (options.hostile.length) {
  page = watch(await context.newPage());
  const { model, item } = options.hostile[0];
  await page.goto(options.report + "#" + encodeURIComponent(model).replace(/%2F/g, "/") + "/" + encodeURIComponent(item));
  await page.waitForSelector("#v-title");
  out.facts.deep = await page.textContent("#v-title");
  await page.close();
}
// The same page with its answers in files beside it: they are loaded when looked at; without the folder it says so.
for (const [name, url] of Object.entries(options.beside || {})) {
  page = watch(await context.newPage());
  await page.goto(url);
  await page.waitForSelector("#v-title");
  const before = await page.evaluate(() => document.querySelectorAll(".code").length);
  await page.keyboard.press("j");
  await page.waitForTimeout(200);
  out.facts[name] = { title: await page.textContent("#v-title"), before, hash: await page.evaluate(() => location.hash),
    code: await page.locator("#viewer .code").count(), notice: await page.locator("#viewer .notice").allTextContents() };
  await page.close();
  if (name === "gone") out.errors = out.errors.filter((e) => !/ERR_FILE_NOT_FOUND/.test(e));  // that is what is tested
}

// 8. Accessibility, on pages of its own: a page that axe-core has read through answers slower than one that it has not.
page = watch(await context.newPage());
await page.goto(options.report);
await accessibility(page, "report");
await page.evaluate((hash) => { location.hash = hash; }, out.facts.walk[0][0]);
await page.waitForSelector("#v-title");
await accessibility(page, "viewer");
await page.keyboard.press("Escape");
await page.click("#theme");
await accessibility(page, "dark", ["color-contrast"]);
await page.close();
for (const [width, theme] of [[400, "light"], [400, "dark"], [1024, "dark"], [1200, "light"]]) {
  page = watch(await context.newPage());
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize({ width, height: 800 });
  await page.goto(options.report);
  await page.evaluate(() => localStorage.clear());
  await page.goto(options.report);
  await page.evaluate(() => document.getElementById("answers").scrollIntoView());
  await page.waitForSelector("#answers tbody");
  await page.evaluate(() => { for (const e of document.querySelectorAll("#report > section, .task")) e.style.contentVisibility = "visible"; });
  out.facts["wide-" + width + "-" + theme] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth, document.documentElement.dataset.theme]);
  out.facts["cut-" + width + "-" + theme] = await page.evaluate(() => [...document.querySelectorAll("#report .plot:not(.full) svg")].filter((s) => s.checkVisibility() &&
    s.getBoundingClientRect().width > s.closest(".plot").getBoundingClientRect().width + 1).map((s) => s.querySelector("title").textContent));
  await accessibility(page, width + " " + theme, ["color-contrast", "scrollable-region-focusable", "target-size"]);
  await page.close();
}
await browser.close();
process.stdout.write(JSON.stringify(out));
