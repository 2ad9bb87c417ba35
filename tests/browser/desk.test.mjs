// The organisers' lists: applications found, approved and rejected, tickets by their codes, what strangers wrote as text.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { ADMIN_PASSWORD, BASE_URL, PICTURES, SUPERVISOR_PASSWORD, TICKET_CODE } = process.env;
const hostile = ["<script>alert(1)</script>", "مرحبا بالعالم", "𠮷野家 😀", "x".repeat(60), "\"><img src=x onerror=alert(1)>", "&amp; 山田 花子"];
let browser;
before(async () => {
  browser = await launch();
  await apply("/e/held", "desk.another", "山田 花子"); // so that a search finds fewer than there are
  for (const [place, guest] of hostile.entries()) await apply("/e/held", `desk.held${place}`, guest);
});
after(async () => { await browser.close(); });

async function apply(base, name, guest) {
  const answer = await fetch(`${BASE_URL}${base}/api/v1/apply`, { method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": `${base} ${name}` },
    body: JSON.stringify({ form: "teacher", last_name: "Suzuki", first_name: "Ichiro", email: `${name}@example.jp`, ticket_quantity: "1", guestName1: guest }) });
  assert.ok(answer.ok, await answer.text());
}

const held = { base: "/e/held", language: "en" };
const row = (page, name) => page.locator(".listed tbody tr").filter({ hasText: name });

test("applications are found while one types, approved together, rejected with a reason", async () => {
  const page = await enter(browser, "applications?state=awaiting_approval", held);
  await page.getByText("desk.held0").waitFor();
  await page.getByLabel("Search").fill("desk.held");
  await page.getByText(`${hostile.length} found`).waitFor();
  for (const guest of hostile) assert.equal(await page.locator(".listed").getByText(guest, { exact: true }).count(), 1, guest);

  for (const name of ["desk.held0", "desk.held1"]) await row(page, name).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Approve (2)" }).click();
  await page.getByRole("dialog").getByText("The tickets of 2 applications").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await page.getByText("Done: 2.").waitFor();
  await page.getByText(`${hostile.length - 2} found`).waitFor();

  await page.getByLabel("Search").fill("desk.held2");
  await page.getByText("1 found").waitFor();
  await page.getByRole("link", { name: "desk.held2" }).click();
  await page.getByRole("button", { name: "Reject" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Reject" }).click();
  await dialog.getByText("Please fill this in.").waitFor();
  await dialog.getByLabel("Reason").fill("Applied twice");
  await page.context().clearCookies(); // the session is gone; what was typed is not
  await dialog.getByRole("button", { name: "Reject" }).click();
  await dialog.last().getByLabel("Password").fill(ADMIN_PASSWORD);
  await dialog.last().getByRole("button", { name: "Log in" }).click();
  await page.locator(".badge").getByText("Refused").waitFor();
  await page.getByText("Rejected: Applied twice").waitFor();
  await page.context().close();
});

test("the server going away is said, and nothing is lost", async () => {
  const page = await enter(browser, "applications?q=desk.held3", held);
  await page.getByRole("link", { name: "desk.held3" }).click();
  await page.getByRole("button", { name: "Approve" }).click();
  await page.route("**/approve", (route) => route.abort());
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Approve" }).click();
  await dialog.getByText("The server does not answer.").waitFor();
  await page.unroute("**/approve");
  await dialog.getByRole("button", { name: "Approve" }).click();
  await page.locator(".badge").getByText("Issued").waitFor();
  await page.context().close();
});

test("the server going away in the middle of many is said; what was done stays done, and it goes on", async () => {
  for (const number of [1, 2, 3]) await apply("/e/held", `desk.many${number}`, "山田 花子");
  const page = await enter(browser, "applications?q=desk.many&sort=applicant", held);
  await page.getByText("3 found").waitFor();
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: "Reject (3)" }).click();
  let seen = 0;
  const keys = [];
  await page.route("**/reject", (route) => {
    seen += 1;
    keys.push(route.request().headers()["idempotency-key"]);
    return seen === 1 ? route.continue() : route.abort();
  });
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Applied thrice");
  await dialog.getByRole("button", { name: "Reject" }).click();
  await dialog.getByText("The server does not answer.").waitFor();
  await dialog.getByText("2 are left; those before are done.").waitFor();
  await page.unroute("**/reject");
  const again = page.waitForRequest("**/reject");
  await dialog.getByRole("button", { name: "Go on" }).click();
  assert.equal((await again).headers()["idempotency-key"], keys[1], "the same wish, done once");
  await page.getByText("Done: 3.").waitFor();
  await page.context().close();
});

test("a supervisor finds a ticket by its code and is shown no more than the role has", async () => {
  const page = await enter(browser, "", { language: "en", login: "supervisor", password: SUPERVISOR_PASSWORD });
  await page.getByRole("heading", { name: "Tickets" }).waitFor();
  assert.deepEqual(await page.locator(".menu a").allTextContents(), ["Tickets", "Exports", "My account"]);
  await page.getByLabel("Search").fill(TICKET_CODE);
  await page.getByRole("heading", { name: "At the door" }).waitFor();
  assert.ok(!page.url().includes(TICKET_CODE));
  assert.equal(await page.getByRole("button", { name: "Revoke" }).count(), 0);
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("a ticket is revoked for a reason, and its history says so", async () => {
  await apply("", "desk.revoked", "返す 人");
  const page = await enter(browser, "applications?q=desk.revoked", { language: "en" });
  await page.getByRole("link", { name: "desk.revoked" }).click();
  await page.getByRole("link", { name: "返す 人" }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Lost");
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.locator(".badge").getByText("Revoked").waitFor();
  await page.getByText("Lost").waitFor(); // noise is not looked at: the picture may have been asked for in between
  await page.context().close();
});

test("two correct one application: the second is told, sees what changed, and loses nothing, nor by an ended session", async () => {
  await apply("", "desk.edited", "山田 花子");
  const page = await enter(browser, "applications?q=desk.edited", { language: "en", width: 390 });
  await page.getByRole("link", { name: "desk.edited" }).click();
  await page.getByRole("button", { name: "Correct" }).click();
  const dialog = page.getByRole("dialog").first();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/correct-390-light-en.png` });
  await dialog.getByLabel("Last name").fill("Sato");
  await dialog.getByLabel("Reason").fill("Half a rea");
  assert.equal(await page.evaluate(async (id) => {
    const path = `/api/v1/applications/${id}/record`;
    return (await fetch(path, { method: "PATCH", body: JSON.stringify({ fields: { first_name: "Jiro" }, reason: "By somebody else" }),
      headers: { "Content-Type": "application/json", "Idempotency-Key": `desk ${id}`, "If-Match": "*" } })).status;
  }, page.url().split("/").at(-1)), 200);
  await page.context().clearCookies();
  await dialog.getByRole("button", { name: "Save" }).click();
  const again = page.getByRole("dialog").last();
  await again.getByText("Your session has ended.").waitFor();
  await again.getByLabel("Password").fill(ADMIN_PASSWORD);
  await again.getByRole("button", { name: "Log in" }).click();
  await dialog.getByText("what it is now stands below each field").waitFor();
  await dialog.getByText("Now: Jiro").waitFor();
  assert.equal(await dialog.getByLabel("Last name").inputValue(), "Sato");
  assert.equal(await dialog.getByLabel("Reason").inputValue(), "Half a rea");
  await isLegible(page);
  await dialog.getByLabel("First name").fill("Jiro");
  await dialog.getByLabel("Guest 1").fill("山田 はな子");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Corrected; the tickets are on their way.").waitFor();
  await page.getByText("Corrected: Half a rea").waitFor();
  await page.locator(".lines").getByText("山田 はな子").first().waitFor();
  await page.getByText("Sato").waitFor();

  await page.getByRole("button", { name: "Correct" }).click();
  await page.getByRole("dialog").getByLabel("Last name").fill("Kato");
  await page.getByRole("dialog").getByLabel("Reason").fill("Again");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("Kato").waitFor();
  await page.locator(".toast").last().getByRole("button", { name: "Undo" }).click();
  await page.getByText("Sato").waitFor();
  await page.context().close();
});

for (const [language, colorScheme, width] of [["ja", "light", 320], ["en", "dark", 1280]]) {
  test(`the lists are legible in ${language}, ${colorScheme}, at ${width} px`, async () => {
    const page = await enter(browser, "applications", { base: "/e/held", language, colorScheme, width });
    for (const subject of ["applications", "tickets"]) {
      await page.goto(`${BASE_URL}/e/held/admin/${subject}`);
      await page.locator(".listed tbody tr").first().waitFor();
      if (width === 320) await isLegible(page);
      await page.screenshot({ path: `${PICTURES}/${subject}-${width}-${colorScheme}-${language}.png` });
      await page.locator(".listed a").first().click();
      await page.locator(".facts").first().waitFor();
      if (width > 320) await isLegible(page);
    }
    assert.deepEqual(page.noise, []);
    await page.context().close();
  });
}
