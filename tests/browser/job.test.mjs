// The whole job in the browser, without a terminal: from an empty folder to a judged network, by pointer and by keyboard.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LOOKS, check, choose, launch, open, scrape, shot, workplace } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** The same acts with the pointer alone, and by keys alone. */
const POINTER = {
  press: (locator) => locator.click(),
  pick: (locator) => locator.click(),
  write: async (locator, words) => { await locator.click(); await locator.pressSequentially(words); },
  send: (locator) => locator.click(),
  rule: (page) => page.getByRole("button", { name: /Same photo/ }).click(),
};

const tabTo = async (locator) => {
  for (let steps = 0; steps < 1500; steps++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await locator.page().keyboard.press("Tab");
  }
  assert.fail(`Tab never reaches ${locator}`);
};
const KEYS = {
  press: async (locator) => { await tabTo(locator); await locator.page().keyboard.press("Enter"); },
  pick: async (locator) => { await tabTo(locator); await locator.page().keyboard.press("Space"); },
  write: async (locator, words) => { await tabTo(locator); await locator.page().keyboard.type(words); },
  send: (locator) => locator.page().keyboard.press("Enter"),
  rule: (page) => page.keyboard.press("s"),
};

const lookOver = async (page, wrong, name, look) => {
  await check(page, wrong);
  await shot(page, `job-${name}`, look);
  if (look.width > 400) return;
  // The same in German, where words are longer.
  await choose(page, "Deutsch", "de");
  await check(page, wrong);
  await choose(page, "English", "en");
};

/** The strongest network gets a name, two of its ads are looked at side by side, and every pair of it is judged. */
async function judged(page, wrong, look, { press, pick, write, send, rule }) {
  await press(page.locator("tbody th a").first());
  await page.waitForURL(/network\//);
  const network = new URL(page.url()).pathname;
  await write(page.getByLabel("Name of its own"), "The harbour ads");
  await send(page.getByRole("button", { name: "Save the name" }));
  await page.waitForURL(/said=name/);
  await page.getByRole("heading", { level: 1, name: "The harbour ads" }).waitFor();
  await lookOver(page, wrong, "network", look);
  for (const place of [0, 1]) await pick(page.locator("input.pick").nth(place));
  await press(page.getByRole("button", { name: "Picked ads side by side" }));
  await page.waitForURL(/\/ads\?/);
  await page.getByRole("heading", { name: /are together/ }).waitFor();
  await page.waitForLoadState("networkidle");
  await lookOver(page, wrong, "side-by-side", look);
  await page.goto(new URL(network, page.url()).href);
  await press(page.getByRole("link", { name: /Review its pairs/ }));
  // Pictures are made while the page is there already.
  await page.waitForURL(/pair\//, { waitUntil: "domcontentloaded" });
  for (let made = 0; !page.url().endsWith("said=done"); made++) {
    assert.ok(made < 200, "the pairs of the network never end");
    const at = page.url();
    await rule(page);
    await page.waitForURL((url) => url.href !== at, { waitUntil: "domcontentloaded" });
  }
  await lookOver(page, wrong, "judged", look);
  await page.goto(page.url().replace(/\/\?.*/, network));
  await page.getByText("Reviewed 100%").waitFor();
}

async function wholeJob(look, by) {
  const { press } = by;
  const folder = scrape();
  const served = await workplace(folder, "ann");
  const { page, context, wrong } = await open(browser, look, served.origin);
  // A loaded machine takes its time for the pictures of a pair.
  page.setDefaultTimeout(120000);
  try {
    await page.goto(served.address[0]);
    await page.waitForURL(`${served.origin}/start`);
    await lookOver(page, wrong, "start", look);
    await press(page.getByRole("link", { name: "Open a case or make one" }));
    await page.waitForURL(/what=case/);
    await lookOver(page, wrong, "case", look);
    await press(page.getByRole("button", { name: "Make it" }));
    await page.waitForURL(`${served.origin}/start`);
    await press(page.getByRole("link", { name: "Choose folders, archives and lists" }));
    await page.waitForURL(/what=ads/);
    await lookOver(page, wrong, "folder", look);
    await press(page.locator(".entries li", { hasText: "ads.jsonl" }).getByRole("button"));
    await page.waitForURL(`${served.origin}/start`);
    await lookOver(page, wrong, "chosen", look);
    await press(page.getByRole("link", { name: "Check what will be read" }));
    await page.waitForURL(/check/);
    await lookOver(page, wrong, "check", look);
    await press(page.getByRole("button", { name: /Read in and link/ }));
    await page.waitForURL(/progress/);
    await shot(page, "job-progress", look);
    await page.getByRole("heading", { name: "Reading in and linking: done" }).waitFor({ timeout: 300000 });
    await lookOver(page, wrong, "done", look);
    await press(page.getByRole("link", { name: "Networks" }).last());
    await page.waitForURL(/networks/);
    await judged(page, wrong, look, by);
    await press(page.getByRole("link", { name: "Hand out" }));
    await page.waitForURL(/hand-out/);
    await lookOver(page, wrong, "hand-out", look);
    await press(page.getByRole("button", { name: "Write the report" }));
    await page.getByRole("heading", { name: "Writing the report: done" }).waitFor({ timeout: 300000 });
    assert.ok(existsSync(join(folder, "case-report/report.html")));
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
    await served.kill();
  }
}

test("by pointer, on a desk", () => wholeJob(LOOKS[0], POINTER));
test("by keyboard, on a desk in the dark", () => wholeJob(LOOKS[1], KEYS));
test("by pointer, on a phone", () => wholeJob(LOOKS[2], POINTER));
test("by keyboard, on a phone in the dark", () => wholeJob(LOOKS[3], KEYS));
test("on a phone in the dark, a list that is dropped", async () => {
  const look = LOOKS[3];
  const served = await workplace(scrape(), "ann");
  const { page, context, wrong } = await open(browser, look, served.origin);
  try {
    await page.goto(served.address[0]);
    await page.waitForURL(`${served.origin}/start`);
    await page.goto(`${served.origin}/start/folder?what=case`);
    await page.getByRole("button", { name: "Make it" }).click();
    await page.waitForURL(`${served.origin}/start`);
    const list = "nr;bild;seite\n1;images/lakeside.example/L1163_0.jpg;a.example\n";
    await page.setInputFiles("#list-file", { name: "eine liste.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
    await page.locator(".chosen", { hasText: "eine liste.csv" }).waitFor();
    await page.getByRole("link", { name: "Check what will be read" }).click();
    await page.getByLabel("Read column nr as").selectOption("ad_id");
    await page.getByLabel("Read column bild as").selectOption("images");
    await page.getByLabel("Read column seite as").selectOption("site");
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByText("1 image named, and every file is there.").waitFor();
    await lookOver(page, wrong, "mapped", look);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
    await served.kill();
  }
});
