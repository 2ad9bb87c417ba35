// Figures as a picture by uPlot and as a table beside it, to be taken along as CSV and PNG.
import { button, element } from "./element.js";
import { number, t } from "./words.js";

const colours = ["--accent", "--seal", "--good", "--edge"];
const height = 240, narrowest = 5; // a picture's and a bar's measures, in CSS pixels
const steps = [...Array(10).keys()].flatMap((power) => [1, 2, 5].map((times) => times * 10 ** power));
const library = import("../libraries/uPlot.js").then((module) => module.default, () => null);

const ruler = document.createElement("canvas").getContext("2d");

function widthOf(text, font) {
  ruler.font = font;
  return ruler.measureText(text).width;
}

// What is left of a text in so many pixels.
function cut(text, width, font) {
  let kept = text;
  while (kept && widthOf(`${kept}…`, font) > width) kept = kept.slice(0, -1);
  return kept === text || widthOf(text, font) <= width ? text : `${kept}…`;
}

// Bars of the series that are shown stand beside one another around their place on the x axis.
function barsBeside(uPlot) {
  const shown = (plot) => plot.series.slice(1).filter(({ show }) => show).length;
  const size = (plot) => Math.min(0.5, 0.84 / shown(plot));
  const left = (plot, series) => {
    const before = plot.series.slice(1, series).filter(({ show }) => show).length;
    return plot.data[0].map((place) => place + (before - shown(plot) / 2) * size(plot));
  };
  return uPlot.paths.bars({ gap: 1, align: 1, disp: {
    x0: { unit: 1, values: left }, size: { unit: 1, values: (plot) => [size(plot)] } } });
}

function options(uPlot, place, labels, series, { high, read, ready }) {
  const look = getComputedStyle(place), font = `12px ${look.fontFamily}`;
  const colour = (name) => () => look.getPropertyValue(name).trim();
  const names = () => labels.now;
  const bars = barsBeside(uPlot);
  const axis = { stroke: colour("--soft"), font, ticks: { show: false } };
  return {
    width: place.clientWidth, height: high, legend: { show: false }, pxAlign: 1,
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: { x: { time: false, range: () => [-0.5, names().length - 0.5] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
    axes: [
      { ...axis, size: 28, grid: { show: false },
        splits: (plot) => {
          const room = plot.bbox.width / devicePixelRatio / names().length;
          const widest = Math.min(90, Math.max(...names().map((name) => widthOf(name, font)), 1));
          const each = Math.ceil((widest + 8) / room);
          return [...names().keys()].filter((at) => at % each === 0);
        },
        values: (plot, splits) => {
          const room = plot.bbox.width / devicePixelRatio / names().length * ((splits[1] ?? 1) - (splits[0] ?? 0));
          return splits.map((at) => cut(names()[at] ?? "", Math.max(room, 40) - 4, font));
        } },
      { ...axis, incrs: steps, space: high / 5.5, grid: { stroke: colour("--line"), width: 1 }, values: (_, splits) => splits.map(number),
        size: (_, values) => Math.max(34, ...(values ?? []).map((value) => widthOf(value, font) + 14)) },
    ],
    series: [{}, ...series.map((one, which) => ({ label: one.name, width: 0, fill: colour(colours[which % colours.length]), paths: bars, points: { show: false } }))],
    hooks: {
      drawClear: [(plot) => { // a picture that is saved has no page behind it
        plot.ctx.fillStyle = colour("--card")();
        plot.ctx.fillRect(0, 0, plot.ctx.canvas.width, plot.ctx.canvas.height);
      }],
      setCursor: [({ cursor }) => read(cursor.idx ?? null)],
      ready: [ready],
    },
  };
}

const data = (labels, series) => [[...labels.keys()], ...series.map(({ values }) => values)];

// A picture of `series`, each {name, values} with a value for every label; `told` says in words what it shows. Its `node`
// stands in the page; `set(labels, series, told)` draws other values; `show(which, shown)` takes a series out or in.
export function picture(labels, series, { told, signal, high = height, read = () => {} }) {
  const node = element("div", { class: "plot", role: "img", "aria-label": told });
  node.style.minWidth = `${labels.length * series.length * narrowest}px`; // where that is too wide, it is moved sideways
  const now = { now: labels };
  let plot = null, values = data(labels, series);
  const begin = async () => {
    const uPlot = await library;
    if (plot || signal.aborted || !node.clientWidth) return;
    if (!uPlot) return node.replaceChildren(element("p", { class: "soft" }, t("chart.missing")));
    const begun = performance.now();
    const ready = () => performance.measure("chart", { start: begun, end: performance.now() }); // for tests/bench/pages
    plot = new uPlot(options(uPlot, node, now, series, { high, read, ready }), values, node);
  };
  const watcher = new ResizeObserver(() => {
    if (!plot) begin();
    else if (node.clientWidth && node.clientWidth !== plot.width) plot.setSize({ width: node.clientWidth, height: high });
  });
  watcher.observe(node);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot?.redraw(), { signal });
  signal.addEventListener("abort", () => {
    watcher.disconnect();
    plot?.destroy();
  });
  return {
    node,
    set(others, changed, text) {
      now.now = others;
      values = data(others, changed);
      node.setAttribute("aria-label", text);
      plot?.setData(values);
    },
    show: (which, shown) => plot?.setSeries(which + 1, { show: shown }),
    canvas: () => plot?.ctx.canvas,
  };
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

// The picture under its title, with the names of what is shown in it.
function saveAsPng(canvas, title, series, name) {
  const look = getComputedStyle(document.body), scale = devicePixelRatio, head = 56;
  const colour = (of) => look.getPropertyValue(of).trim();
  const whole = element("canvas", { width: canvas.width, height: canvas.height + head * scale });
  const pen = whole.getContext("2d");
  pen.fillStyle = colour("--card");
  pen.fillRect(0, 0, whole.width, whole.height);
  pen.drawImage(canvas, 0, head * scale);
  pen.scale(scale, scale);
  pen.fillStyle = colour("--ink");
  pen.font = `bold 15px ${look.fontFamily}`;
  pen.fillText(title, 10, 22);
  pen.font = `12px ${look.fontFamily}`;
  let at = 10;
  for (const { name: text, colour: paint } of series) {
    pen.fillStyle = colour(paint);
    pen.fillRect(at, 36, 10, 10);
    pen.fillStyle = colour("--ink");
    pen.fillText(text, at + 15, 45);
    at += 33 + pen.measureText(text).width;
  }
  whole.toBlob((blob) => save(blob, name), "image/png");
}

// `labels` name the groups of bars; a series may have `percent`, too, which stands in the table and the CSV. `file` is the
// name that it is saved under, without its end.
export function chart(title, { first, labels, series, file, signal }) {
  const told = (value) => (value === null ? "–" : number(value));
  const hidden = new Set();
  const where = element("span", { class: "soft" });
  const keys = series.map(({ name }, which) => {
    const value = element("strong", {});
    const key = button("", () => {
      if (!hidden.delete(which)) hidden.add(which);
      key.setAttribute("aria-pressed", String(!hidden.has(which)));
      drawn.show(which, !hidden.has(which));
    }, { class: `key key-${which % colours.length}`, "aria-pressed": "true" });
    key.append(name, value);
    return { key, value };
  });
  const read = (at) => {
    where.textContent = at === null ? "" : labels[at];
    keys.forEach(({ value }, which) => { value.textContent = at === null ? "" : told(series[which].values[at]); });
  };
  const drawn = picture(labels, series, { told: t("chart.told", { title }), signal, read });

  const columns = series.flatMap(({ name, percent }) => (percent ? [name, `${name} %`] : [name]));
  const csv = () => save(new Blob(["\ufeff", [[first, ...columns], ...labels.map((label, at) => [label,
    ...series.flatMap(({ values, percent }) => (percent ? [values[at], percent[at]] : [values[at]])).map((value) => value ?? "")])]
    .map((line) => line.map(cell).join(",")).join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }), `${file}.csv`);
  const png = () => {
    const kept = series.map(({ name }, which) => ({ name, colour: colours[which % colours.length] })).filter((_, which) => !hidden.has(which));
    if (drawn.canvas()) saveAsPng(drawn.canvas(), title, kept, `${file}.png`);
  };

  return element("section", { class: "card chart" },
    element("div", { class: "row" }, element("h2", {}, title), element("div", { class: "row" },
      button("CSV", csv, { "aria-label": t("chart.csv", { title }) }), button("PNG", png, { "aria-label": t("chart.png", { title }) }))),
    element("div", { class: "halves" },
      element("figure", {}, element("div", { class: "pan", tabindex: "0", role: "group", "aria-label": title }, drawn.node), element("figcaption", { class: "legend" }, keys.map(({ key }) => key), where)),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
        element("table", {}, element("thead", {}, element("tr", {}, [first, ...series.map(({ name }) => name)].map((name) => element("th", { scope: "col" }, name)))),
          element("tbody", {}, labels.map((label, at) => element("tr", {}, element("th", { scope: "row" }, label),
            series.map(({ values, percent }) => element("td", {}, told(values[at]),
              percent?.[at] ? element("span", { class: "soft" }, ` ${t("chart.percent", { value: percent[at] })}`) : null)))))))));
}
