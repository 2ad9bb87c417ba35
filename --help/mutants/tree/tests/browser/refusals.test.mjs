// Every refusal as an applicant meets it, with and without JavaScript, in Japanese and English: said in words, and nothing typed is lost.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { barriers, launch, open } from "./browser.mjs";

const { BASE_URL, PICTURES, LOCALES } = process.env;
const words = { ja: JSON.parse(readFileSync(`${LOCALES}/ja.json`)), en: JSON.parse(readFileSync(`${LOCALES}/en.json`)) };
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

let keys = 0;

// What another application took before; its state when it is decided.
async function taken(base, fields) {
  keys += 1;
  const answer = await fetch(`${BASE_URL}${base}/api/v1/apply`, {
    method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": `refusals ${keys}` },
    body: JSON.stringify(fields) });
  const { application } = await answer.json();
  for (let look = 0; application && look < 200; look += 1) {
    const { state } = await (await fetch(`${BASE_URL}${base}/api/v1/applications/${application}`)).json();
    if (state !== "pending") return state;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return answer.status;
}

const student = (group, number, email) => ({ form: "student", last_name: "Yamada", first_name: "Hanako", email,
  school_grades: group.slice(0, 2), classes: group[2], student_number: String(number), ticket_quantity: "2",
  guestName1: "山田 花子", guestName2: "佐藤 桜" });

async function fill(page, base, fields) {
  await page.goto(`${BASE_URL}${base}/apply/${fields.form}`);
  for (const [name, value] of Object.entries({ ...fields, email_confirm: fields.email })) {
    if (name === "form") continue;
    const control = page.locator(`[name=${name}]`);
    const kind = await control.first().evaluate((element) => element.type);
    if (kind === "select-one") await control.selectOption(value);
    else if (kind === "radio") await page.check(`[name=${name}][value="${value}"]`, { force: true });
    else await control.fill(value);
  }
}

// The application sent with both of its steps.
async function send(page) {
  await page.click("button.primary");
  await page.waitForSelector("dl.answers");
  await page.click("button.primary");
}

let run = 0;
for (const language of ["ja", "en"]) {
  for (const javaScriptEnabled of [true, false]) {
    run += 1;
    const number = run;
    test(`refusals in ${language} ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
      const page = await open(browser, { language, javaScriptEnabled });
      const said = async (code) => {
        await page.getByRole("heading", { name: words[language][`${code}_title`] }).waitFor({ timeout: 15_000 });
        assert.ok((await page.locator("main").textContent()).includes(words[language][`${code}_text`]), `the words of ${code}`);
        assert.equal(await page.getAttribute("html", "lang"), language);
        if (javaScriptEnabled && language === "ja") assert.deepEqual(await barriers(page), []);
        await page.screenshot({ path: `${PICTURES}/refused-${code}-${language}-${javaScriptEnabled ? "scripted" : "plain"}.png`, fullPage: true });
      };
      const kept = async (fields) => assert.equal(await page.inputValue("[name=guestName1]"), fields.guestName1);

      const nobody = student("J1A", 50 - number, `nobody${number}@example.jp`);
      await fill(page, "", nobody);
      await page.click("button.primary");
      await said("unknown_student");
      await kept(nobody);

      const again = student("S1F", number, `s1f${number}@example.jp`);
      assert.equal(await taken("", again), "issued");
      await fill(page, "", again);
      await send(page);
      await said("limit_reached");

      const thief = student("S1E", number, `thief${number}@example.jp`);
      assert.equal(await taken("", { ...thief, email: `s1e${number}@example.jp`, ticket_quantity: "1", guestName2: undefined }), "issued");
      await fill(page, "", thief);
      await send(page);
      await said("address_taken");

      await fill(page, "/e/gone", student("S2A", number, `late${number}@example.jp`));
      await send(page);
      await said("sold_out");

      for (const [event, code] of [["shut", "closed"], ["soon", "not_open_yet"]]) {
        await page.goto(`${BASE_URL}/e/${event}/apply/student`);
        await said(code);
      }

      const stranger = { form: "teacher", last_name: "Suzuki", first_name: "Ichiro", email: `stranger${number}@elsewhere.example`,
        ticket_quantity: "1", guestName1: "髙橋 一郎" };
      await fill(page, "", stranger);
      await page.click("button.primary");
      const error = page.locator("#f-email-error");
      await error.waitFor();
      const label = language === "ja" ? "メールアドレス" : "E-mail address";
      assert.equal(await error.textContent(), words[language].fault_wrong_domain.replace("{label}", label));
      await kept(stranger);
      await page.screenshot({ path: `${PICTURES}/refused-domain-${language}-${javaScriptEnabled ? "scripted" : "plain"}.png`, fullPage: true });
      await page.context().close();
    });
  }
}

for (const language of ["ja", "en"]) {
  for (const javaScriptEnabled of [true, false]) {
    test(`lost links are asked for in ${language} ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
      const page = await open(browser, { language, width: 320, javaScriptEnabled });
      await page.goto(`${BASE_URL}/apply/student`);
      await page.getByRole("link", { name: words[language].find_link }).click();
      await page.fill("[name=email]", "no address");
      await page.click("button.primary");
      assert.equal(await page.inputValue("[name=email]"), "no address");
      await page.locator("#f-email-error").waitFor();
      if (javaScriptEnabled && language === "ja") assert.deepEqual(await barriers(page), []);
      await page.fill("[name=email]", "nobody@example.jp");
      await page.screenshot({ path: `${PICTURES}/find-${language}.png`, fullPage: true });
      await page.click("button.primary");
      await page.getByRole("heading", { level: 1, name: words[language].find_sent_title }).waitFor();
      if (javaScriptEnabled && language === "ja") assert.deepEqual(await barriers(page), []);
      await page.screenshot({ path: `${PICTURES}/found-${language}.png`, fullPage: true });
      await page.context().close();
    });
  }
}
