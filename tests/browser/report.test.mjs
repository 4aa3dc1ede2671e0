// The report as its readers open it: a file, by itself, with nothing behind it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { LOOKS, check, corpus, launch, open, shot, validate } from "./browser.mjs";

let browser, file;
before(async () => {
  browser = await launch();
  file = join(corpus(), "out/report.html");
});
after(() => browser?.close());

for (const look of LOOKS) {
  test(`report at ${look.width} px, ${look.colorScheme}`, async () => {
    const { page, context, wrong } = await open(browser, look, "file:");
    await page.goto(pathToFileURL(file).href);
    assert.match(await page.title(), /adlink report/);
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    await check(page, wrong);
    await shot(page, "report", look);
    await context.close();
  });
}

test("report: valid HTML", () => validate(readFileSync(file, "utf8"), "report.html"));

test("report: readable without script", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  assert.ok((await page.locator("main").innerText()).includes("Links are leads, not proof."));
  await context.close();
});
