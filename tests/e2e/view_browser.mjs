// Opens a page served by `proofgrid view`, edits an answer with the keyboard, and prints what it found as JSON.
// Usage: node view_browser.mjs OPTIONS.json, where the options are {chromium, url, hash, hostile: [text], artifacts}
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const out = { errors: [], dialogs: 0, foreign: [], edits: [], verdicts: {}, axe: {} };
mkdirSync(options.artifacts, { recursive: true });

const browser = await chromium.launch({ executablePath: options.chromium, args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"] });
for (const [width, colorScheme] of [[1400, "light"], [1024, "dark"], [400, "light"]]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  page.on("console", (m) => { if (m.type() === "error") out.errors.push(m.text().slice(0, 300)); });
  page.on("pageerror", (e) => out.errors.push(String(e.stack).slice(0, 600)));
  page.on("dialog", (d) => { out.dialogs += 1; d.dismiss(); });
  page.on("request", (r) => { if (!r.url().startsWith(options.url) && !/^(data|blob):/.test(r.url())) out.foreign.push(r.url().slice(0, 200)); });
  await page.goto(options.url + options.hash);
  await page.waitForSelector("#v-edit");
  const verdict = async (old) => {
    await page.waitForFunction((o) => { const e = document.querySelector(".editing .verdict"); return e && !/^Checking/.test(e.textContent) && e.textContent !== o; }, old, { timeout: 60000 });
    return page.textContent(".editing .verdict");
  };
  await page.keyboard.press("e");
  await page.waitForSelector("textarea.edit");
  await page.waitForFunction(() => document.activeElement.classList.contains("edit"));
  const began = await verdict("");
  // Something at its end that is no proof, and away again: the verdict follows the typing.
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" )nonsense(");
  const broken = await verdict(began);
  for (let i = 0; i < 11; i++) await page.keyboard.press("Backspace");
  const mended = await verdict(broken);
  out.edits.push({ width, began, broken, mended, marked: await page.locator(".editing .ln.fail").count(), wide: await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]) });
  await page.evaluate(axe);
  out.axe[width] = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations.map((v) => ({ id: v.id, impact: v.impact, first: v.nodes[0].html.slice(0, 200) })));
  await page.screenshot({ path: join(options.artifacts, "edit-" + width + ".png") });
  if (width === 1400) {
    let before = mended;
    for (const text of options.hostile) {
      await page.fill("textarea.edit", text);
      before = await verdict(before).catch(() => "none came for " + text.slice(0, 40));
      out.verdicts[text.slice(0, 40)] = before;
      await page.fill("textarea.edit", "");
      before = await verdict(before);
    }
    out.ran = await page.evaluate(() => window.__ran || 0);
    out.made = await page.locator(".editing :is(script, img, svg, style, iframe, base, meta, object, embed, form, b, marquee)").count();
  }
  await page.focus("textarea.edit");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("textarea.edit"));
  out.edits.at(-1).left = await page.evaluate(() => [document.activeElement.id, !document.getElementById("viewer").hidden]);
  await context.close();
}
await browser.close();
process.stdout.write(JSON.stringify(out));
