// The mail log: what a server said stands there as text, mails are tried again and looked at, an address gets mail again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { BASE_URL, PICTURES, STAFF_PASSWORD } = process.env;
const bounced = { base: "/e/bounced", language: "en" };
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const row = (page, name) => page.locator(".listed tbody tr").filter({ hasText: name });

test("who only looks sees why a mail failed, and how it would read now, without its scripts", async () => {
  const page = await enter(browser, "mails", { ...bounced, width: 320, colorScheme: "dark", login: "looker", password: STAFF_PASSWORD });
  await page.getByRole("link", { name: "Suppressed addresses: 1" }).waitFor();
  await row(page, "bounced.failed").getByText("554 <img src=x onerror=alert(1)>").waitFor();
  assert.equal(await page.getByRole("checkbox").count(), 0);
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/mails-320-dark-en.png`, fullPage: true });
  await page.getByRole("link", { name: "bounced.failed@" }).click();
  await page.getByRole("button", { name: "Look at the mail" }).waitFor();
  await isLegible(page); // before there is a frame in which nobody may run a script, axe neither
  await page.getByRole("button", { name: "Look at the mail" }).click();
  const mail = page.frameLocator("iframe.paper");
  assert.equal(await page.locator("iframe.paper").getAttribute("sandbox"), "");
  const picture = mail.locator("img").first();
  await picture.waitFor();
  assert.ok((await picture.getAttribute("src")).startsWith("data:image/png;base64,"), "the ticket stands in the mail");
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  await page.screenshot({ path: `${PICTURES}/mail-320-dark-en.png`, fullPage: true });
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("a failed mail is tried again, one and many", async () => {
  const page = await enter(browser, "mails?state=failed", bounced);
  await row(page, "bounced.failed").getByRole("checkbox").check();
  await page.getByRole("button", { name: "Try again (1)" }).click();
  await page.getByRole("dialog").getByText("1 mails are tried again at once.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Try again" }).click();
  await page.getByText("Done: 1.").waitFor();
  await page.goto(`${BASE_URL}/e/bounced/admin/mails?state=sent&q=bounced.failed`);
  await row(page, "bounced.failed").waitFor({ timeout: 30_000 });
  await page.goto(`${BASE_URL}/e/bounced/admin/mails?state=failed`);
  await page.getByRole("link", { name: "bounced.failed@" }).click();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Try again" }).click();
  await page.getByRole("dialog").getByText("It is under way or at its end already.").waitFor(); // it was owed anew already
  await page.context().close();
});

test("an address that came back for good gets mail again after a question", async () => {
  const page = await enter(browser, "mails/suppressed", { ...bounced, language: "ja", width: 390 });
  await row(page, "bounced.gone").getByText("550 5.1.1 no such user <script>alert(1)</script>").waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/suppressed-390-light-ja.png`, fullPage: true });
  await page.getByRole("link", { name: "bounced.gone@" }).click();
  await page.getByText("宛先不明").waitFor();
  await page.getByRole("button", { name: "送信停止を解除する" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("次のメールが戻り、再び停止されます").waitFor();
  await dialog.getByRole("button", { name: "送信停止を解除する" }).click();
  await page.getByText("送信停止を解除しました。").waitFor();
  assert.equal(await page.getByRole("button", { name: "送信停止を解除する" }).count(), 0);
  assert.deepEqual(page.noise, []);
  await page.context().close();
});
