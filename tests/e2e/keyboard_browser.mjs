// Goes through a whole report by keyboard alone, at each width and in each theme, and prints what it found as JSON.
// Usage: node keyboard_browser.mjs OPTIONS.json, where the options are
//   {chromium, report, artifacts, widths: [1400, ...], themes: ["light", "dark"], stops: [width, ...]}
// At the widths in `stops` every Tab stop of the page and of an opened answer is visited as well: each has to be in view
// with nothing over it, to show that it has the focus, and to have a name.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const out = { errors: [], walks: {} };
mkdirSync(options.artifacts, { recursive: true });
const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});

for (const width of options.widths) for (const theme of options.themes) {
  const name = width + " " + theme;
  out.walks[name] = await walk(width, theme).catch((e) => ({ failed: String(e.stack).slice(0, 900) }));
}
await browser.close();
process.stdout.write(JSON.stringify(out));

async function walk(width, theme) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.on("console", (m) => { if (m.type() === "error") out.errors.push(m.text().slice(0, 300)); });
  page.on("pageerror", (e) => out.errors.push(String(e.stack).slice(0, 600)));
  await page.goto(options.report);
  const facts = { sections: {}, tasks: [], stops: [] };
  const key = page.keyboard;
  const state = () => page.evaluate(() => {
    const e = document.activeElement;
    const section = e.closest(".task") || e.closest("#report > section, #viewer, .toc, .mast, .intro");
    return { id: e.id, tag: e.tagName, text: e.textContent.slice(0, 60), in: section?.id || section?.className || "", href: e.getAttribute("href") || "" };
  });
  // Tab until the focus is on what is looked for; more than `most` presses is to get lost.
  const tabTo = async (selector, most = 120, back = false) => {
    for (let i = 0; i < most; i++) {
      await key.press(back ? "Shift+Tab" : "Tab");
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return i + 1;
    }
    throw new Error("the Tab key does not reach " + selector + "; it ends at " + JSON.stringify(await state()));
  };
  const until = (test, argument) => page.waitForFunction(test, argument);
  const top = async () => { await page.goto("about:blank"); await page.goto(options.report); };

  facts.theme = await page.evaluate(() => document.documentElement.dataset.theme);
  if (options.stops.includes(width)) facts.stops = await stops(page);
  await top();

  // 1. The first stop leads past everything to the content; the theme's switch comes next and works.
  await key.press("Tab");
  facts.first = (await state()).text;
  await tabTo("#theme");
  await key.press("Enter");
  facts.switched = await page.evaluate(() => document.documentElement.dataset.theme);
  await key.press("Enter");

  // 2. Every section by its link: it is in view, and the next Tab stop is in it or after it.
  const links = await page.$$eval(".toc a", (found) => found.map((a) => a.getAttribute("href").slice(1)));
  for (const id of links) {
    await top();
    await tabTo(`.toc a[href="#${id}"]`, 20);
    await key.press("Enter");
    await page.waitForTimeout(300);
    await key.press("Tab");
    facts.sections[id] = await page.evaluate((i) => {
      const target = document.getElementById(i), e = document.activeElement, r = target.getBoundingClientRect();
      // After the last stop the focus leaves the page.
      return { after: e === document.body || !!(target.compareDocumentPosition(e) & (Node.DOCUMENT_POSITION_CONTAINED_BY | Node.DOCUMENT_POSITION_FOLLOWING)),
        inside: target.contains(e), shown: r.top < innerHeight && r.bottom > 0 };
    }, id);
  }

  // 3. The leaderboard: a level, the filter, the intervals, a column; then a cell, its answer, and back.
  await top();
  await tabTo("input[name=level]");
  const mean = () => page.$eval("#heat tbody", (b) => b.innerText);
  const before = await mean();
  await key.press("ArrowRight");
  facts.level = (await mean()) !== before;
  await key.press("ArrowLeft");
  facts.restored = (await mean()) === before;
  await tabTo("#heat-filter");
  await key.type("google");
  facts.filtered = await page.$$eval("#heat tbody tr:not([hidden]) th", (cells) => cells.every((c) => c.textContent.includes("google")) && cells.length);
  for (let i = 0; i < 6; i++) await key.press("Backspace");
  await tabTo("#heat-ci");
  await key.press("Space");
  facts.intervals = await page.evaluate(() => document.getElementById("heat").classList.contains("ci"));
  await key.press("Space");
  await tabTo("#heat thead th:nth-child(4) button");
  await key.press("Enter");
  facts.sorted = await page.evaluate(() => document.querySelector("#heat thead tr:last-child th:nth-child(4)").getAttribute("aria-sort"));
  await tabTo("#heat tbody td a");
  await key.press("ArrowDown");
  await key.press("Enter");
  await until(() => document.activeElement.id === "v-title");
  facts.answer = await page.textContent("#v-title");
  if (options.stops.includes(width)) facts.stops.push(...(await stops(page)));
  await page.evaluate(() => document.getElementById("v-title").focus());
  const seen = [await page.evaluate(() => location.hash)];
  for (const k of ["n", "n", "p", "j", "k", "l", "h"]) {
    const was = seen.at(-1);
    await key.press(k);
    await until((h) => location.hash !== h && document.getElementById("v-title"), was);
    seen.push(await page.evaluate(() => location.hash));
  }
  facts.walked = new Set(seen).size;
  await page.waitForTimeout(100);
  await key.press("f");
  facts.failure = await page.evaluate(() => document.querySelector("#v-body .ln.fail, #v-body .ln.claim, #v-body .diag") === null || document.activeElement.closest("#v-body") !== null);
  for (const [select, press] of [["#v-model", "ArrowDown"], ["#v-task", "ArrowDown"], ["#v-item", "ArrowDown"]]) {
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    await page.focus("#v-back");
    await tabTo(select, 8);
    const was = await page.evaluate(() => location.hash);
    await key.press(press);
    facts["by " + select] = await page.waitForFunction((h) => location.hash !== h, was).then(() => true);
    facts["kept " + select] = (await state()).id === select.slice(1);
  }
  await tabTo("#v-wrap", 6);
  await key.press("Space");
  facts.wrapped = await page.evaluate(() => [...document.querySelectorAll("#viewer .code")].every((box) => box.scrollWidth <= box.clientWidth + 1));
  await key.press("Space");
  await tabTo("#viewer summary", 80);
  await key.press("Enter");
  await until(() => document.querySelector("#viewer details[open] .big"));
  await page.screenshot({ path: join(options.artifacts, `viewer-${width}-${theme}.png`) });
  await key.press("Escape");
  await until(() => document.getElementById("viewer").hidden);
  facts.returned = (await state()).in;

  // 4. Answers: the list, an outcome, a copy, an answer and back.
  await top();
  await tabTo('.toc a[href="#answers"]', 20);
  await key.press("Enter");
  await until(() => document.querySelector("#answers tbody tr"));
  await tabTo("#a-matrix", 200);
  await key.press("ArrowRight");
  await until(() => document.querySelector("#answers table.list"));
  await tabTo("#a-outcome", 12);
  const all = await page.textContent("#answers-count");
  await key.press("ArrowDown");
  await until((was) => document.getElementById("answers-count").textContent !== was, all);
  facts.answers = await page.textContent("#answers-count");
  await tabTo("#answers tbody th a", 12);
  await key.press("Enter");
  await until(() => document.activeElement.id === "v-title");
  await key.press("Escape");
  await until(() => document.getElementById("viewer").hidden);
  facts.list = await page.evaluate(() => document.activeElement.closest("#answers tbody tr")?.rowIndex ?? -1);
  await tabTo("#answers tbody .copy", 4);
  await key.press("Enter");
  await until(() => /copied/.test(document.activeElement.textContent));

  // 5. Every task by its button; a table's filter and its CSV; what is folded.
  const tasks = await page.$$eval(".pills a", (found) => found.map((a) => a.getAttribute("href").slice(1)));
  for (const id of tasks) {
    await page.focus("#tasks .pills a");
    if (id !== tasks[0]) await tabTo(`.pills a[href="#${id}"]`, 20);
    await key.press("Enter");
    await until((i) => document.getElementById(i).classList.contains("on"), id);
    facts.tasks.push(await page.evaluate((i) => document.querySelectorAll(".task.on").length === 1 && document.getElementById(i).getBoundingClientRect().top < innerHeight, id));
  }
  await tabTo(".task.on thead button", 40);
  await key.press("Enter");
  facts.taskSorted = await page.evaluate(() => document.activeElement.closest("th").getAttribute("aria-sort"));
  const [file] = await Promise.all([page.waitForEvent("download"), tabTo(".task.on [data-csv]", 400).then(() => key.press("Enter"))]);
  facts.csv = file.suggestedFilename();
  facts.folded = await page.$$eval("#irt details > summary", (found) => found.length);
  if (facts.folded) {
    await page.focus("#irt");
    await page.evaluate(() => document.querySelector("#irt summary").scrollIntoView());
    await tabTo("#irt summary", 600);
    await key.press("Enter");
    facts.unfolded = await page.evaluate(() => document.activeElement.parentNode.open);
  }
  facts.sideways = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  await page.screenshot({ path: join(options.artifacts, `end-${width}-${theme}.png`) });
  await context.close();
  return facts;
}

// Every Tab stop from the top to the end, and what is wrong with it.
async function stops(page) {
  const wrong = [];
  let count = 0;
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const first = await page.evaluate(() => { window.__seen = new Set(); return true; });
  for (; first && count < 3000; count++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body || window.__seen.has(e)) return "end";
      window.__seen.add(e);
      const shown = e.matches(".seg input") ? e.nextElementSibling : e;
      const r = shown.getBoundingClientRect(), style = getComputedStyle(shown);
      const x = Math.min(Math.max(r.left + Math.min(r.width / 2, 12), 1), innerWidth - 1);
      const y = Math.min(Math.max(r.top + Math.min(r.height / 2, 12), 1), innerHeight - 1);
      const over = document.elementFromPoint(x, y);
      const says = [];
      if (r.width < 2 || r.height < 2) says.push("has no size");
      else if (r.bottom <= 0 || r.top >= innerHeight || r.right <= 0 || r.left >= innerWidth) says.push("is out of view");
      else if (over && over !== e && over !== shown && !shown.contains(over) && !over.contains(shown)) says.push("is under " + over.tagName + "." + over.className);
      if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) says.push("does not show the focus");
      const name = e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.[0]?.textContent.trim() || document.getElementById(e.getAttribute("aria-labelledby"))?.textContent || e.title;
      if (!name) says.push("has no name");
      return says.length ? says.join(", ") + ": " + e.outerHTML.slice(0, 160) : "";
    });
    if (found === "end") break;
    if (found) wrong.push(found);
  }
  return [{ count, wrong }];
}
