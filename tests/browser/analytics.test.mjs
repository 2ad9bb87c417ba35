// The organisers' figures: what the API tells stands in the tables, in the CSV and in the picture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { PICTURES } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const hour = (hour, entries, exits) => ({ hour, entries, exits, entries_percent: Math.round(entries / 1.2) / 10, exits_percent: 0 });
const day = (day, date, hours) => ({ day, date, hours, entries: 1200, exits: 30, used: 900, fully_used: 800, busiest_hour: hours[0].hour, mean_exit: "14:05", mean_stay_s: 5400 });
const figures = {
  event: "musicfes", time_zone: "Asia/Tokyo", entries: 2400, exits: 60, entries_per_day: 1200, entries_per_ticket: 1.5, mean_stay_s: 5400,
  tickets: { total: 2000, used: 1600, unused: 400, used_on_all_days: 200 },
  days: [day(1, "2027-06-12", [hour("2027-06-12T09:00", 700, 10), hour("2027-06-12T11:00", 499, 5), hour("2027-06-13T00:00", 1, 15)]),
    day(2, "2027-06-13", [hour("2027-06-13T09:00", 1200, 30)])],
  live: [{ day: 1, inside: 7, entered: 1200, left: 30 }, { day: 2, inside: 0, entered: 1200, left: 30 }],
  groups: [{ class: "=1+1", entries: 5, exits: 1, mean_stay_s: 1800, tickets: { total: 3, used: 2, unused: 1, used_on_all_days: 0 } },
    { class: "S2A", entries: 7, exits: 0, tickets: { total: 9, used: 4, unused: 5, used_on_all_days: 1 } }], by: "class" };

async function saved(page, button) {
  const download = page.waitForEvent("download");
  await button.click();
  return readFileSync(await (await download).path());
}

async function show(language, colorScheme, width) {
  const page = await enter(browser, "account", { language, colorScheme, width });
  await page.route("**/api/v1/analytics*", (route) => route.fulfill({ json: figures }));
  await page.goto(page.url().replace("account", "analytics?by=class"));
  await page.locator(".chart canvas").nth(8).waitFor();
  return page;
}

for (const [language, colorScheme, width] of [["en", "light", 1280], ["ja", "dark", 320]]) {
  test(`figures in ${language}, ${colorScheme}, at ${width} px`, async () => {
    const page = await show(language, colorScheme, width);
    const hours = page.locator(".chart").first();
    const rows = await hours.locator("tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent.match(/[\d:.,]+/g).join(" ")).join("|")));
    assert.equal(rows.length, 16, "every hour from 9 to 24");
    assert.deepEqual([rows[0], rows[1], rows[2], rows[15]], ["09:00|700 58.3|1,200 100", "10:00|0|0", "11:00|499 41.6|0", "24:00|1 0.1|0"]);

    const csv = async (nth) => (await saved(page, page.locator(".chart").nth(nth).getByRole("button", { name: /CSV/ }))).toString("utf8").split("\r\n");
    assert.equal((await csv(0))[3], "\"11:00\",\"499\",\"41.6\",\"0\",\"0\"");
    assert.match((await csv(3))[1], /,"90"$/); // a mean stay in minutes
    assert.match((await csv(4)).join(), /"2000",.*"1600",.*"400",.*"200"/);
    assert.match((await csv(5))[1], /,"7","1200","30"$/);
    assert.equal((await csv(6))[1], "\"'=1+1\",\"5\",\"1\""); // no spreadsheet takes a class for a formula
    assert.deepEqual((await csv(7)).slice(1, 3), ["\"'=1+1\",\"30\"", "\"S2A\",\"\""]); // nobody of this class went out
    assert.equal((await csv(8))[2], "\"S2A\",\"9\",\"4\",\"5\",\"1\"");

    const picture = await saved(page, hours.getByRole("button", { name: /PNG/ }));
    assert.equal(picture.subarray(1, 4).toString(), "PNG");
    await isLegible(page);
    await page.screenshot({ path: `${PICTURES}/analytics-${width}-${colorScheme}-${language}.png`, fullPage: true });
    assert.deepEqual(page.noise, []);
    await page.context().close();
  });
}

// Waits until the first chart has at least, or no more than, so many pixels of the colour of `name`; tells how many.
async function painted(page, name, { least = 0, most = Infinity }) {
  const found = await page.waitForFunction(([name, least, most]) => {
    const canvas = document.querySelector(".chart canvas"), copy = document.createElement("canvas");
    Object.assign(copy, { width: canvas.width, height: canvas.height + 1 });
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, 0, 1);
    pen.fillStyle = getComputedStyle(canvas).getPropertyValue(name);
    pen.fillRect(0, 0, 1, 1);
    const [wanted, ...all] = new Uint32Array(pen.getImageData(0, 0, copy.width, copy.height).data.buffer);
    const count = all.filter((one) => one === wanted).length;
    return count >= least && count <= (most ?? Infinity) ? { count } : null;
  }, [name, least, Number.isFinite(most) ? most : null]);
  return (await found.jsonValue()).count;
}

test("each day has bars of its own, a day can be left out, and the picture follows the theme", async () => {
  const page = await show("en", "light", 1000);
  const first = await painted(page, "--accent", { least: 500 });
  await painted(page, "--seal", { least: 500 });
  await page.locator(".chart").first().locator(".key").nth(1).click();
  await painted(page, "--seal", { most: 0 });
  await painted(page, "--accent", { least: first + 100 }); // they have the other day's room
  await page.emulateMedia({ colorScheme: "dark" });
  await painted(page, "--accent", { least: first + 100 }); // in the dark theme's colour
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("without the library the numbers are there all the same", async () => {
  const page = await enter(browser, "account", { language: "en" });
  await page.route("**/libraries/uPlot.js", (route) => route.abort());
  await page.route("**/api/v1/analytics*", (route) => route.fulfill({ json: figures }));
  await page.goto(page.url().replace("account", "analytics"));
  await page.getByText("The picture could not be loaded.").first().waitFor();
  assert.equal(await page.locator(".chart").first().locator("tbody tr").count(), 16);
  await page.context().close();
});
