// Measures a large report in the system's chromium: first paint, every click, memory, and prints it as JSON.
// Usage: node scale_browser.mjs OPTIONS.json, where the options are {chromium, report, far: number of far answers to open}
// A click has two figures: `ms`, from the event to the second frame after its effect, on the clock; and `cpu`, how long
// the page's main thread computed until then, which the kernel counts and other work on the machine hardly lengthens. The
// same for the first paint, where `cpu` is taken from chromium's own trace.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const out = { errors: [], clicks: {} };

const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
page.on("console", (m) => { if (m.type() === "error") out.errors.push(m.text().slice(0, 300)); });
page.on("pageerror", (e) => out.errors.push(String(e.stack).slice(0, 600)));

// 1. The first paint, traced: what the main thread computed before it.
await browser.startTracing(page, { categories: ["loading", "blink.user_timing", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
await page.goto(options.report, { waitUntil: "load" });
await page.waitForTimeout(1500);
const trace = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
const paint = trace.filter((e) => e.name === "firstContentfulPaint").at(-1);
const begun = Math.min(...trace.filter((e) => e.name === "navigationStart" && e.pid === paint.pid).map((e) => e.ts));
const tasks = trace.filter((e) => e.ph === "X" && e.name === "RunTask" && e.pid === paint.pid && e.tid === paint.tid && e.ts >= begun);
const sum = (list) => list.reduce((total, e) => total + (e.tdur ?? e.dur) / 1000, 0);
out.paint = {
  ms: await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime),
  cpu: sum(tasks.filter((e) => e.ts < paint.ts)),
  loaded: sum(tasks),
};

// 2. Clicks.
const session = await context.newCDPSession(page);
await session.send("Performance.enable");
const { processInfo } = await (await browser.newBrowserCDPSession()).send("SystemInfo.getProcessInfo");
const ran = (pid) => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
const tab = processInfo.filter((p) => p.type === "renderer").map((p) => p.id).sort((a, b) => ran(b) - ran(a))[0];
const computed = () => ran(tab);
const metrics = async () => Object.fromEntries((await session.send("Performance.getMetrics")).metrics.map((m) => [m.name, m.value]));

async function timed(name, act, done) {
  const before = computed();
  const ms = await page.evaluate(`(async () => {
    const act = ${act}, done = ${done};
    const frame = () => new Promise((r) => requestAnimationFrame(r));
    const before = performance.now();
    act();
    for (let i = 0; i < 1200 && !done(); i++) await frame();
    if (!done()) return -1;
    await frame();
    return performance.now() - before;
  })()`);
  out.clicks[name] = { ms, cpu: computed() - before };
}
const press = (k) => `() => { const t = document.getElementById("v-title"); if (t) t.dataset.old = "1"; document.dispatchEvent(new KeyboardEvent("keydown", { key: "${k}", bubbles: true })); }`;
const fresh = () => { const t = document.getElementById("v-title"); return t && !t.dataset.old && !document.getElementById("viewer").hidden; };
const set = (id, value, event) => `() => { const e = document.getElementById("${id}"); e.value = ${JSON.stringify(value)}; e.dispatchEvent(new Event("${event}", { bubbles: true })); }`;
const settle = () => page.waitForTimeout(300);

await timed("sort", () => document.querySelector("#heat thead tr:last-child th:nth-child(5) button").click(), () => document.querySelector("#heat thead tr:last-child th:nth-child(5)").hasAttribute("aria-sort"));
await timed("level", () => document.querySelectorAll("input[name=level]")[2].click(), () => document.querySelectorAll("input[name=level]")[2].checked);
await timed("all levels", () => document.querySelectorAll("input[name=level]")[0].click(), () => document.querySelectorAll("input[name=level]")[0].checked);
await timed("filter models", set("heat-filter", "google", "input"), () => [...document.querySelectorAll("#heat tbody tr")].some((r) => r.hidden));
await timed("unfilter models", set("heat-filter", "", "input"), () => ![...document.querySelectorAll("#heat tbody tr")].some((r) => r.hidden));
await timed("intervals", () => document.getElementById("heat-ci").click(), () => document.getElementById("heat").classList.contains("ci"));
await timed("theme", () => document.getElementById("theme").click(), () => document.documentElement.dataset.theme === "dark");
await timed("theme back", () => document.getElementById("theme").click(), () => document.documentElement.dataset.theme === "light");
for (const [i, id] of (await page.$$eval(".toc a", (links) => links.map((a) => a.getAttribute("href").slice(1)))).entries()) {
  await timed("to " + id, `() => document.querySelectorAll(".toc a")[${i}].click()`, `() => location.hash === "#${id}" && Math.abs(document.getElementById("${id}").getBoundingClientRect().top) < innerHeight`);
  await settle();
}
await page.evaluate(() => document.getElementById("answers").scrollIntoView());
await page.waitForSelector("#answers tbody tr");
await settle();
const count = () => page.textContent("#answers-count");
for (const [name, act] of [
  ["answers: all items", () => document.getElementById("a-differ").click()],
  ["answers: list", () => document.getElementById("a-list").click()],
  ["answers: task", set("a-task", "2", "change")],
  ["answers: outcome", set("a-outcome", "1", "change")],
  ["answers: no task", set("a-task", "", "change")],
]) {
  const was = await count();
  await timed(name, act, `() => document.getElementById("answers-count").textContent !== ${JSON.stringify(was)}`);
  await settle();
}
await timed("answers: more", () => document.querySelector("#answers .more").click(), () => document.querySelectorAll("#answers tbody tr").length > 100);
await timed("answers: matrix", () => document.getElementById("a-matrix").click(), () => document.querySelector("#answers table.items"));
await settle();
for (let i = 0; i < 3; i++) {
  await timed("task " + i, `() => document.querySelectorAll(".pills a")[${5 * i}].click()`, `() => document.querySelectorAll(".task")[${5 * i}].classList.contains("on")`);
  await settle();
}
await timed("items sorted", () => document.querySelector(".task.on [id$=-items] thead th:nth-child(3) button").click(), () => document.querySelector(".task.on [id$=-items] thead th:nth-child(3)").hasAttribute("aria-sort"));
await timed("items filtered", () => { const e = document.querySelector(".task.on [id$=-items]").closest("figure").querySelector("input"); e.value = "07"; e.dispatchEvent(new Event("input", { bubbles: true })); },
  () => [...document.querySelectorAll(".task.on [id$=-items] tbody tr")].some((r) => r.hidden));
await settle();

// 3. Answers, from files beside the page: a cell, then wrong answer after wrong answer, by item and by model.
await timed("cell", () => document.querySelector("#heat tbody tr:nth-child(3) td:nth-child(5) a").click(), fresh);
for (const k of ["n", "n", "p", "j", "j", "k", "l", "l", "h"]) {
  await settle();
  await timed(k + " " + Object.keys(out.clicks).length, press(k), fresh);
}
for (let i = 0; i < (options.far || 0); i++) {  // another task, so another file
  await settle();
  await timed("task of an answer " + i, () => {
    document.getElementById("v-title").dataset.old = "1";
    const tasks = document.getElementById("v-task");
    tasks.value = String((Number(tasks.value) + 4) % tasks.options.length);
    tasks.dispatchEvent(new Event("change"));
  }, fresh);
}
await timed("back", press("Escape"), () => document.getElementById("viewer").hidden && !document.getElementById("report").hidden);
await settle();

// 4. Memory of the tab: its heap, and what its process holds that no other does.
await session.send("HeapProfiler.collectGarbage");
const last = await metrics();
const held = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${tab}/smaps_rollup`, "utf8"))[1]) * 1024;
out.memory = { heap: last.JSHeapUsedSize, tab: held };
await browser.close();
process.stdout.write(JSON.stringify(out));
