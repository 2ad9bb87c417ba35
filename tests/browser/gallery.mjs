// Takes a picture of every page of applicants and organisers, in each language, theme and width, into the folder PICTURES.
import { readFileSync } from "node:fs";
import { launch, open } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { ADMIN_PAGES, BASE_URL, ONLY, PICTURES } = process.env;
const looks = ["ja", "en"].flatMap((language) => ["light", "dark"].flatMap((colorScheme) => [320, 768, 1280].map((width) => ({ language, colorScheme, width }))));
const ours = [...readFileSync(`${ADMIN_PAGES}/frame.js`, "utf8").matchAll(/\{ name: "([\w-]+)"/g)].map(([, name]) => name);
const theirs = { start: "/", student: "/apply/student", teacher: "/apply/teacher", find: "/apply/find", nowhere: "/nowhere" };
const wanted = (name) => !ONLY || ONLY.split(",").includes(name);

const browser = await launch();
const take = async (page, name, { language, colorScheme, width }) => {
  await page.waitForLoadState("networkidle", { timeout: 2000 }).catch(() => {});
  await page.screenshot({ path: `${PICTURES}/${name}-${width}-${colorScheme}-${language}.png`, fullPage: true });
};

for (const look of looks) {
  const page = await open(browser, look);
  for (const [name, path] of Object.entries(theirs).filter(([name]) => wanted(name))) {
    await page.goto(BASE_URL + path);
    await take(page, name, look);
  }
  await page.context().close();
  const desk = await enter(browser, "account", look);
  for (const name of ours.filter(wanted)) {
    await desk.goto(`${BASE_URL}/admin/${name}${name === "analytics" ? "?by=class" : ""}`);
    await desk.locator("main > :nth-child(2)").waitFor();
    await take(desk, name, look);
    const first = desk.locator(".listed a").first();
    if (await first.count() === 0) continue;
    await first.click();
    await desk.locator("main > :nth-child(2)").waitFor();
    await take(desk, `${name}-one`, look);
  }
  await desk.context().close();
  console.error(Object.values(look).join(", "));
}
await browser.close();
