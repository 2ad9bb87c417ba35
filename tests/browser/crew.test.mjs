// The organisers' devices, users, exports and audit log: a scanner comes by QR symbol, is moved, moved back and revoked; two who change it at once.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { BASE_URL, PICTURES, SUPERVISOR_PASSWORD } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

test("a device is added, renamed while somebody else renames it, moved back and revoked", async () => {
  const page = await enter(browser, "devices", { language: "en" });
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Add a device" }).click();
  await dialog.getByLabel("Name").fill("<i>East</i> 9");
  await dialog.getByLabel("Gate").selectOption("east");
  await dialog.getByRole("button", { name: "Add" }).click();
  await page.locator("img.qr").waitFor();
  await page.waitForFunction(() => document.querySelector("img.qr")?.naturalWidth > 0);
  const id = page.url().split("/").at(-1);
  await isLegible(page);

  await page.getByRole("button", { name: "Rename or move" }).click();
  await dialog.getByLabel("Name").fill("East ten");
  await page.evaluate(async (device) => {
    await fetch(`/api/v1/devices/${device}`, { method: "PATCH", body: JSON.stringify({ name: "By somebody else" }),
      headers: { "Content-Type": "application/json", "Idempotency-Key": `crew ${device}`, "If-Match": "*" } });
  }, id);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Somebody else has changed this").waitFor();
  await dialog.getByText("Now: By somebody else").waitFor();
  assert.equal(await dialog.getByLabel("Name").inputValue(), "East ten");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  page.noise.length = 0; // the 412

  await page.reload();
  await page.getByRole("heading", { name: "By somebody else" }).waitFor();
  await page.getByRole("button", { name: "Rename or move" }).click();
  await dialog.getByLabel("Gate").selectOption("main");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator(".facts").getByText("Main gate").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(".facts").getByText("East gate").waitFor();

  await page.getByRole("button", { name: "Revoke" }).click();
  await dialog.getByText("The door no longer answers By somebody else.").waitFor();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await page.locator(".badge").getByText("Revoked").waitFor();
  assert.equal(await page.getByRole("button", { name: "Rename or move" }).count(), 0);
  assert.deepEqual(page.noise, []);

  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByText("device.revoke").first().waitFor();
  await page.context().close();
});

test("somebody is invited, given a role, switched off, and on again by undoing it", async () => {
  const page = await enter(browser, "users", { language: "en" });
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await dialog.getByLabel("Name").fill("<b>Hana</b> \u{20bb7}");
  await dialog.getByLabel("E-mail address").fill("no address");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await dialog.locator("input[name=email][aria-invalid=true]").waitFor();
  await dialog.getByLabel("E-mail address").fill("hana.crew@example.jp");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await page.getByRole("heading", { name: "<b>Hana</b> \u{20bb7}" }).waitFor();
  await page.getByText("No password yet").waitFor();

  await page.getByText("good until").waitFor();
  await page.getByRole("button", { name: "Withdraw the invitation" }).click();
  await dialog.getByText("leads nowhere any more").waitFor();
  await dialog.getByRole("button", { name: "Withdraw the invitation" }).click();
  await page.locator("#main").getByRole("button", { name: "Withdraw the invitation" }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Give a role" }).click();
  await dialog.getByLabel("Role").selectOption("supervisor");
  await dialog.getByLabel("Where").selectOption("all");
  await dialog.getByRole("button", { name: "Give" }).click();
  await page.getByText("Supervisor (all events)").waitFor();
  await isLegible(page);

  await page.getByRole("button", { name: "Switch off" }).click();
  await dialog.getByText("cannot log in until switched on again").waitFor();
  await dialog.getByRole("button", { name: "Switch off" }).click();
  await page.getByText("Switched off").waitFor();
  await page.locator(".toast").last().getByRole("button", { name: "Undo" }).click();
  await page.getByText("No password yet").waitFor();
  await page.context().close();
});

test("somebody else's sessions are seen and ended", async () => {
  const theirs = await enter(browser, "tickets", { language: "en", login: "supervisor", password: SUPERVISOR_PASSWORD });
  const page = await enter(browser, "users?q=supervisor@example.jp", { language: "en", width: 320, colorScheme: "dark" });
  await page.getByRole("link", { name: "supervisor", exact: true }).click();
  await page.getByText(/^Since /).first().waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/user-320-dark-en.png`, fullPage: true });
  const all = page.getByRole("button", { name: "Log out everywhere" });
  await (await all.count() ? all : page.getByRole("button", { name: /^End/ })).click();
  await page.getByRole("dialog").locator("button.primary").click();
  await page.locator(".toast").waitFor();
  await page.locator(".card").last().getByText("none").waitFor();
  await theirs.getByRole("link", { name: "My account" }).click();
  await theirs.getByRole("dialog").getByText("Your session has ended.").waitFor({ timeout: 30_000 });
  await page.context().close();
  await theirs.context().close();
});

test("exports and devices are legible on a narrow page, light, in Japanese", async () => {
  const page = await enter(browser, "exports", { language: "ja", width: 320 });
  const download = page.waitForEvent("download");
  await page.getByLabel(/csv$/).first().click();
  assert.equal(readFileSync(await (await download).path()).subarray(0, 3).toString("hex"), "efbbbf");
  await isLegible(page);
  await page.goto(`${BASE_URL}/admin/devices`);
  await page.locator(".listed tbody tr").first().waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/devices-320-light-ja.png` });
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("the audit log is legible on a wide page, dark, in English", async () => {
  const page = await enter(browser, "audit?q=device", { language: "en", colorScheme: "dark", width: 1280 });
  await page.locator(".listed tbody tr").first().waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/audit-1280-dark-en.png` });
  await page.locator(".listed a").first().click();
  await page.locator(".facts").first().waitFor();
  await isLegible(page);
  assert.deepEqual(page.noise, []);
  await page.context().close();
});
