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

const hour = (hour, entries, exits) => ({ hour, entries, exits, entries_percent: 0, exits_percent: 0 });
const day = (day, date, hours) => ({ day, date, hours, entries: 1200, exits: 30, used: 900, fully_used: 800, busiest_hour: hours[0].hour, mean_exit: "14:05", mean_stay_s: 5400 });
const figures = {
  event: "musicfes", time_zone: "Asia/Tokyo", entries: 2400, exits: 60, entries_per_day: 1200, entries_per_ticket: 1.5, mean_stay_s: 5400,
  tickets: { total: 2000, used: 1600, unused: 400, used_on_all_days: 200 },
  days: [day(1, "2027-06-12", [hour("2027-06-12T09:00", 700, 10), hour("2027-06-12T11:00", 499, 5), hour("2027-06-13T00:00", 1, 15)]),
    day(2, "2027-06-13", [hour("2027-06-13T09:00", 1200, 30)])],
  live: [{ day: 1, inside: 7, entered: 1200, left: 30 }, { day: 2, inside: 0, entered: 1200, left: 30 }],
  groups: [{ class: "=1+1", entries: 5, exits: 1, tickets: { total: 3, used: 2, unused: 1, used_on_all_days: 0 } }], by: "class" };

async function saved(page, button) {
  const download = page.waitForEvent("download");
  await button.click();
  return readFileSync(await (await download).path());
}

for (const [language, colorScheme, width] of [["en", "light", 1280], ["ja", "dark", 320]]) {
  test(`figures in ${language}, ${colorScheme}, at ${width} px`, async () => {
    const page = await enter(browser, "account", { language, colorScheme, width });
    await page.route("**/api/v1/analytics*", (route) => route.fulfill({ json: figures }));
    await page.goto(page.url().replace("account", "analytics?by=class"));
    const hours = page.locator(".chart").first();
    await hours.locator("tbody tr").nth(15).waitFor();
    const rows = await hours.locator("tbody tr").allTextContents();
    assert.equal(rows.length, 16, "every hour from 9 to 24");
    assert.deepEqual([rows[0], rows[1], rows[2], rows[15]], ["09:007001,200", "10:0000", "11:004990", "24:0010"]);

    const csv = (await saved(page, hours.getByRole("button", { name: /CSV/ }))).toString("utf8").split("\r\n");
    assert.equal(csv[3], "\"11:00\",\"499\",\"0\"");
    const groups = (await saved(page, page.locator(".chart").nth(3).getByRole("button", { name: /CSV/ }))).toString("utf8");
    assert.match(groups, /"'=1\+1","5","1"/); // no spreadsheet takes a class for a formula

    const picture = await saved(page, hours.getByRole("button", { name: /PNG/ }));
    assert.equal(picture.subarray(1, 4).toString(), "PNG");
    const shades = await hours.locator("canvas").evaluate((canvas) =>
      new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size);
    assert.ok(shades > 4, "bars, lines and labels are drawn");
    await isLegible(page);
    await page.screenshot({ path: `${PICTURES}/analytics-${width}-${colorScheme}-${language}.png`, fullPage: true });
    assert.deepEqual(page.noise, []);
    await page.context().close();
  });
}
