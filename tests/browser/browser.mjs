// Debian's Chromium under Playwright: pages in one language and width, with what went wrong in them noted.
import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

export async function launch(args = []) {
  // Chromium's own sandbox needs rights that a container's root has not; the pages are ours.
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: [...args, ...(process.getuid() === 0 ? ["--no-sandbox"] : [])] });
}

// A page in `language` ("ja", "en"), `width` pixels wide. `noise` collects console errors, exceptions and refusals by CSP.
export async function open(browser, { language = "ja", width = 1000, javaScriptEnabled = true, colorScheme = "light" } = {}) {
  const context = await browser.newContext({
    locale: language, viewport: { width, height: 900 }, javaScriptEnabled, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  page.noise = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") page.noise.push(message.text());
  });
  page.on("pageerror", (error) => page.noise.push(String(error)));
  return page;
}

// What axe finds serious or critical under WCAG 2.2 AA, as sentences.
export async function barriers(page) {
  // A sandboxed frame runs no script, axe's neither.
  const found = await new AxeBuilder({ page }).exclude("iframe[sandbox]").withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  return found.violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(", ")}`);
}

// Nothing serious for axe, and not wider than its window.
export async function isLegible(page) {
  assert.deepEqual(await barriers(page), []);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, "the page is wider than the window");
}
