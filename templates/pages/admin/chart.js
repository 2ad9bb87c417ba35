// Bars beside their numbers: a figure that is a picture and a table, and can be taken along as CSV and PNG.
import { button, element } from "./element.js";
import { number, t } from "./words.js";

const colours = ["--accent", "--seal", "--good", "--edge"];
const height = 240, edge = { left: 44, right: 8, top: 12, bottom: 30 }; // in CSS pixels

// Of 1, 2 or 5 times a power of ten: the smallest step that divides `most` into at most four.
function stepTo(most) {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, most / 4)));
  return [1, 2, 5, 10].map((times) => times * size).find((step) => most / step <= 4);
}

// `labels` name the groups of bars, each series has a value for every label: {name, values}.
function draw(canvas, labels, series) {
  const look = getComputedStyle(canvas), colour = (name) => look.getPropertyValue(name).trim();
  const scale = devicePixelRatio, width = canvas.clientWidth;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = colour("--card");
  pen.fillRect(0, 0, width, height);
  pen.font = `12px ${look.fontFamily}`;

  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const step = stepTo(most), top = Math.ceil(most / step) * step;
  const inner = { width: width - edge.left - edge.right, height: height - edge.top - edge.bottom };
  const y = (value) => edge.top + inner.height * (1 - value / top);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (let value = 0; value <= top; value += step) {
    pen.fillStyle = colour("--line");
    pen.fillRect(edge.left, Math.round(y(value)), inner.width, 1);
    pen.fillStyle = colour("--soft");
    pen.fillText(number(value), edge.left - 6, y(value));
  }

  const group = inner.width / Math.max(1, labels.length), bar = Math.min(40, group * 0.8 / series.length);
  const each = Math.ceil(Math.max(...labels.map((label) => pen.measureText(label).width), 1) * 1.2 / group); // labels that fit
  pen.textAlign = "center";
  labels.forEach((label, place) => {
    const middle = edge.left + group * (place + 0.5);
    series.forEach(({ values }, which) => {
      pen.fillStyle = colour(colours[which % colours.length]);
      pen.fillRect(middle + bar * (which - series.length / 2) + 0.5, y(values[place]), bar - 1, y(0) - y(values[place]));
    });
    pen.fillStyle = colour("--soft");
    if (place % each === 0) pen.fillText(label, middle, height - edge.bottom / 2, group * each);
  });
}

// A cell that no spreadsheet takes for a formula.
const cell = (value) => `"${String(value).replace(/^([=+\-@\t\r])/, "'$1").replaceAll("\"", "\"\"")}"`;

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// `file` is the name that it is saved under, without its end.
export function chart(title, { first, labels, series, file, signal }) {
  const canvas = element("canvas", { class: "bars", role: "img", "aria-label": t("chart.told", { title }) });
  const paint = () => { if (canvas.isConnected && canvas.clientWidth) draw(canvas, labels, series); };
  const watcher = new ResizeObserver(paint);
  watcher.observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint, { signal });
  signal.addEventListener("abort", () => watcher.disconnect());

  const csv = () => save(new Blob(["\ufeff", [[first, ...series.map(({ name }) => name)],
    ...labels.map((label, place) => [label, ...series.map(({ values }) => values[place])])].map((line) => line.map(cell).join(",")).join("\r\n"), "\r\n"],
  { type: "text/csv;charset=utf-8" }), `${file}.csv`);
  const png = () => canvas.toBlob((blob) => save(blob, `${file}.png`), "image/png");

  return element("section", { class: "card chart" },
    element("div", { class: "row" }, element("h2", {}, title), element("div", { class: "row" },
      button("CSV", csv, { "aria-label": t("chart.csv", { title }) }), button("PNG", png, { "aria-label": t("chart.png", { title }) }))),
    element("div", { class: "halves" },
      element("figure", {}, canvas, element("figcaption", { class: "legend" }, series.map(({ name }, which) =>
        element("span", { class: `key key-${which % colours.length}` }, name)))),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
        element("table", {}, element("thead", {}, element("tr", {}, [first, ...series.map(({ name }) => name)].map((name) => element("th", { scope: "col" }, name)))),
          element("tbody", {}, labels.map((label, place) => element("tr", {}, element("th", { scope: "row" }, label),
            series.map(({ values }) => element("td", {}, number(values[place]))))))))));
}
