// Opens every page of the documentation's site in the system's chromium and prints what it found as JSON.
// Usage: node site_browser.mjs OPTIONS.json, where the options are {chromium, url, artifacts, search: [words]}
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const out = { pages: [], errors: [], broken: [], foreign: [], search: {}, table: {} };
mkdirSync(options.artifacts, { recursive: true });

const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
let here = "";
page.on("console", (m) => { if (m.type() === "error") out.errors.push(`${here}: ${m.text().slice(0, 300)}`); });
page.on("pageerror", (e) => out.errors.push(`${here}: ${String(e.stack).slice(0, 500)}`));
page.on("request", (r) => { if (!r.url().startsWith(options.url) && !/^(data|blob):/.test(r.url())) out.foreign.push(`${here}: ${r.url()}`); });
page.on("response", (r) => { if (r.status() >= 400) out.errors.push(`${here}: ${r.status()} ${r.url()}`); });

// Every page that is linked from another, from the first on; links to places in a page are looked for in it.
const ids = new Map();
const wanted = [];
const queue = [options.url + "index.html"];
const seen = new Set(queue);
while (queue.length) {
  here = queue.shift();
  const answer = await page.goto(here, { waitUntil: "load" });
  if (!answer || !answer.ok()) { out.broken.push(here); continue; }
  out.pages.push(here.slice(options.url.length));
  const found = await page.evaluate(() => ({
    links: [...document.querySelectorAll("a[href]")].map((a) => a.href),
    ids: [...document.querySelectorAll("[id], a[name]")].map((e) => e.id || e.name),
    pictures: [...document.images].filter((i) => i.complete && !i.naturalWidth).map((i) => i.src),
  }));
  ids.set(here, new Set(found.ids));
  out.broken.push(...found.pictures.map((src) => `${here}: picture ${src}`));
  for (const link of new Set(found.links)) {
    if (!link.startsWith(options.url)) continue;
    const [target, fragment] = link.split("#");
    const whole = target.endsWith("/") ? target + "index.html" : target;
    if (fragment) wanted.push([here, whole, decodeURIComponent(fragment)]);
    if (!seen.has(whole) && /\.html$/.test(whole)) { seen.add(whole); queue.push(whole); }
  }
}
for (const [from, target, fragment] of wanted) {
  if (!ids.get(target)?.has(fragment) && !fragment.startsWith("__")) out.broken.push(`${from}: ${target}#${fragment}`);
}

here = options.url + "benchmarks.html";
await page.goto(here, { waitUntil: "load" });
// The table by the keyboard alone: Enter and Space on a head sort it up and down, words in the filter leave their rows.
const years = () => page.evaluate(() => {
  const table = [...document.querySelectorAll("article table")].find((t) => t.tBodies[0].rows.length > 50);
  table.tHead.rows[0].cells[1].id = "sorted-by";
  return [...table.tBodies[0].rows].filter((r) => !r.hidden).map((r) => r.cells[1].textContent.trim());
});
const inOrder = (all) => all.every((y, i) => !i || all[i - 1].localeCompare(y, "en", { numeric: true }) <= 0);
out.table.rows = (await years()).length;
await page.locator("#sorted-by").focus();
await page.keyboard.press("Enter");
out.table.up = inOrder(await years());
await page.keyboard.press(" ");
out.table.down = inOrder((await years()).reverse());
out.table.said = await page.getAttribute("#sorted-by", "aria-sort");
await page.keyboard.press("Shift+Tab");
await page.keyboard.press("Shift+Tab");
out.table.onFilter = await page.evaluate(() => document.activeElement.classList.contains("table-filter"));
await page.keyboard.type("prontoqa");
out.table.filtered = (await years()).length;
out.table.count = await page.textContent(".table-count");
await page.screenshot({ path: join(options.artifacts, "benchmarks.png") });

for (const words of options.search) {
  here = options.url + "index.html";
  await page.goto(here, { waitUntil: "load" });
  await page.screenshot({ path: join(options.artifacts, "index.png") });
  await page.keyboard.press("/");
  await page.waitForTimeout(500);
  await page.keyboard.type(words);
  const results = page.locator(`a[href*=".html"]:has(mark), li:has(mark) a, [role=option]`);
  await results.first().waitFor({ timeout: 20000 }).catch(() => {});
  await page.screenshot({ path: join(options.artifacts, "search.png") });
  out.search[words] = await results.evaluateAll((all) => all.map((a) => [a.href || "", a.textContent.replace(/\s+/g, " ").slice(0, 200)]));
}
await browser.close();
console.log(JSON.stringify(out));
