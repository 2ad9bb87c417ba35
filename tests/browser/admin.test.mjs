// The organisers' frame: the login, the dashboard as the door counts, one's own account, an ended session, and the words.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { isLegible, launch, open } from "./browser.mjs";
import { enter, logIn } from "./organiser.mjs";

const { ADMIN_PAGES, ADMIN_PASSWORD, BASE_URL, DEVICE_KEY, PICTURES, TICKET_CODE } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

test("who is not logged in sees a login, a wrong password says so, and the page that was asked for follows", async () => {
  const page = await open(browser, { language: "en" });
  await page.goto(`${BASE_URL}/admin/account`);
  await logIn(page, "admin", "not the password");
  await page.getByText("The name or the password is wrong.").waitFor();
  await logIn(page, "admin", ADMIN_PASSWORD);
  await page.getByRole("heading", { name: "My account" }).waitFor();
  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.getByRole("heading", { name: "At the door" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "My account" }).waitFor();
  await page.context().close();
});

test("the dashboard shows an admission while it is looked at", async () => {
  const page = await enter(browser, "dashboard", { language: "en" });
  await page.getByText("live", { exact: true }).waitFor();
  const inside = page.locator(".door dd").first();
  const before = Number(await inside.textContent());
  const answer = await fetch(`${BASE_URL}/api/v1/checkin`, { method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${DEVICE_KEY}` },
    body: JSON.stringify({ code: TICKET_CODE, direction: "entry", nonce: "dashboard" }) });
  assert.equal((await answer.json()).outcome, "admitted");
  await page.locator(".door dd").first().filter({ hasText: new RegExp(`^${before + 1}$`) }).waitFor();
  await page.locator(".minutes canvas").waitFor();
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("what a person must look at stands on the dashboard", async () => {
  const page = await open(browser, { language: "en" });
  await page.route("**/api/v1/overview", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...await answer.json(), oldest_mail_s: 1200,
      alerts: [{ alert: 1, kind: "mail", subject: "smtp", text: "<b>refused</b>", raised_at: new Date().toISOString() },
        { alert: 2, kind: "mail", subject: "mail 7", text: "550", raised_at: new Date().toISOString() },
        { alert: 3, kind: "dead_letter", subject: "1 1-0", text: "given up", raised_at: new Date().toISOString() },
        { alert: 4, kind: "scan_conflict", subject: "event 1", text: "admitted twice", raised_at: new Date().toISOString() }] } });
  });
  await page.goto(`${BASE_URL}/admin/dashboard`);
  await logIn(page, "admin", ADMIN_PASSWORD);
  await page.getByText("<b>refused</b>").waitFor();
  await page.getByText("The oldest mail has been due for 20 minutes.").waitFor();
  assert.ok((await page.getByRole("link", { name: "Show the mail", exact: true }).getAttribute("href")).endsWith("/admin/mails/7"));
  await page.getByText("mogirictl jobs retry").waitFor();
  assert.ok((await page.getByRole("link", { name: "Export the scans" }).getAttribute("href")).endsWith("/admin/exports"));
  await isLegible(page);
  await page.context().close();
});

test("an ended session keeps what was typed, and goes on after the password", async () => {
  const page = await enter(browser, "account", { language: "en" });
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Dashboard" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Your session has ended.").waitFor();
  await dialog.getByLabel("Password").fill(ADMIN_PASSWORD);
  await dialog.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "At the door" }).waitFor();
  assert.equal(await dialog.count(), 0);
  await page.context().close();
});

for (const [language, colorScheme, width] of [["ja", "light", 320], ["en", "dark", 1280]]) {
  test(`the frame is legible in ${language}, ${colorScheme}, at ${width} px`, async () => {
    const page = await enter(browser, "dashboard", { language, colorScheme, width });
    await page.locator(".door table").waitFor();
    await isLegible(page);
    await page.screenshot({ path: `${PICTURES}/dashboard-${width}-${colorScheme}-${language}.png`, fullPage: true });
    if (width === 320) await page.locator(".opener").click();
    await page.locator(".menu a[href$=account]").click();
    await page.locator(".lines li").first().waitFor();
    await isLegible(page);
    assert.deepEqual(page.noise, []);
    await page.context().close();
  });
}

test("both languages have the same words, and every word that is asked for", () => {
  const words = (tongue) => Object.keys(JSON.parse(readFileSync(`${ADMIN_PAGES}/words/${tongue}.json`, "utf8"))).sort();
  assert.deepEqual(words("ja"), words("en"));
  const known = new Set(words("en"));
  for (const file of readdirSync(ADMIN_PAGES).filter((name) => name.endsWith(".js"))) {
    for (const [, key] of readFileSync(`${ADMIN_PAGES}/${file}`, "utf8").matchAll(/\bt\("([\w.]+)"/g)) assert.ok(known.has(key), `${file}: ${key}`);
  }
});
