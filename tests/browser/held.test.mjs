// Applications that wait: for approval, for places, and for their address to be confirmed by the link in a mail.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isLegible, launch, open } from "./browser.mjs";

const { BASE_URL, PICTURES, MAIL_SPOOL } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

let number = 0;

// The id of a new application, sent by a program.
async function apply(event, form, fields) {
  number += 1;
  const answer = await fetch(`${BASE_URL}/e/${event}/api/v1/apply`, {
    method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": `held ${number}` },
    body: JSON.stringify({ form, last_name: "Suzuki", first_name: "Ichiro", email: `held.b${number}@example.jp`,
      ticket_quantity: "1", guestName1: "山田 花子", ...fields }) });
  return (await answer.json()).application;
}

const student = (place) => ({ school_grades: "S2", classes: "B", student_number: String(place) });

// What a mail program shows of the application's mail: the address of the link in it.
async function linkInMail(application) {
  for (let look = 0; look < 200; look += 1) {
    for (const file of readdirSync(MAIL_SPOOL, { recursive: true }).filter((name) => name.endsWith(".eml"))) {
      const parts = readFileSync(join(MAIL_SPOOL, file), "latin1").split(/\r?\n\r?\n/);
      const texts = parts.map((part) => Buffer.from(part.replaceAll(/\s/g, ""), "base64").toString("utf8"));
      const [link] = texts.join("\n").match(new RegExp(`https?://\\S+/apply/result/${application}/confirm/[A-Z2-7]{26}`)) ?? [];
      if (link) return BASE_URL + new URL(link).pathname;
    }
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error("no mail brought the link");
}

async function looksRight(page, picture) {
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/${picture}.png`, fullPage: true });
}

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor({ timeout: 20_000 });

for (const language of ["ja", "en"]) {
  for (const javaScriptEnabled of [true, false]) {
    test(`an address is confirmed in ${language} ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
      const page = await open(browser, { language, javaScriptEnabled });
      number += 1;
      await page.goto(`${BASE_URL}/e/held/apply/student`);
      await page.fill("[name=last_name]", "Yamada");
      await page.fill("[name=first_name]", "Hanako");
      await page.fill("[name=email]", `held.b${number}@example.jp`);
      await page.fill("[name=email_confirm]", `held.b${number}@example.jp`);
      await page.selectOption("[name=school_grades]", "S2");
      await page.selectOption("[name=classes]", "B");
      await page.fill("[name=student_number]", String(number));
      await page.check('[name=ticket_quantity][value="1"]', { force: true });
      await page.fill("[name=guestName1]", "山田 桜");
      await page.click("button.primary");
      await page.waitForSelector("dl.answers");
      await page.click("button.primary");
      await page.waitForURL(/\/apply\/result\/[A-Z2-7]{26}/);
      await heading(page, language === "ja" ? "メールアドレスをご確認ください" : "Please confirm your address");
      const [application] = page.url().match(/[A-Z2-7]{26}/);

      await page.goto(await linkInMail(application));
      await heading(page, language === "ja" ? "メールアドレスの確認" : "Confirm your address");
      await page.click("button.primary");
      await page.locator("[role=status]").waitFor();
      await heading(page, language === "ja" ? "お申し込みが完了しました" : "complete");
      assert.equal(await page.locator(".pass").count(), 1);
      assert.deepEqual(page.noise, []);
      await page.context().close();
    });
  }
}

for (const [width, colorScheme] of [[320, "light"], [320, "dark"], [1000, "light"]]) {
  test(`what is held is legible at ${width} px, ${colorScheme}`, async () => {
    const page = await open(browser, { width, colorScheme, language: width === 320 ? "ja" : "en" });
    const result = (event, application) => `${BASE_URL}/e/${event}/apply/result/${application}`;
    const place = 20 + 3 * number;
    const unconfirmed = await apply("held", "student", student(place % 30 + 1));
    await page.goto(result("held", unconfirmed));
    await page.locator(".held form button").waitFor({ timeout: 20_000 });
    await looksRight(page, `unconfirmed-${width}-${colorScheme}`);
    await page.click(".held form button");
    await page.locator("[role=status]").waitFor();
    await looksRight(page, `unconfirmed-resent-${width}-${colorScheme}`);
    await page.goto(await linkInMail(unconfirmed));
    await looksRight(page, `address-${width}-${colorScheme}`);

    await page.goto(result("held", await apply("held", "teacher", {})));
    await heading(page, width === 320 ? "承認をお待ちください" : "awaits approval");
    await looksRight(page, `awaiting-approval-${width}-${colorScheme}`);
    await page.context().close();
  });
}

test("who waits moves up when a ticket is returned", async () => {
  const page = await open(browser, { width: 320 });
  const result = (application) => `${BASE_URL}/e/full/apply/result/${application}`;
  const first = await apply("full", "student", student(1));
  await page.goto(result(first));
  await heading(page, "お申し込みが完了しました");
  const second = await apply("full", "student", student(2));
  await page.goto(result(second));
  await heading(page, "キャンセル待ちに登録しました");
  await page.getByText("1件中 1番目").waitFor();
  await looksRight(page, "waiting-320-light");
  await page.goto(result(await apply("full", "student", student(3))));
  await page.getByText("2件中 2番目").waitFor({ timeout: 20_000 });
  await page.locator(".outcome a.button").click();
  await heading(page, "キャンセル待ちをやめますか");
  await looksRight(page, "leave-320-light");
  await page.locator("button.primary").click();
  await page.locator("[role=status]").waitFor();

  await page.goto(result(first));
  await page.locator("#ticket-1 a[href*=return]").click();
  await page.locator("button.primary").click();
  await page.locator(".pass.gone").waitFor();
  await page.goto(result(second));
  for (let look = 0; look < 100 && await page.locator(".pass").count() === 0; look += 1) {
    await page.waitForTimeout(100);
    await page.reload();
  }
  await heading(page, "お申し込みが完了しました");
  assert.equal(await page.locator(".pass img").count(), 1);
  await page.context().close();
});
