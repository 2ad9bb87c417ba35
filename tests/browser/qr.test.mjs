// Organisers find a ticket by its QR code: the camera sees it, or a picture holds it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isLegible, launch } from "./browser.mjs";
import { enter } from "./organiser.mjs";

const { BASE_URL, LIBRARIES, PICTURES, TICKET_CODE } = process.env;
const { encodeQR } = await import(join(LIBRARIES, "qr/index.js"));
const folder = mkdtempSync(join(tmpdir(), "mogiri-qr-"));
let browser;
before(async () => { browser = await launch(); });
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

// What a camera sees that looks at `text`, as the film that Chromium takes for one.
function film(text) {
  const width = 640, height = 480, scale = 9, dots = encodeQR(text, "raw", { border: 4 });
  const light = Buffer.alloc(width * height, 150);
  const [left, top] = [width, height].map((room) => Math.floor((room - dots.length * scale) / 2));
  dots.forEach((row, y) => row.forEach((dark, x) => {
    for (let line = 0; line < scale; line += 1) light.fill(dark ? 20 : 235, (top + y * scale + line) * width + left + x * scale, (top + y * scale + line) * width + left + (x + 1) * scale);
  }));
  const frame = Buffer.concat([Buffer.from("FRAME\n"), light, Buffer.alloc(width * height / 2, 128)]);
  const file = join(folder, "camera.y4m");
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array(5).fill(frame)]));
  return file;
}

test("the camera sees a ticket", async () => {
  const seeing = await launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film(TICKET_CODE)}`]);
  try {
    const page = await enter(seeing, "tickets", { language: "en" });
    await page.getByRole("button", { name: "Read a QR code" }).click();
    await page.getByRole("heading", { name: "At the door" }).waitFor();
    assert.match(page.url(), /\/admin\/tickets\/\d+$/);
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.deepEqual(page.noise, []);
  } finally {
    await seeing.close();
  }
});

test("a ticket's own picture leads to it; other pictures are told apart", async () => {
  const page = await enter(browser, "tickets", { language: "en", width: 320 });
  await page.locator(".listed a").first().click();
  await page.locator("img.ticket").waitFor();
  const at = page.url(), name = await page.locator("main h2").first().textContent();
  const picture = Buffer.from(await page.locator("img.ticket").evaluate(async ({ src }) => [...new Uint8Array(await (await fetch(src)).arrayBuffer())]));
  await page.goBack();
  await page.getByRole("button", { name: "Read a QR code" }).click();
  const dialog = page.getByRole("dialog"), choose = (buffer, mimeType) => dialog.getByLabel("Or choose a picture").setInputFiles({ name: "picture", mimeType, buffer });
  await dialog.getByText("There is no camera here").waitFor();
  await isLegible(page);
  await page.screenshot({ path: `${PICTURES}/qr-320-light-en.png` });
  await choose(Buffer.from("no picture"), "image/png");
  await dialog.getByText("This file cannot be read as a picture.").waitFor();
  await choose(await page.screenshot(), "image/png");
  await dialog.getByText("No QR code was found in this picture.").waitFor();
  await choose(picture, "image/png");
  await page.getByRole("heading", { name, level: 2 }).waitFor();
  assert.equal(page.url(), at);

  await page.goBack();
  await page.getByRole("button", { name: "Read a QR code" }).click();
  await choose(Buffer.from(encodeQR("https://example.jp/", "gif", { scale: 6 })), "image/gif");
  await page.getByText("No ticket of this event has this code.").waitFor();
  assert.ok(!page.url().includes("example"));
  assert.deepEqual(page.noise, []);
  await page.context().close();
});

test("the camera is for the organisers' pages alone", async () => {
  const policy = async (path) => (await fetch(BASE_URL + path)).headers.get("Permissions-Policy");
  assert.match(await policy("/admin/tickets"), /camera=\(self\)/);
  for (const path of ["/", "/apply/student", "/admin/files/qr.js", "/api/v1/me"]) assert.match(await policy(path), /camera=\(\)/, path);
});
