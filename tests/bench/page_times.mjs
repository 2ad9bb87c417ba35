// Loads the organisers' pages in Chromium, as often as asked, and tells in milliseconds how long their rows or charts took.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const { ADMIN_PASSWORD, BASE_URL, LABORATORY, QUESTIONS, TIMES } = process.env;
const { launch } = await import(pathToFileURL(join(LABORATORY, "browser.mjs")));
const { enter } = await import(pathToFileURL(join(LABORATORY, "organiser.mjs")));

const browser = await launch();
const page = await enter(browser, "account", { language: "en", width: 1280 });

// From the address being asked for to the first rows in the page, and from the list's own request to them.
async function rows(path) {
  await page.goto(`${BASE_URL}/admin/account`);
  await page.locator(".menu a").first().waitFor();
  return page.evaluate((path) => new Promise((resolve) => {
    const begun = performance.now();
    const watcher = new MutationObserver(() => {
      if (!document.querySelector(".listed tbody tr") && !/Nothing/.test(document.querySelector(".listed")?.previousSibling?.textContent ?? "")) return;
      watcher.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - begun));
    });
    watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
    const link = document.createElement("a");
    link.href = path;
    document.body.append(link);
    link.click();
  }), path);
}

// All charts of a page: the time from the figures' arrival until the last is drawn, and what uPlot took for all together.
async function charts(path) {
  await page.goto(`${BASE_URL}/admin/account`);
  await page.locator(".menu a").first().waitFor();
  await page.goto(BASE_URL + path);
  await page.waitForFunction(() => {
    const count = document.querySelectorAll(".plot").length;
    return count > 0 && performance.getEntriesByName("chart").length === count;
  });
  return page.evaluate(() => {
    const drawn = performance.getEntriesByName("chart");
    const arrived = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/analytics"))[0].responseEnd;
    return { drawing: Math.max(...drawn.map(({ startTime, duration }) => startTime + duration)) - arrived, count: drawn.length,
      single: Math.max(...drawn.map(({ duration }) => duration)) };
  });
}

const told = [];
for (const { name, path, kind } of JSON.parse(QUESTIONS)) {
  const values = [];
  for (let time = 0; time <= Number(TIMES); time += 1) values.push(await (kind === "charts" ? charts(path) : rows(path)));
  told.push({ name, kind, values: values.slice(1) }); // the first one finds caches cold
  console.error(name, JSON.stringify(values.map((value) => Math.round(value.drawing ?? value))));
}
await browser.close();
console.log(JSON.stringify(told));
