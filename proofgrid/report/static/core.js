// What every part of the page uses: elements made from text (never from markup), hidden characters, numbers, downloads.
const $ = (id) => document.getElementById(id);
const json = (id) => { const e = $(id); return e ? JSON.parse(e.textContent) : null; };
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\ud800-\udfff](?![\udc00-\udfff])|\udb40[\udc00-\udfff]/gu;

function put(parent, text) {
  let from = 0;
  HIDDEN.lastIndex = 0;
  for (let m; (m = HIDDEN.exec(text)); ) {
    if (m.index > from) parent.append(text.slice(from, m.index));
    const code = "U+" + m[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    const mark = document.createElement("span");
    mark.className = "ctl";
    mark.title = "a hidden character";
    mark.textContent = code;
    parent.append(mark);
    from = HIDDEN.lastIndex;
  }
  if (from < text.length) parent.append(from ? text.slice(from) : text);
  return parent;
}

// The same for what can hold no element: titles and labels.
const plain = (text) => text.replace(HIDDEN, (c) => "U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0"));

function h(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) {
    if (v === false || v == null) continue;
    if (k === "class") e.className = v;
    else if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else e.setAttribute(k, v === true ? "" : k === "href" ? v : plain(String(v)));
  }
  for (const c of children.flat()) {
    if (c == null || c === false) continue;
    if (c instanceof Node) e.append(c);
    else put(e, String(c).replace(/\r\n/g, "\n"));
  }
  return e;
}

const clip = (text, most) => (text.length > most ? text.slice(0, most) + " … (" + group(text.length - most) + " more characters)" : text);
const group = (n) => n.toLocaleString("en-US");

function download(name, blob) {
  const a = h("a", { href: URL.createObjectURL(blob), download: name.replace(/[^\w.-]+/g, "-") });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

// Puts a text on the clipboard. A page from a disk may not be let to the clipboard itself; a selection then does.
async function copied(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* not allowed, or not there */ }
  const area = h("textarea", { class: "vh", "aria-hidden": "true" }), before = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  return done;
}

// `text` gives what is copied: a text, or an answer, of which what it said is copied.
function copyButton(text, label, word = "copy") {
  return h("button", { type: "button", class: "copy", "aria-label": label || false, onclick: async (e) => {
    const button = e.currentTarget, found = await text();
    const answer = found && typeof found === "object" ? (found.z ? (await unpack(found.z)).text : found.text) : found;
    button.textContent = (await copied(answer || "")) ? "copied" : "not copied";
    setTimeout(() => { button.textContent = word; }, 1500);
  } }, word);
}

function remember(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch { /* a page opened from a disk may have no storage */ }
  return null;
}

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => { root.dataset.theme = remember("proofgrid-theme") || (dark.matches ? "dark" : "light"); };
theme();
dark.addEventListener("change", theme);
$("theme").addEventListener("click", () => {
  remember("proofgrid-theme", root.dataset.theme === "dark" ? "light" : "dark");
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
});
document.body.classList.add("js");
