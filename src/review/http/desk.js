// Keys, holding, blinking, zoom, filters. Pages work without it, but for these. Its words come with the page. No framework, no request to anywhere
// but the desk itself.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const form = document.body?.dataset.form ?? "";
const words = JSON.parse(document.body?.dataset.words ?? "{}");
const say = (name, values = {}) => (words[name] ?? "").replace(/\{(\w+)\}/g, (place, of) => values[of] ?? place);
const post = (path, body) => fetch(path, { method: "POST", headers: { "x-adlink-form": form }, body });

// Pictures: blurred as served; the clear one is fetched while asked for, once a page, and counted by the desk.
const clear = new Map();
let shown = false;
let grey = false;
const key = (img) => `${img.dataset.reveal}${grey ? " grey" : ""}`;
const blurred = (img) => img.dataset.reveal.replace(/^\/reveal/, img.dataset.reveal.split("/").length > 3 ? "/picture" : "/image");

async function show(img) {
  const wanted = key(img);
  if (!clear.has(wanted)) {
    clear.set(wanted, post(img.dataset.reveal, grey ? "grey" : "").then(async (answer) => answer.ok ? URL.createObjectURL(await answer.blob()) : null).catch(() => null));
  }
  const address = await clear.get(wanted);
  if (!address) { clear.delete(wanted); return; }
  if (shown && wanted === key(img)) img.src = address;
}

function draw() {
  for (const img of $$("img[data-reveal]")) {
    // Only what is in sight is asked for: every picture shown is one more looked at.
    const inSight = img.offsetParent !== null && img.getBoundingClientRect().bottom > 0 && img.getBoundingClientRect().top < innerHeight;
    if (shown && inSight) show(img);
    else if (!shown) img.src = blurred(img) + (grey ? "?grey=1" : "");
  }
  press("reveal", shown);
}

// Both pictures at one scale: what they share is equally large in both as served, and stays so.
function fit() {
  const images = $$(".stage .pane[data-side] img").filter((img) => img.naturalWidth);
  const zoomed = stage?.classList.contains("zoomed");
  const room = (img) => [img.parentElement.clientWidth / img.naturalWidth, innerHeight * (innerWidth < 768 ? 0.34 : 0.52) / img.naturalHeight, 3];
  const scale = Math.min(...images.flatMap(room)) * (zoomed ? 2.5 : 1);
  if (scale > 0) images.forEach((img) => { img.style.width = `${img.naturalWidth * scale}px`; });
}

function reveal(on) {
  if (shown === on) return;
  shown = on;
  draw();
}

const press = (does, on) => $$(`[data-does="${does}"]`).forEach((button) => button.setAttribute("aria-pressed", String(on)));

// The two pictures: beside each other, blinking, or their difference.
const stage = $(".stage");
let blink = 0;

function mode(name) {
  if (!stage) return;
  clearInterval(blink);
  const next = stage.dataset.mode === name ? "side" : name;
  stage.dataset.mode = next;
  const laid = $(".pane.laid", stage);
  if (laid) laid.hidden = next === "side";
  $$(".pane[data-side]", stage).forEach((pane) => { pane.hidden = next !== "side"; });
  const turn = (on) => { if (laid) laid.dataset.shows = on; };
  if (next === "difference") turn("difference");
  if (next === "blink") {
    turn("plain");
    blink = setInterval(() => turn(laid?.dataset.shows === "plain" ? "mapped" : "plain"), 600);
  }
  const caption = $("#laid-caption");
  if (caption) caption.textContent = say(next === "difference" ? "difference" : "turns");
  press("blink", next === "blink");
  press("difference", next === "difference");
  if (shown) draw();
}

const does = {
  swap() { const on = stage?.classList.toggle("swapped"); press("swap", Boolean(on)); },
  blink() { mode("blink"); },
  difference() { mode("difference"); },
  zoom() { const on = stage?.classList.toggle("zoomed"); press("zoom", Boolean(on)); fit(); },
  filed() {
    const img = $('.pane[data-side="B"] img');
    if (!img) return;
    const filed = img.dataset.reveal.endsWith("/filed");
    img.dataset.reveal = img.dataset.reveal.replace(/[a-z]+$/, filed ? "second" : "filed");
    press("filed", !filed);
    draw();
  },
  grey() { grey = !grey; press("grey", grey); draw(); },
};

for (const button of $$("[data-does]")) {
  if (button.dataset.does !== "reveal") {
    button.addEventListener("click", () => does[button.dataset.does]());
    continue;
  }
  button.addEventListener("pointerdown", (event) => { button.setPointerCapture(event.pointerId); reveal(true); });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(end, () => reveal(false));
  // By keyboard or screen reader it is a switch, for not everybody can hold a key.
  button.addEventListener("click", (event) => { if (event.detail === 0) reveal(!shown); });
}

$$(".stage img").forEach((img) => img.addEventListener("load", fit));
addEventListener("resize", fit);
fit();

// Keys. None while something is typed, none together with Ctrl and the like.
const off = $("#keys-off");
if (off) {
  off.checked = localStorage.getItem("keys") === "off";
  off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
}
const help = $("#help");
const typing = (target) => target instanceof Element && target.matches("input:not([type=checkbox]):not([type=hidden]), textarea, select");
const named = { s: "S", d: "D", c: "C", u: "U", n: "N", z: "Z", p: "P", w: "W" };
const views = { t: "filed", x: "swap", b: "blink", f: "difference", "+": "zoom", "=": "zoom", g: "grey" };

// Space that is held belongs to the pictures until it is let go, wherever the focus goes meanwhile: on a button it
// would press that button, in a field it would be typed.
let held = false;
const letGo = () => { held = false; reveal(false); };

addEventListener("keydown", (event) => {
  if (event.key === " " && held) { event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || help?.open || off?.checked) return;
  if (event.key === " " && $('[data-does="reveal"]') && !event.target.matches?.("button, a, summary, [type=checkbox]")) {
    event.preventDefault();
    if (!event.repeat) { held = true; reveal(true); }
    return;
  }
  if (event.repeat) return;
  const pressed = event.key.toLowerCase();
  if (pressed === "?") { help?.showModal(); return; }
  const button = named[pressed] && $(`[data-key="${named[pressed]}"]`);
  if (button) { event.preventDefault(); button.click(); return; }
  if (views[pressed] && stage && $(`[data-does="${views[pressed]}"]`)?.disabled === false) does[views[pressed]]();
  else if (pressed === "g" && $('[data-does="grey"]')) does.grey();
});
addEventListener("keyup", (event) => {
  if (event.key !== " " || !held) return;
  event.preventDefault();
  letGo();
});
addEventListener("blur", letGo);
document.addEventListener("visibilitychange", () => { if (document.hidden) letGo(); });
$$("[data-opens]").forEach((button) => button.addEventListener("click", () => $(`#${button.dataset.opens}`).showModal()));

// One press, one decision: a form that is on its way is not sent again.
$$("form[method=post]").forEach((one) => one.addEventListener("submit", (event) => {
  if (one.dataset.sent) event.preventDefault();
  one.dataset.sent = "1";
}));
addEventListener("pageshow", () => $$("form[data-sent]").forEach((one) => delete one.dataset.sent));

// How the two lie on each other: known once the pictures are made.
const lying = $("#laid-words");
if (lying) fetch(lying.dataset.words).then((answer) => answer.ok ? answer.text() : "").then((text) => { lying.textContent = text; }).catch(() => {});

// Whether the networks shown know all decisions yet.
const status = $("#status");
async function watch() {
  const answer = await fetch("/status").catch(() => null);
  if (!answer?.ok) { status.textContent = say("silent"); return; }
  const now = await answer.json();
  const newer = Number(document.body.dataset.generation) < now.generation;
  status.textContent = now.words + (newer && !now.updating ? say("older") : "");
  if (now.updating) setTimeout(watch, 1000);
}
if (status) watch();

// Filters of a network's ads.
const filters = $$("[data-filter]");
function filter() {
  const wanted = Object.fromEntries(filters.map((one) => [one.dataset.filter, one.value]));
  const rows = $$(".filtered tbody tr");
  const fits = (row) => (!wanted.site || row.dataset.site === wanted.site) && (!wanted.place || row.dataset.place === wanted.place)
    && row.textContent.toLowerCase().includes((wanted.text ?? "").trim().toLowerCase());
  rows.forEach((row) => { row.hidden = !fits(row); });
  for (const node of $$(".graph a[href^='#']")) node.classList.toggle("dim", document.getElementById(node.getAttribute("href").slice(1))?.hidden ?? false);
  $("#filtered").textContent = say("filtered", { shown: rows.filter((row) => !row.hidden).length, all: rows.length });
}
filters.forEach((one) => one.addEventListener("input", filter));

// Search by picture.
const drop = $("[data-drop]");
if (drop) {
  const found = $("#found");
  const ask = async (file) => {
    if (!file) return;
    found.textContent = say("searching");
    const answer = await post(drop.dataset.drop, file).catch(() => null);
    const text = await answer?.text();
    if (answer?.ok) found.replaceChildren(document.createRange().createContextualFragment(text));
    else found.textContent = answer?.status === 413 ? say("large") : answer ? text : say("large-or-silent");
  };
  $("#image-query").addEventListener("change", (event) => ask(event.target.files[0]));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); ask(event.dataTransfer.files[0]); });
}

// Lists dropped on the start page are stored beside the case; the page then shows them among what is read.
const lists = $("[data-list]");
if (lists) {
  const said = $("#list-said");
  const send = async (files) => {
    for (const file of files) {
      said.textContent = say("storing", { file: file.name });
      const answer = await post(`${lists.dataset.list}?path=${encodeURIComponent(file.name)}`, file).catch(() => null);
      if (!answer?.ok) {
        const page = new DOMParser().parseFromString(await answer?.text() ?? "", "text/html");
        said.textContent = answer?.status === 413 ? say("large-list") : $("main p", page)?.textContent ?? say("not-stored");
        return;
      }
    }
    location.reload();
  };
  $("#list-file").addEventListener("change", (event) => send(event.target.files));
  lists.addEventListener("dragover", (event) => { event.preventDefault(); lists.classList.add("over"); });
  lists.addEventListener("dragleave", () => lists.classList.remove("over"));
  lists.addEventListener("drop", (event) => { event.preventDefault(); lists.classList.remove("over"); send(event.dataTransfer.files); });
}

// Work that goes on: its words and how far it is, until it has ended and the page says what came of it.
const run = $("[data-run]");
async function follow() {
  const answer = await fetch(run.dataset.run).catch(() => null);
  if (!answer?.ok) { $("#run-words").textContent = say("silent"); setTimeout(follow, 2000); return; }
  const now = await answer.json();
  if (now.ended) { location.reload(); return; }
  const bar = $("#run-bar");
  if (now.total) { bar.max = now.total; bar.value = Math.min(now.done, now.total); } else bar.removeAttribute("value");
  if ($("#run-words").textContent !== now.words) $("#run-words").textContent = now.words;
  setTimeout(follow, 400);
}
if (run) follow();
