// Reads a QR code by the camera or out of a picture: by the browser itself where it can, else by the library `qr`.
import { button, element, field, newId } from "./element.js";
import { t } from "./words.js";

const sizes = [1280, 640, 2400]; // a picture's longer side in pixels: large pictures hold noise, small ones too little
const pause = 120; // milliseconds between two looks through the camera

async function byBrowser() {
  if (!("BarcodeDetector" in window)) return null;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!formats.includes("qr_code")) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (image) => (await detector.detect(image).catch(() => []))[0]?.rawValue ?? null;
}

async function byLibrary() {
  const { default: decode } = await import("../libraries/qr/decode.js");
  const canvas = element("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (image, width, height, tries = 1) => {
    for (const size of sizes.slice(0, tries)) {
      const scale = Math.min(1, size / Math.max(width, height));
      Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      try {
        return decode(pen.getImageData(0, 0, canvas.width, canvas.height));
      } catch {
        // no code in it, as far as one sees at this size
      }
    }
    return null;
  };
}

// Shows the camera in a dialog until a code is seen, a picture with one is chosen, or the person gives up: then null.
export async function readCode(signal) {
  const id = newId();
  const told = element("p", { class: "soft", role: "status" }, t("qr.wait"));
  const video = element("video", { autoplay: true, muted: true, playsinline: true, "aria-label": t("qr.camera"), hidden: true });
  const file = element("input", { type: "file", accept: "image/*" });
  const dialog = element("dialog", { class: "reader", "aria-labelledby": id }, element("h2", { id }, t("qr.title")), told, video,
    field(t("qr.picture"), file), element("div", { class: "actions" }, button(t("cancel"), () => dialog.close(), { class: "quiet" })));
  document.body.append(dialog);
  dialog.showModal();

  let found = null, stream = null;
  const closed = new Promise((resolve) => { dialog.addEventListener("close", resolve); });
  signal.addEventListener("abort", () => dialog.close());
  const done = (text) => {
    found = text;
    dialog.close();
  };
  const reading = byBrowser().then((own) => own ?? byLibrary());

  file.addEventListener("change", async () => {
    if (!file.files[0]) return;
    told.textContent = t("qr.wait");
    try {
      const read = await reading, image = await createImageBitmap(file.files[0]);
      const text = await read(image, image.width, image.height, sizes.length);
      if (text !== null) return done(text);
      told.textContent = t("qr.none");
    } catch {
      told.textContent = t("qr.no_picture");
    }
  });

  const watch = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      const read = await reading;
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      told.textContent = t("qr.hold");
      while (dialog.open) {
        const text = video.videoWidth ? await read(video, video.videoWidth, video.videoHeight) : null;
        if (text !== null && dialog.open) done(text);
        else await new Promise((resolve) => { setTimeout(resolve, pause); });
      }
    } catch { // no camera, or not for us
      told.textContent = t("qr.no_camera");
    } finally {
      if (!dialog.open) for (const track of stream?.getTracks() ?? []) track.stop();
    }
  };
  watch();
  await closed;
  for (const track of stream?.getTracks() ?? []) track.stop();
  dialog.remove();
  return found;
}
