// The report as its readers open it: a file, by itself, with nothing behind it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { LOOKS, adlink, check, corpus, launch, open, shot, validate } from "./browser.mjs";

let browser, folder, file;
before(async () => {
  browser = await launch();
  folder = corpus();
  file = join(folder, "out/report.html");
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

test("briefs: each prints on one page", async () => {
  const out = join(folder, "briefs");
  adlink("report", "--case", join(folder, "case.adlink"), "--out", out, "--previews", "blurred", "--brief", "all", "-q");
  const names = readdirSync(join(out, "networks")).filter((name) => name.endsWith("-brief.html"));
  assert.ok(names.length > 3, `${names.length} briefs`);
  const { page, context, wrong } = await open(browser, LOOKS[0], "file:");
  for (const name of names) {
    await page.goto(pathToFileURL(join(out, "networks", name)).href);
    await check(page, wrong);
    for (const format of ["A4", "Letter"]) {
      const pages = (await page.pdf({ format })).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
      assert.equal(pages, 1, `${name} on ${format}`);
    }
  }
  await shot(page, "brief", LOOKS[0]);
  await context.close();
});
