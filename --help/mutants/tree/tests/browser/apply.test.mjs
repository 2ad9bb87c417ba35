// Students and teachers apply, with and without JavaScript, in Japanese and English; pages are legible, wide and narrow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isLegible, launch, open } from "./browser.mjs";

const { BASE_URL, PICTURES } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

let number = 0;

async function fillStudent(page, guests) {
  number += 1;
  await page.fill("[name=last_name]", "Yamada");
  await page.fill("[name=first_name]", "Hanako");
  await page.fill("[name=email]", `s2a${number}@example.jp`);
  await page.fill("[name=email_confirm]", `s2a${number}@example.jp`);
  await page.selectOption("[name=school_grades]", "S2");
  await page.selectOption("[name=classes]", "A");
  await page.fill("[name=student_number]", String(number));
  await page.check(`[name=ticket_quantity][value="${guests.length}"]`, { force: true });
  for (const [place, name] of guests.entries()) await page.fill(`[name=guestName${place + 1}]`, name);
}

async function fillTeacher(page, guests) {
  number += 1;
  await page.fill("[name=last_name]", "Suzuki");
  await page.fill("[name=first_name]", "Ichiro");
  await page.fill("[name=email]", `teacher.b${number}@example.jp`);
  await page.fill("[name=email_confirm]", `teacher.b${number}@example.jp`);
  await page.selectOption("[name=ticket_quantity]", String(guests.length));
  for (const [place, name] of guests.entries()) await page.fill(`[name=guestName${place + 1}]`, name);
}

async function send(page) {
  await page.click("button.primary");
  await page.waitForSelector("dl.answers");
  await page.click("button.primary");
  await page.waitForURL(/\/apply\/result\/[A-Z2-7]{26}$/);
}

for (const language of ["ja", "en"]) {
  for (const javaScriptEnabled of [true, false]) {
    for (const [form, fill, guests] of [["student", fillStudent, ["山田 花子", "佐藤 桜"]], ["teacher", fillTeacher, ["髙橋 一郎"]]]) {
      test(`${form} applies in ${language} ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
        const page = await open(browser, { language, javaScriptEnabled });
        await page.goto(`${BASE_URL}/apply/${form}`);
        assert.equal(await page.getAttribute("html", "lang"), language);
        await fill(page, guests);
        await page.screenshot({ path: `${PICTURES}/${form}-${language}.png`, fullPage: true });
        await send(page);
        const words = language === "ja" ? "お申し込みが完了しました" : "complete";
        await page.getByRole("heading", { level: 1, name: words }).waitFor({ timeout: 10_000 });
        assert.deepEqual(page.noise, []);
        await page.context().close();
      });
    }
  }
}

for (const width of [320, 1000]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`pages are legible at ${width} px, ${colorScheme}`, async () => {
      const page = await open(browser, { width, colorScheme });
      for (const path of ["/", "/apply/student", "/apply/teacher", "/nowhere"]) {
        await page.goto(BASE_URL + path);
        await isLegible(page);
        await page.screenshot({ path: `${PICTURES}/page${path.replaceAll("/", "-")}-${width}-${colorScheme}.png`, fullPage: true });
      }
      await page.goto(`${BASE_URL}/apply/student`);
      await page.click("button.primary");
      await isLegible(page);
      await page.screenshot({ path: `${PICTURES}/faults-${width}-${colorScheme}.png`, fullPage: true });
      await fillStudent(page, ["山田 花子"]);
      await page.click("button.primary");
      await page.waitForSelector("dl.answers");
      await isLegible(page);
      await page.screenshot({ path: `${PICTURES}/confirm-${width}-${colorScheme}.png`, fullPage: true });
      await page.context().close();
    });
  }
}

test("only as many guests as tickets are shown", async () => {
  const page = await open(browser);
  await page.goto(`${BASE_URL}/apply/teacher`);
  const shown = () => page.locator(".guest:visible").count();
  assert.equal(await shown(), 1);
  await page.selectOption("[name=ticket_quantity]", "3");
  assert.equal(await shown(), 3);
  await page.fill("[name=guestName3]", "山田");
  await page.selectOption("[name=ticket_quantity]", "1");
  assert.equal(await shown(), 2, "a name that was typed stays in sight");
  await page.context().close();
});

test("a field complains once it is left and is content as soon as it is right", async () => {
  const page = await open(browser);
  await page.goto(`${BASE_URL}/apply/student`);
  const error = page.locator("#f-last_name-error");
  await page.fill("[name=last_name]", "山田");
  assert.equal(await error.count(), 0);
  await page.press("[name=last_name]", "Tab");
  assert.match(await error.textContent(), /ローマ字/);
  assert.equal(await page.getAttribute("[name=last_name]", "aria-invalid"), "true");
  await page.fill("[name=last_name]", "Yamada");
  assert.equal(await error.count(), 0);
  await page.fill("[name=email]", "a@example.jp");
  await page.fill("[name=email_confirm]", "b@example.jp");
  await page.press("[name=email_confirm]", "Tab");
  assert.match(await page.textContent("#f-email_confirm-error"), /一致/);
  await page.fill("[name=email]", "b@example.jp");
  assert.equal(await page.locator("#f-email_confirm-error").count(), 0);
  await page.click("button.primary");
  assert.equal(await page.evaluate(() => document.activeElement.name), "first_name");
  await page.context().close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`full-width digits and letters count as plain ones ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const page = await open(browser, { javaScriptEnabled });
    await page.goto(`${BASE_URL}/apply/student`);
    await fillStudent(page, ["Ｊｏｈｎ　２世"]);
    await page.fill("[name=last_name]", "Ｙａｍａｄａ");
    await page.fill("[name=student_number]", "２３");
    await page.press("[name=student_number]", "Tab");
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
    await page.click("button.primary");
    const answers = await page.locator("dl.answers dd").allTextContents();
    assert.deepEqual(answers.filter((answer) => ["Yamada", "23", "Ｊｏｈｎ　２世"].includes(answer)), ["Yamada", "23", "Ｊｏｈｎ　２世"]);
    await page.context().close();
  });
}

test("the server's refusal keeps what was typed", async () => {
  const page = await open(browser, { javaScriptEnabled: false });
  await page.goto(`${BASE_URL}/apply/student`);
  await fillStudent(page, ["<b>花子</b>"]);
  await page.fill("[name=student_number]", "99");
  await page.click("button.primary");
  assert.equal(await page.inputValue("[name=student_number]"), "99");
  assert.equal(await page.inputValue("[name=guestName1]"), "<b>花子</b>");
  await page.context().close();
});
