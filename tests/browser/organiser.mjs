// An organiser's browser: logged in, with what went wrong in it noted from then on.
import { open } from "./browser.mjs";

const { ADMIN_PASSWORD, BASE_URL } = process.env;

// A page of the organisers at `path`, such as "dashboard", of the event of `base`.
export async function enter(browser, path, { base = "", login = "admin", password = ADMIN_PASSWORD, ...looks } = {}) {
  const page = await open(browser, looks);
  await page.goto(`${BASE_URL}${base}/admin/${path}`);
  await logIn(page, login, password);
  await page.locator(".frame").waitFor();
  page.noise.length = 0; // that nobody was logged in yet is a 401
  return page;
}

// Passwords are looked at when nobody else wants the processor: where many do, that takes more than one try.
export async function logIn(page, login, password) {
  await page.locator("input[name=login]").fill(login);
  for (let left = 30; ; left -= 1) {
    await page.locator("input[name=password]").fill(password);
    const answer = page.waitForResponse((response) => response.url().endsWith("/api/v1/login"));
    await page.locator("form button[type=submit]").click();
    if (![503, 504].includes((await answer).status()) || left === 0) return;
  }
}
