// All tickets by mail from the organisers' page: counted, sent slowly, left and found again, held up, hurried, cancelled.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { BASE_URL, PICTURES, STAFF_PASSWORD } = process.env;
const posted = { base: "/e/posted", language: "en" }, people = 4;
let browser;
before(async () => {
  browser = await launch();
  for (let number = 0; number < people; number += 1) {
    const answer = await fetch(`${BASE_URL}/e/posted/api/v1/apply`, { method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": `posted ${number}` },
      body: JSON.stringify({ form: "teacher", last_name: "Suzuki", first_name: "Ichiro", email: `posted${number}@example.jp`, ticket_quantity: "1", guestName1: "山田 花子" }) });
    assert.ok(answer.ok, await answer.text());
  }
});
after(async () => { await browser.close(); });

const figure = (page, name) => page.locator(".figures div").filter({ hasText: name }).locator("dd");

async function order(page, rate) {
  await page.getByLabel("Those too whose tickets were sent").check();
  await page.getByText(`${people} mails would go out.`).waitFor();
  await page.getByLabel("Mails a minute, at most").fill(String(rate));
  await page.getByRole("button", { name: `Send ${people} mails` }).click();
  await page.getByRole("dialog").getByText("Some get the mail a second time.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: `Send ${people} mails` }).click();
  await page.locator(".badge").getByText("Running").first().waitFor();
}

test("nobody gets a second mail unless told to; a sending is left, found again, held up and hurried to its end", async () => {
  const page = await enter(browser, "send-tickets", posted);
  await page.getByText("those with valid tickets have the mail").waitFor();
  assert.ok(await page.getByRole("button", { name: "Send", exact: true }).isDisabled());
  await order(page, 1);
  await page.screenshot({ path: `${PICTURES}/send-tickets-1000-light-en.png`, fullPage: true });
  await page.getByText("One at a time").waitFor();

  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.getByRole("heading", { name: "At the door" }).waitFor();
  await page.getByRole("link", { name: "Send tickets" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused: no further mails are begun.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("at most 1 a minute").waitFor();
  assert.ok(Number(await figure(page, "Left").textContent()) > 0);

  await page.getByRole("button", { name: "Set the rate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Mails a minute").fill("60000");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator(".listed .badge").getByText("Done").waitFor({ timeout: 60_000 });
  assert.equal(await page.locator(".listed td[data-label=Sent]").first().textContent(), `${people} / ${people}`);
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("a sending is cancelled, and says of how many", async () => {
  const page = await enter(browser, "send-tickets", { ...posted, language: "en" });
  await order(page, 1);
  await page.getByRole("button", { name: "Pause" }).click(); // so that the figures stand still
  await page.getByText("Paused: no further mails are begun.").waitFor();
  await page.getByRole("button", { name: "Cancel the sending" }).click();
  await page.getByRole("dialog").getByText(/mails have gone out and stay so; \d are not sent/).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the sending" }).click();
  await page.locator(".listed .badge").getByText("Cancelled").waitFor();
  await page.locator(".listed a").first().click();
  await page.getByText("Ended ").waitFor();
  await isLegible(page);
  await page.context().close();
});

test("staff look on, in Japanese, on a narrow dark page", async () => {
  const page = await enter(browser, "send-tickets", { base: "/e/posted", language: "ja", colorScheme: "dark", width: 320, login: "looker", password: STAFF_PASSWORD });
  await page.locator(".listed tbody tr").first().waitFor();
  assert.equal(await page.locator("main button.primary").count(), 0);
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/send-tickets-320-dark-ja-staff.png`, fullPage: true });
  assert.deepEqual(page.noise, []);
  await page.context().close();
  const admins = await enter(browser, "send-tickets", { base: "/e/posted", language: "ja", width: 320 });
  await admins.locator(".tick input").check();
  await admins.locator("form .primary:enabled").waitFor();
  await isLegible(admins);
  await admins.screenshot({ path: `${PICTURES}/send-tickets-320-light-ja.png`, fullPage: true });
  await admins.context().close();
});
