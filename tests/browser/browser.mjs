// What both browser tests share: the program, Chromium, and the checks every page must pass.
// Pages are watched from the first request on: a request to anywhere else, a dialog or a console error fails the test.
import { chromium } from "playwright-core";
import { HtmlValidate } from "html-validate";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.ADLINK ?? join(root, "target/release/adlink");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = join(root, "target/browser");

export const LOOKS = [
  { width: 1280, height: 900, colorScheme: "light" }, { width: 1280, height: 900, colorScheme: "dark" },
  { width: 390, height: 844, colorScheme: "light" }, { width: 390, height: 844, colorScheme: "dark" },
];

// Words are longer in German, and nothing else differs: a phone is where that shows first.
export const GERMAN = { ...LOOKS[2], locale: "de-DE" };

const HOSTILE = "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">\u202Egnp.exe";

const WHERE = {
  "Nether Alding": [52.31, 8.02], "Sallow Bay": [53.55, 9.99], Wexcombe: [51.05, 13.74], "Port Ellery": [54.18, 12.08],
  "Tarn Hollow": [50.11, 8.68], Quillham: [48.14, 11.58], Ostrey: [53.08, 8.81], Brackwater: [51.34, 12.37],
};

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // The sandbox needs rights that a container does not give; pages here are our own.
  args: ["--no-sandbox", "--disable-gpu"],
});

export function adlink(...words) {
  const done = spawnSync(program, [...words, "--progress", "never"], { encoding: "utf8" });
  assert.ok([0, 3].includes(done.status), `adlink ${words.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** The fixture's ads, some with hostile names and texts, linked in a folder of their own. */
export function corpus() {
  const folder = scrape();
  adlink("link", join(folder, "ads.jsonl"), "--case", join(folder, "case.adlink"), "--out", join(folder, "out"), "-q");
  return folder;
}

/** The same ads, not read yet. */
export function scrape() {
  const folder = mkdtempSync(join(tmpdir(), "adlink-browser-"));
  const ads = readFileSync(join(root, "fixtures/ads/ads.jsonl"), "utf8").trim().split("\n").slice(0, Number(process.env.ADLINK_ADS ?? Infinity)).map((line, place) => {
    let ad;
    try { ad = JSON.parse(line); } catch { return line; }
    // Made-up places stand somewhere; of each every fourth ad does not say where.
    const [lat, lon] = WHERE[ad.location] ?? [];
    if (lat && place % 4) Object.assign(ad, { lat: lat + (place % 7) / 400, lon: lon - (place % 5) / 300 });
    if (place % 3 === 0 && ad.title) Object.assign(ad, { title: HOSTILE, text: HOSTILE, location: HOSTILE });
    if (place % 5 === 0 && ad.ad_id) Object.assign(ad, { ad_id: `${ad.ad_id}"><svg onload=window.hacked=3>`, url: "javascript:window.hacked=4" });
    return JSON.stringify(ad);
  });
  writeFileSync(join(folder, "ads.jsonl"), `${ads.join("\n")}\n`);
  for (const site of readdirSync(join(root, "fixtures/ads/images"))) {
    mkdirSync(join(folder, "images", site), { recursive: true });
    for (const name of readdirSync(join(root, "fixtures/ads/images", site))) {
      copyFileSync(join(root, "fixtures/ads/images", site, name), join(folder, "images", site, name));
    }
  }
  return folder;
}

/** A desk over a linked case, as a process of its own, to be ended as roughly as one likes. */
export const desk = (folder, ...reviewers) =>
  served(["review", "--case", join(folder, "case.adlink"), ...reviewers.flatMap((name) => ["--reviewer", name])]);

/** The whole job over the folders below one, likewise. */
export const workplace = (folder, reviewer) => served(["desk", "--root", folder, "--no-browser", "--reviewer", reviewer]);

async function served(words) {
  const child = spawn(program, [...words, "--json", "--progress", "never"]);
  let out = "", talk = "";
  child.stderr.on("data", (text) => { talk += text; });
  const entrances = await new Promise((ready, failed) => {
    child.on("exit", (code) => failed(new Error(`the desk ended with ${code}: ${talk}`)));
    child.stdout.on("data", (text) => {
      out += text;
      try { ready(JSON.parse(out)); } catch { /* not all of it yet */ }
    });
  });
  const kill = () => new Promise((ended) => { child.removeAllListeners("exit"); child.on("exit", ended); child.kill("SIGKILL"); });
  return { address: entrances.map((one) => one.address), origin: new URL(entrances[0].address).origin, kill };
}

/** Chooses a language at the foot of a page, which comes again in it. */
export async function choose(page, name, lang) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.locator(`html[lang=${lang}]`).waitFor({ state: "attached" });
}

/** A page that notes whatever it should not do. `origin`: the only place it may ask. */
export async function open(browser, look, origin) {
  const { width, height, colorScheme, locale = "en-GB" } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
  const page = await context.newPage();
  const wrong = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("blob:")) wrong.push(`request to ${url}`);
  });
  page.on("console", (message) => { if (message.type() === "error") wrong.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  return { page, context, wrong };
}

export async function check(page, wrong) {
  assert.equal(await page.evaluate(() => window.hacked), undefined, "something hostile ran");
  assert.deepEqual(wrong, []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 1, `${page.url()} is ${wide} pixels too wide`);
  const covered = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".rulings button:not([hidden]), .rulings a.button")].map((one) => one.getBoundingClientRect());
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    return boxes.some((a, place) => boxes.slice(place + 1).some((b) => meet(a, b)));
  });
  assert.ok(!covered, `${page.url()}: one button of a decision covers another`);
  // Run by the driver, so that the page's own policy stays as it is.
  const found = await page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ["violations"] }); })()`);
  const serious = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
  assert.deepEqual(serious.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html)}`), [], page.url());
}

const validator = new HtmlValidate({
  extends: ["html-validate:standard"],
  // Matters of taste: inline styles of the report's tables, long titles, and how void elements are written.
  rules: { "long-title": "off", "no-inline-style": "off", "void-style": "off", "no-trailing-whitespace": "off", "doctype-style": "off", "attribute-boolean-style": "off", "attribute-empty-style": "off", "prefer-native-element": "off", "tel-non-breaking": "off", "no-raw-characters": ["error", { relaxed: true }] },
});

export async function validate(html, name) {
  const report = await validator.validateString(html);
  const messages = report.results.flatMap((result) => result.messages).filter((one) => one.severity === 2);
  assert.deepEqual(messages.map((one) => `${one.ruleId}: ${one.message} (${one.line}:${one.column})`), [], name);
}

export async function shot(page, name, look) {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}-${look.width}-${look.colorScheme}${look.locale ?? ""}.png`), fullPage: true });
}
