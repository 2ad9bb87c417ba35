// The status page: tickets are looked at, corrected, returned and mailed again, with and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isLegible, launch, open } from "./browser.mjs";

const { BASE_URL, PICTURES } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

let number = 0;

// The id of a new application of a teacher with two guests.
async function apply() {
  number += 1;
  const answer = await fetch(`${BASE_URL}/api/v1/apply`, {
    method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": `tickets ${number}` },
    body: JSON.stringify({ form: "teacher", last_name: "Suzuki", first_name: "Ichiro", email: `holder.b${number}@example.jp`,
      ticket_quantity: "2", guestName1: "山田 花子", guestName2: "佐藤 健太郎" }) });
  const { application } = await answer.json();
  for (let look = 0; look < 100; look += 1) {
    const { state } = await (await fetch(`${BASE_URL}/api/v1/applications/${application}`)).json();
    if (state === "issued") return application;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error("the application was not issued");
}

// Pictures are fetched when they come near the window.
async function seePictures(page, count) {
  const pictures = page.locator(".pass img");
  assert.equal(await pictures.count(), count);
  for (let place = 0; place < count; place += 1) {
    await pictures.nth(place).scrollIntoViewIfNeeded();
    await page.waitForFunction((at) => document.querySelectorAll(".pass img")[at].naturalWidth > 0, place, { timeout: 10_000 })
      .catch(() => assert.fail("a ticket's picture did not come"));
  }
}

for (const language of ["ja", "en"]) {
  for (const javaScriptEnabled of [true, false]) {
    test(`tickets in ${language} ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
      const page = await open(browser, { language, javaScriptEnabled });
      await page.goto(`${BASE_URL}/apply/result/${await apply()}`);
      assert.equal(await page.getAttribute("html", "lang"), language);
      if (javaScriptEnabled) await seePictures(page, 2);

      const first = page.locator("#ticket-1");
      const reference = await first.locator(".code").textContent();
      await first.locator("summary").click();
      await first.locator("[name=name]").fill("山田 桜");
      await first.locator("form button").click();
      await page.locator("[role=status]").waitFor();
      assert.equal(await first.locator("h2").textContent(), "山田 桜");
      assert.notEqual(await first.locator(".code").textContent(), reference);

      await page.locator("#ticket-2 a[href*=return]").click();
      await page.locator("a.button.quiet").click();
      assert.equal(await page.locator(".pass.gone").count(), 0, "who keeps a ticket keeps it");
      await page.locator("#ticket-2 a[href*=return]").click();
      await page.locator("button.primary").click();
      await page.locator(".pass.gone").waitFor();
      assert.equal(await page.locator(".pass img").count(), 1);

      await page.locator("section form button").click();
      await page.locator("[role=status]").waitFor();
      assert.deepEqual(page.noise, []);
      await page.context().close();
    });
  }
}

for (const width of [320, 1000]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`tickets are legible at ${width} px, ${colorScheme}`, async () => {
      const page = await open(browser, { width, colorScheme });
      const application = await apply();
      await page.goto(`${BASE_URL}/apply/result/${application}`);
      await seePictures(page, 2);
      await page.locator("summary").first().click();
      await isLegible(page);
      await page.screenshot({ path: `${PICTURES}/tickets-${width}-${colorScheme}.png`, fullPage: true });
      await page.locator("#ticket-2 a[href*=return]").click();
      await isLegible(page);
      await page.screenshot({ path: `${PICTURES}/return-${width}-${colorScheme}.png`, fullPage: true });
      await page.locator("button.primary").click();
      await page.locator("[role=status]").waitFor();
      await isLegible(page);
      await page.screenshot({ path: `${PICTURES}/returned-${width}-${colorScheme}.png`, fullPage: true });
      await page.goto(`${BASE_URL}/apply/result/${application}?note=used&lang=en`);
      await isLegible(page);
      await page.context().close();
    });
  }
}
