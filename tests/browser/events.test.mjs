// Events as organisers make, edit, open and close them; whose roles are for one event alone; rosters and their reports.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isLegible, launch, open } from "./browser.mjs";
import { enter, logIn } from "./organiser.mjs";

const { BASE_URL, ONE_EVENT_PASSWORD, PICTURES } = process.env;
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const hostile = ["<script>alert(1)</script>", "\u202eשלום", "𠮷\u{1f3ab}", "x".repeat(200)];

async function editor(slug, looks) {
  const page = await enter(browser, `events/${slug}/edit`, { base: `/e/${slug}`, ...looks });
  await page.frameLocator(".preview iframe").locator("h1, h2").first().waitFor();
  return page;
}

test("an event is made, edited with its preview, saved, opened and closed again", async () => {
  const page = await enter(browser, "events", { language: "en" });
  await page.getByRole("button", { name: "New event" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name (Japanese)").fill("運動会");
  await dialog.getByLabel("Short name").fill("Wrong Slug");
  await dialog.getByLabel("First day").fill("2027-10-02");
  await dialog.getByRole("button", { name: "Make the draft" }).click();
  await dialog.locator("[aria-invalid=true][name=slug]").waitFor();
  await dialog.getByLabel("Short name").fill("sports");
  await dialog.getByRole("button", { name: "Make the draft" }).click();
  await page.waitForURL(`${BASE_URL}/e/sports/admin/events/sports/edit`);
  const shown = page.frameLocator(".preview iframe");
  await shown.getByText("運動会").first().waitFor();
  assert.ok(!(await (await fetch(`${BASE_URL}/e/sports/`)).text()).includes("Sports day"));
  await page.locator("[data-path='name.en']").fill("Sports day");
  await page.locator("[data-path='name.ja']").fill("大運動会");
  await shown.getByText("Sports day").first().waitFor();
  await page.getByText("Not saved yet").waitFor();
  await page.getByText("Day: 1日目").click();
  await page.locator("[data-path='day[0].closes']").fill("08:00");
  await page.locator("[data-path='day[0].closes'][aria-invalid=true]").waitFor();
  assert.ok((await page.locator(".notice").textContent()).includes("day[0].closes"));
  await page.locator("[data-path='day[0].closes']").fill("18:00");
  await page.locator("[data-path='day[0].closes']:not([aria-invalid])").waitFor();
  assert.ok(!(await (await fetch(`${BASE_URL}/e/sports/`)).text()).includes("大運動会"), "a draft is not public");
  await page.locator(".editing").getByRole("button", { name: "Save" }).click();
  await dialog.getByText("values change").waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing is changed.").waitFor();
  await page.goto(`${BASE_URL}/e/sports/admin/events/sports`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await dialog.getByRole("button", { name: "Open" }).click();
  const undo = page.locator(".toast").getByRole("button", { name: "Undo" });
  await undo.hover(); // it does not go by itself meanwhile
  for (let left = 100; (await fetch(`${BASE_URL}/e/sports/apply/guest`, { headers: { Accept: "text/html" } })).status !== 200; left -= 1) {
    assert.ok(left > 0, "its form takes no applications");
    await page.waitForTimeout(100);
  }
  await undo.click();
  await page.getByText("Its forms take no applications yet.").waitFor();
  await page.locator("select[name=day]").selectOption("1");
  await page.getByRole("button", { name: "Switch" }).click();
  await dialog.getByRole("button", { name: "Switch" }).click();
  await page.locator("select[name=day]").filter({ has: page.locator("option[value='1'][selected]") }).waitFor();
  page.noise = page.noise.filter((line) => !line.includes("status of 422") && !line.includes("status of 404"));
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("who edits what somebody else has saved is told, and loses nothing", async () => {
  const one = await editor("shut", { language: "en" }), other = await editor("shut", { language: "en" });
  const save = async (page) => {
    await page.locator(".editing").getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  };
  await one.locator("[data-path=contact]").fill("first@example.jp");
  await other.locator("[data-path=contact]").fill("second@example.jp");
  await save(one);
  await one.getByText("Nothing is changed.").waitFor();
  await save(other);
  await other.getByText("Somebody else has saved this event in the meantime").waitFor();
  await other.getByText("first@example.jp").first().waitFor();
  assert.equal(await other.locator("[data-path=contact]").inputValue(), "second@example.jp");
  await other.reload();
  await other.locator(".editing").waitFor();
  assert.equal(await other.locator("[data-path=contact]").inputValue(), "second@example.jp", "a page that is loaded again keeps it");
  await save(other);
  await other.getByRole("button", { name: "Save mine" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await other.getByText("Nothing is changed.").waitFor();
  assert.equal(await other.locator("[data-path=contact]").inputValue(), "second@example.jp");
  for (const page of [one, other]) await page.context().close();
});

test("strange words are shown as text, and the server's absence as a notice", async () => {
  const page = await editor("shut", { language: "en" });
  await page.getByText("Kind: 生徒招待券").click();
  await page.getByText("Gate: 正門").click();
  const paths = ["name.en", "day[0].name.en", "kind[0].name.en", "gate[0].name.en", "form[0].intro.en", "form[0].name.en", "contact"];
  await page.getByText("Day: 1日目").click();
  await page.locator("details[data-part='form[0]'] > summary").click();
  for (const [place, path] of paths.entries()) await page.locator(`[data-path='${path}']`).fill(hostile[place % hostile.length]);
  await page.locator("[data-path='name.ja']").fill(hostile[0]);
  await page.frameLocator(".preview iframe").getByText(hostile[0]).first().waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/edit-hostile.png`, fullPage: true });
  await page.route("**/api/v1/events/shut/check", (route) => route.abort());
  await page.locator("[data-path='contact']").fill("someone@example.jp");
  await page.getByText("The server does not answer.").waitFor();
  await page.unroute("**/api/v1/events/shut/check");
  page.noise = page.noise.filter((line) => !line.includes("ERR_FAILED") && !line.includes("status of 422"));
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("the definition as a text names the line of what is wrong", async () => {
  const page = await editor("shut", { language: "en" });
  await page.getByRole("button", { name: "As a text" }).click();
  const text = page.locator("textarea.whole");
  const whole = await text.inputValue();
  await text.fill(whole.slice(0, -2));
  await page.getByText("This is no JSON").waitFor();
  assert.equal(await page.locator(".editing").getByRole("button", { name: "Save" }).isDisabled(), true);
  const wrong = whole.replace(/("limit": )\d+/, "$1-5");
  await text.fill(wrong);
  const line = wrong.slice(0, wrong.indexOf('"limit": -5')).split("\n").length;
  await page.locator("p.error", { hasText: `Line ${line}:` }).waitFor();
  await text.fill(whole);
  await page.getByText("Nothing is changed.").waitFor();
  await page.context().close();
});

test("whose role is for one event is led to its pages", async () => {
  const page = await open(browser, { language: "en" });
  await page.goto(`${BASE_URL}/admin/applications`);
  await logIn(page, "one-event", ONE_EVENT_PASSWORD);
  await page.waitForURL(`${BASE_URL}/e/shut/admin/applications`);
  await page.locator(".listed").waitFor();
  await page.goto(`${BASE_URL}/e/held/admin/`);
  await page.waitForURL(`${BASE_URL}/e/shut/admin/`);
  await page.context().close();
});

test("a roster is looked at, reported and imported by keyboard alone", async () => {
  const page = await enter(browser, "events/rolled/roster", { base: "/e/rolled", language: "en" });
  const rows = hostile.map((text, place) => `X${place},"${text}",,X`).join("\n");
  await page.getByLabel("CSV file").setInputFiles({ name: "bad.csv", mimeType: "text/csv",
    buffer: Buffer.from(`id,name,address,class\nS2E01,Taro,,S2E\n,nobody,,S2E\nS2E01,again,,S2E\n${rows}\n`) });
  await page.getByText("Report: bad.csv").waitFor();
  await page.getByRole("cell", { name: "stands in line 2 too" }).waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/roster-report.png`, fullPage: true });
  await page.getByLabel("CSV file").setInputFiles({ name: "sjis.csv", mimeType: "text/csv", buffer: Buffer.from([0x8e, 0x52, 0x93, 0x63]) });
  await page.getByText("sjis.csv is not UTF-8").waitFor();
  const many = Array.from({ length: 20_000 }, (_, place) => `Y${place},Name ${place},,Y`).join("\n");
  await page.getByLabel("CSV file").setInputFiles({ name: "many.csv", mimeType: "text/csv", buffer: Buffer.from(`id,name,address,class\n${many}\n`) });
  const go = page.getByRole("button", { name: "Import 20,000 entries" });
  await go.waitFor();
  await go.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("20,000 entries are added").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Import" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("20,000 entries are imported.").waitFor();
  await page.locator("dd", { hasText: "20,000" }).first().waitFor();
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

for (const [language, colorScheme, width] of [["ja", "light", 390], ["en", "dark", 1440]]) {
  test(`the pages of events are legible in ${language}, ${colorScheme}, at ${width} px`, async () => {
    const page = await enter(browser, "events", { language, colorScheme, width });
    await page.locator(".listed a").first().waitFor();
    await isLegible(page);
    await page.screenshot({ path: `${PICTURES}/events-${width}-${colorScheme}-${language}.png`, fullPage: true });
    await page.goto(`${BASE_URL}/e/musicfes/admin/events/musicfes`);
    await page.locator(".facts").waitFor();
    await isLegible(page);
    await page.screenshot({ path: `${PICTURES}/event-${width}-${colorScheme}-${language}.png`, fullPage: true });
    await page.goto(`${BASE_URL}/e/musicfes/admin/events/musicfes/edit`);
    await page.frameLocator(".preview iframe").locator("h1, h2").first().waitFor();
    await page.locator("details").nth(0).locator("summary").click();
    await page.locator("details[data-part='form[0]'] > summary").click();
    await isLegible(page);
    await page.screenshot({ path: `${PICTURES}/edit-${width}-${colorScheme}-${language}.png`, fullPage: true });
    await page.locator(".preview select").first().selectOption("form student");
    await page.frameLocator(".preview iframe").locator("form").waitFor();
    await page.locator(".preview").screenshot({ path: `${PICTURES}/preview-${width}-${colorScheme}-${language}.png` });
    await page.locator(".preview select").first().selectOption("kind family");
    await page.locator(".preview canvas:visible").waitFor();
    await page.locator(".preview").screenshot({ path: `${PICTURES}/sample-${width}-${colorScheme}-${language}.png` });
    assert.deepEqual(page.noise, []);
    await page.context().close();
  });
}
