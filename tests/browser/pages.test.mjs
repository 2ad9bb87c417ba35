// Every page of the organisers' navigation, in both languages and themes: nothing serious for axe, whole at 320 px and at 200 %, done by keyboard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { ADMIN_PAGES, BASE_URL } = process.env;
const names = [...readFileSync(`${ADMIN_PAGES}/frame.js`, "utf8").matchAll(/\{ name: "([\w-]+)"/g)].map(([, name]) => name);
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

// Each page in turn, when what it shows has come.
async function walk(page, look) {
  for (const name of names) {
    await page.goto(`${BASE_URL}/admin/${name}`);
    await page.locator("main > :nth-child(2)").waitFor();
    await page.waitForLoadState("networkidle", { timeout: 2000 }).catch(() => {}); // the dashboard's stream never ends
    await look(name).catch((fault) => { throw new Error(`${name}: ${fault.message}`, { cause: fault }); });
  }
}

for (const [language, colorScheme, width] of [["ja", "light", 320], ["en", "dark", 320], ["ja", "dark", 1280], ["en", "light", 1280]]) {
  test(`every page is legible in ${language}, ${colorScheme}, at ${width} px`, async () => {
    const page = await enter(browser, "account", { language, colorScheme, width });
    const offered = await page.locator(".menu a").evaluateAll((links) => links.map((link) => link.pathname.split("/").pop()));
    assert.deepEqual(offered, names);
    await walk(page, () => isLegible(page));
    assert.deepEqual(page.noise, []);
    await page.context().close();
  });
}

test("every control of every page is reached by the Tab key and shows it; at 200 % nothing is cut off", async () => {
  const page = await enter(browser, "account", { language: "en", width: 640 }); // as 1280 px are at 200 %
  await walk(page, async () => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "wider than the window");
    const count = await page.evaluate(() => {
      window.missing = new Set([...document.querySelectorAll("main :is(a[href], button, input, select, textarea)")].filter((one) => !one.disabled && one.checkVisibility()).slice(0, 40));
      document.querySelector("h1").focus();
      return window.missing.size;
    });
    for (let key = 0; key < count + 20; key += 1) {
      await page.keyboard.press("Tab");
      const left = await page.evaluate(() => {
        const at = document.activeElement;
        if (window.missing.has(at) && getComputedStyle(at).outlineStyle === "none") throw new Error(`no outline: ${at.outerHTML}`);
        window.missing.delete(at);
        return window.missing.size;
      });
      if (left === 0) return;
    }
    assert.deepEqual(await page.evaluate(() => [...window.missing].map((one) => one.outerHTML.slice(0, 120))), []);
  });
  await page.context().close();
});
