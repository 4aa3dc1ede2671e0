// The review desk as reviewers use it: by keyboard, on a desk and a phone, through kills of the server.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { GERMAN, LOOKS, adlink, check, choose, corpus, desk, launch, open, shot, validate } from "./browser.mjs";

let browser, folder, served;
before(async () => {
  browser = await launch();
  folder = corpus();
  served = await desk(folder, "ann", "bo");
});
after(async () => {
  await served?.kill();
  await browser?.close();
});

// A printed address works once: further pages of the same reviewer come with the cookie that it gave.
const cookies = new Map();
const enter = async (page, who = 0) => {
  const address = served.address[who];
  if (cookies.has(address)) {
    await page.context().addCookies(cookies.get(address));
    await page.goto(`${served.origin}/`);
    return;
  }
  await page.goto(address);
  await page.waitForURL(`${served.origin}/`);
  cookies.set(address, await page.context().cookies());
};
const figure = async (page, name) => {
  await page.goto(`${served.origin}/`);
  return Number(await page.locator(".figures div", { hasText: name }).locator("dd").innerText());
};

/** The name of an ad of another network. */
const elsewhere = async (page) => {
  await page.goto(`${served.origin}/networks`);
  await page.goto(served.origin + await page.locator("tbody th a").nth(1).getAttribute("href"));
  return page.locator("input.pick").first().getAttribute("value");
};

/** Every page of the desk, by name. */
async function pages(page) {
  const first = async (path, selector) => {
    await page.goto(served.origin + path);
    return page.locator(selector).first().getAttribute("href");
  };
  const pair = await first("/queue?show=all", ".pairs th a");
  const network = await first("/networks", "tbody th a");
  const photo = await first(network, ".strip p a");
  const ads = await page.locator("input.pick").evaluateAll((picks) => picks.map((pick) => `ad=${encodeURIComponent(pick.value)}`));
  const [together, apart] = [[ads[0], ads.at(-1)], [ads[0], "ad=pagelist.example%2Fnone", `ad=${encodeURIComponent(await elsewhere(page))}`]];
  return {
    desk: "/", queue: "/queue?show=all", pair, photo, networks: "/networks", network, search: "/search?q=station+view",
    together: `/ads?${together.join("&")}`, apart: `/ads?${apart.join("&")}`, decisions: "/decisions",
  };
}

for (const look of [...LOOKS, GERMAN]) {
  test(`pages at ${look.width} px, ${look.colorScheme}, ${look.locale ?? "in English"}`, async () => {
    const { page, context, wrong } = await open(browser, look, served.origin);
    await enter(page);
    for (const [name, path] of Object.entries(await pages(page))) {
      await page.goto(served.origin + path);
      // Pictures are loaded lazily: walk to the end first.
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.waitForLoadState("networkidle");
      await page.evaluate(() => scrollTo(0, 0));
      await check(page, wrong);
      await shot(page, name, look);
      assert.equal(await page.locator("html").getAttribute("lang"), look === GERMAN ? "de" : "en");
      if ([LOOKS[0], GERMAN].includes(look)) await validate(await (await page.request.get(served.origin + path)).text(), name);
    }
    await context.close();
  });
}

test("a choice of language holds, and the script speaks it", async () => {
  const { page, context, wrong } = await open(browser, LOOKS[0], served.origin);
  await enter(page, 1);
  await page.goto(`${served.origin}/networks`);
  const network = served.origin + await page.locator("tbody th a").first().getAttribute("href");
  await page.goto(network);
  await choose(page, "Deutsch", "de");
  assert.equal(page.url(), network);
  await page.locator("[data-filter=text]").fill("nothing says this");
  assert.match(await page.locator("#filtered").innerText(), /^0 von \d+ Anzeigen$/);
  await choose(page, "English", "en");
  await page.locator("[data-filter=text]").fill("nothing says this");
  assert.match(await page.locator("#filtered").innerText(), /^0 of \d+ ads$/);
  await check(page, wrong);
  await context.close();
});

/** Holds the space bar until the picture is clear; a busy browser may miss the first key after a dialog. */
async function held(page) {
  const clear = () => document.querySelector('.pane[data-side="A"] img').src.startsWith("blob:");
  for (let left = 3; ; left -= 1) {
    await page.keyboard.down("Space");
    try {
      return await page.waitForFunction(clear, null, { timeout: 10_000 });
    } catch (late) {
      if (left === 0) throw late;
      await page.keyboard.up("Space");
    }
  }
}

test("keys: help, holding, blinking, difference, swap, zoom", async () => {
  const look = LOOKS[0];
  const { page, context, wrong } = await open(browser, look, served.origin);
  await enter(page);
  await page.goto(`${served.origin}/next`);
  await page.keyboard.press("?");
  assert.ok(await page.locator("#help").isVisible());
  await page.keyboard.press("s");
  assert.ok(await page.locator("#help").isVisible(), "keys are off while help is open");
  await page.keyboard.press("Escape");
  // The browser closes it in its own time, and a key that comes before is not heard.
  await page.locator("#help").waitFor({ state: "hidden" });
  const picture = page.locator('.pane[data-side="A"] img');
  const source = () => picture.getAttribute("src");
  assert.match(await source(), /^\/picture\//);
  await held(page);
  await shot(page, "pair-held", look);
  await page.keyboard.up("Space");
  assert.match(await source(), /^\/picture\//, "blurred again");
  const reveal = page.locator('[data-does="reveal"]');
  await reveal.focus();
  await page.keyboard.press("Enter");
  assert.equal(await reveal.getAttribute("aria-pressed"), "true", "a switch for those who cannot hold");
  await page.keyboard.press("Enter");
  assert.equal(await reveal.getAttribute("aria-pressed"), "false");
  await page.keyboard.press("f");
  assert.equal(await page.locator(".pane.laid").getAttribute("data-shows"), "difference");
  await shot(page, "pair-difference", look);
  await page.keyboard.press("b");
  assert.equal(await page.locator(".stage").getAttribute("data-mode"), "blink");
  await page.waitForFunction(() => document.querySelector(".pane.laid").dataset.shows === "mapped");
  await page.keyboard.press("b");
  await page.keyboard.press("x");
  await page.keyboard.press("+");
  assert.match(await page.locator(".stage").getAttribute("class"), /swapped zoomed/);
  await page.getByLabel("Why (optional)").fill("sdcu");
  assert.match(page.url(), /\/pair\//, "letters typed are letters");
  assert.ok(await figure(page, "pictures shown") >= 2, "reveals are counted");
  await check(page, wrong);
  await context.close();
});

test("space that is held presses no button, and Enter in a field sends no ruling", async () => {
  const { page, context, wrong } = await open(browser, LOOKS[0], served.origin);
  await enter(page);
  await page.goto(`${served.origin}/next`);
  const before = page.url();
  await page.keyboard.down("Space");
  await page.locator('button.ruling[value="confirm"]').focus();
  await page.keyboard.down("Space");
  await page.keyboard.up("Space");
  assert.equal(page.url(), before, "the button in focus was not pressed");
  await page.getByLabel("Why (optional)").fill("another room");
  await page.keyboard.press("Enter");
  assert.equal(page.url(), before, "a reason alone is no ruling");
  await check(page, wrong);
  await context.close();
});

test("search: by picture, by phone, by words", async () => {
  const { page, context, wrong } = await open(browser, LOOKS[0], served.origin);
  await enter(page);
  await page.goto(`${served.origin}/search`);
  await page.setInputFiles("#image-query", join(folder, "images/lakeside.example/L1163_0.jpg"));
  await page.getByRole("heading", { name: /images with this photo/ }).waitFor();
  await page.goto(`${served.origin}/search?q=555-0169`);
  assert.ok(await page.locator("#found li").count() >= 2);
  await page.goto(`${served.origin}/search?q=station`);
  assert.ok(await page.locator("#found mark").count() > 0, "what was found is marked");
  await page.locator("input.pick").first().check();
  await page.locator("input.pick").last().check();
  await page.getByRole("button", { name: "Picked ads side by side" }).click();
  await page.getByRole("heading", { name: "Ads side by side" }).waitFor();
  await check(page, wrong);
  await context.close();
});

test("a network's name and notes: by one reviewer, read by the other, in a second window, too", async () => {
  const ann = await open(browser, LOOKS[0], served.origin);
  const bo = await open(browser, LOOKS[0], served.origin);
  await enter(ann.page, 0);
  await enter(bo.page, 1);
  await ann.page.goto(`${served.origin}/networks`);
  const network = await ann.page.locator("tbody th a").nth(2).getAttribute("href");
  await ann.page.goto(served.origin + network);
  await ann.page.getByLabel("Name of its own").fill("<b>North</b> & \u202Eco");
  await ann.page.keyboard.press("Enter");
  await ann.page.waitForURL(/said=name/);
  const window = await ann.context.newPage();
  await window.goto(served.origin + network);
  await window.getByLabel("Note", { exact: true }).fill("sdcu\nsecond line");
  await window.getByRole("button", { name: "Add the note" }).click();
  await window.waitForURL(/said=note/);
  await bo.page.goto(`${served.origin}/networks`);
  assert.ok(await bo.page.getByText("<b>North</b> & co").isVisible());
  await bo.page.goto(served.origin + network);
  assert.ok(await bo.page.getByText("second line").isVisible());
  await check(bo.page, bo.wrong);
  await shot(bo.page, "network-noted", LOOKS[0]);
  assert.deepEqual([...ann.wrong, ...bo.wrong], []);
  await ann.context.close();
  await bo.context.close();
});

test("two reviewers: both are heard, and told that they disagree", async () => {
  const ann = await open(browser, LOOKS[0], served.origin);
  const bo = await open(browser, LOOKS[0], served.origin);
  await enter(ann.page, 0);
  await enter(bo.page, 1);
  await ann.page.goto(`${served.origin}/next?order=closest`);
  const pair = new URL(ann.page.url()).pathname;
  await bo.page.goto(served.origin + pair);
  const onward = (page) => page.waitForURL((url) => url.pathname !== pair);
  await Promise.all([onward(ann.page), onward(bo.page), ann.page.keyboard.press("s"), bo.page.keyboard.press("d")]);
  await ann.page.goto(served.origin + pair);
  assert.ok(await ann.page.getByText("Reviewers disagree.").isVisible());
  await shot(ann.page, "pair-disputed", LOOKS[0]);
  assert.deepEqual([...ann.wrong, ...bo.wrong], []);
  await ann.context.close();
  await bo.context.close();
});

test("60 decisions by keyboard in under a minute, each durable through kill -9", async (t) => {
  const { page, context, wrong } = await open(browser, LOOKS[0], served.origin);
  await enter(page);
  const before = await figure(page, "decisions");
  await page.goto(`${served.origin}/next`);
  const started = Date.now();
  for (let made = 0; made < 60; made++) {
    const at = page.url();
    await page.keyboard.press("sdsu"[made % 4]);
    await page.waitForURL((url) => url.href !== at, { waitUntil: "domcontentloaded" });
  }
  const seconds = (Date.now() - started) / 1000;
  const noted = [...wrong];
  await served.kill();
  t.diagnostic(`60 decisions in ${seconds.toFixed(1)} s`);
  assert.ok(seconds < 60, `60 decisions took ${seconds} s`);
  served = await desk(folder, "ann", "bo");
  await context.close();
  const again = await open(browser, LOOKS[0], served.origin);
  await enter(again.page);
  assert.equal(await figure(again.page, "decisions"), before + 60);
  assert.deepEqual([...noted, ...again.wrong], []);
  // Straight after the last of them, with networks still being updated.
  for (let made = 1; made <= 3; made++) {
    await again.page.goto(`${served.origin}/next?show=all`);
    await again.page.keyboard.press("s");
    await again.page.waitForURL(/said=confirm/, { waitUntil: "commit" });
    await served.kill();
    served = await desk(folder, "ann", "bo");
    await enter(again.page);
    assert.equal(await figure(again.page, "decisions"), before + 60 + made);
  }
  await again.context.close();
  adlink("report", "--case", join(folder, "case.adlink"), "--out", join(folder, "after"), "-q");
});

test("networks follow decisions while the reviewer goes on", async () => {
  const { page, context, wrong } = await open(browser, LOOKS[0], served.origin);
  await enter(page);
  await page.goto(`${served.origin}/networks`);
  await page.goto(`${served.origin}/next?show=all&order=closest`);
  await page.keyboard.press("d");
  await page.waitForURL(/said=reject/);
  await page.waitForFunction(() => document.querySelector("#status").textContent.startsWith("Networks are up to date"), null, { timeout: 30000 });
  const pair = page.url();
  await page.keyboard.press("z");
  await page.waitForURL((url) => url.href !== pair && url.search.includes("said=undone"));
  assert.match(await page.locator("#said").innerText(), /taken back/);
  assert.deepEqual(wrong, []);
  await context.close();
});
