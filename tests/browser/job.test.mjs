// The whole job in the browser, without a terminal: from an empty folder to a judged network, by pointer and by keyboard.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LOOKS, check, launch, open, scrape, shot, workplace } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** A press with the pointer, or the same by Tab and Enter. */
const byPointer = (locator) => locator.click();
const byKeyboard = async (locator) => {
  const page = locator.page();
  for (let steps = 0; steps < 400; steps++) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      await page.keyboard.press("Enter");
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never reaches ${locator}`);
};

const lookOver = async (page, wrong, name, look) => {
  await check(page, wrong);
  await shot(page, `job-${name}`, look);
};

async function wholeJob(look, press, says) {
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
    await press(page.locator("tbody th a").first());
    await page.waitForURL(/network\//);
    await lookOver(page, wrong, "network", look);
    await press(page.getByRole("link", { name: /Review its pairs/ }));
    // Pictures are made while the page is there already.
    await page.waitForURL(/pair\//, { waitUntil: "domcontentloaded" });
    await says(page);
    await page.waitForURL(/said=confirm/, { waitUntil: "domcontentloaded" });
    await page.goto(`${served.origin}/hand-out`);
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

test("by pointer, on a desk", () => wholeJob(LOOKS[0], byPointer, (page) => page.getByRole("button", { name: /Same photo/ }).click()));
test("by keyboard, in the dark", () => wholeJob(LOOKS[1], byKeyboard, (page) => page.keyboard.press("s")));
test("by pointer, on a phone", () => wholeJob(LOOKS[2], byPointer, (page) => page.getByRole("button", { name: /Same photo/ }).click()));
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
