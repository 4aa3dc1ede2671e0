// The report as its readers open it: a file, by itself, with nothing behind it.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { LOOKS, adlink, check, corpus, launch, open, shot, validate } from "./browser.mjs";
import { manyAds } from "./many_ads.mjs";

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

// German words are longer; nothing may stick out for that.
for (const look of [LOOKS[0], LOOKS[2]]) {
  test(`report in German at ${look.width} px`, async () => {
    const out = join(folder, `german-${look.width}`);
    adlink("report", "--case", join(folder, "case.adlink"), "--out", out, "--lang", "de", "--brief", "1", "-q");
    const { page, context, wrong } = await open(browser, look, "file:");
    await page.goto(pathToFileURL(join(out, "report.html")).href);
    assert.equal(await page.getAttribute("html", "lang"), "de");
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    await check(page, wrong);
    await shot(page, "report-de", look);
    const brief = readdirSync(join(out, "networks")).find((name) => name.endsWith("-brief.html"));
    await page.goto(pathToFileURL(join(out, "networks", brief)).href);
    await check(page, wrong);
    assert.equal(await printed(page, "A4"), 1);
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

const printed = async (page, format) => (await page.pdf({ format })).toString("latin1").match(/\/Type\s*\/Page\b/g).length;

test("report of 10,000 ads: under two megabytes and sixty pages, with its brief", async () => {
  const many = mkdtempSync(join(tmpdir(), "adlink-many-"));
  writeFileSync(join(many, "ads.jsonl"), manyAds(10000));
  const out = join(many, "out");
  adlink("link", join(many, "ads.jsonl"), "--case", join(many, "case.adlink"), "--out", out, "--brief", "1", "-q");
  const bytes = statSync(join(out, "report.html")).size;
  assert.ok(bytes < 2_000_000, `${bytes} bytes`);
  const { page, context, wrong } = await open(browser, LOOKS[0], "file:");
  await page.goto(pathToFileURL(join(out, "report.html")).href);
  for (const format of ["A4", "Letter"]) {
    const pages = await printed(page, format);
    assert.ok(pages < 60, `${pages} pages on ${format}`);
  }
  // What is folded stays so on paper, and unfolding it by hand prints it.
  const before = await printed(page, "A4");
  await page.evaluate(() => [...document.querySelectorAll("details.network")].slice(3, 8).forEach((one) => { one.open = true; }));
  assert.ok(await printed(page, "A4") > before);
  await check(page, wrong);
  const brief = readdirSync(join(out, "networks")).find((name) => name.endsWith("-brief.html"));
  await page.goto(pathToFileURL(join(out, "networks", brief)).href);
  assert.equal(await printed(page, "A4"), 1);
  await context.close();
});

test("report: a copy is one line on a telephone", async () => {
  const { page, context } = await open(browser, LOOKS[2], "file:");
  await page.goto(pathToFileURL(file).href);
  const rows = page.locator("details[open] table.images tbody tr:visible");
  assert.ok(await rows.count() > 1);
  for (const row of await rows.all()) {
    // One in several places is a line for each.
    const places = await row.locator(".shown-in").count();
    const { height } = await row.boundingBox();
    assert.ok(height < 20 + 24 * places, `${height} px for ${places} places: ${await row.innerText()}`);
  }
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
      assert.equal(await printed(page, format), 1, `${name} on ${format}`);
    }
  }
  await shot(page, "brief", LOOKS[0]);
  await context.close();
});
