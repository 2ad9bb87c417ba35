// A list that is searched while one types, filtered, sorted and read on page by page; what is asked for stands in the address.
import { ask, newKey, read } from "./api.js";
import { button, element, field } from "./element.js";
import { toast } from "./toast.js";
import { number, t } from "./words.js";

const pause = 150; // milliseconds after a key, so that not every letter asks

// `columns`: {label, cell(row)}, the first leads to the row. `filters`: {name, label, options: [[value, text]]}. `sorts`:
// [[value, text]], the first is the usual one. `key`: the row's id. `actions`: {text, fits(row), run(rows)}, for what is
// chosen; `run` resolves to whether anything was done. `typed(text)` may take what was typed instead: resolves to true.
// `searchable`: whether the API can search it. `keep`: what an address may ask for beside what is offered here.
export async function list(main, { path, columns, filters = [], sorts = [], key, actions = [], signal, typed = async () => false, searchable = true, keep = [] }) {
  const asked = new URLSearchParams(location.search);
  const search = element("input", { type: "search", name: "q", value: asked.get("q") ?? "", autocomplete: "off", enterkeyhint: "search" });
  const choices = [...filters, ...(sorts.length > 1 ? [{ name: "sort", label: t("list.sort"), options: sorts }] : [])].map(({ name, label, options, any }) => {
    const control = element("select", { name }, name === "sort" ? null : element("option", { value: "" }, any ?? t("list.all")),
      options.map(([value, text]) => element("option", { value, selected: asked.get(name) === value }, text)));
    return { label, control };
  });
  const told = element("p", { class: "soft", role: "status" });
  const head = element("tr", { role: "row" }, actions.length ? element("td", { class: "choice" }) : null,
    columns.map(({ label }) => element("th", { scope: "col", role: "columnheader" }, label)));
  const rows = element("tbody", { role: "rowgroup" });
  const more = button(t("list.more"), () => next(), { hidden: true, class: "more" });
  const bar = element("div", { class: "bar", hidden: true });
  main.append(
    element("form", { class: "tools", role: "search", on: { submit: (event) => event.preventDefault() } },
      searchable ? field(t("list.search"), search) : null, choices.map(({ label, control }) => field(label, control))),
    told, element("div", { class: "card listed" }, element("table", { role: "table" },
      element("thead", { role: "rowgroup" }, head), rows)), more, bar);

  let current = new AbortController(), shown = [], cursor = null, timer;
  const chosen = new Set();
  signal.addEventListener("abort", () => {
    current.abort();
    clearTimeout(timer);
  });

  const wish = () => Object.fromEntries([["q", search.value.trim()], ...keep.map((name) => [name, asked.get(name)]), ...choices.map(({ control }) => [control.name, control.value])]
    .filter(([name, value]) => value && !(name === "sort" && value === sorts[0][0])));

  function drawBar() {
    const picked = shown.filter((row) => chosen.has(row[key]));
    bar.hidden = picked.length === 0;
    bar.replaceChildren(element("span", {}, t("list.chosen", { count: picked.length })), ...actions.map(({ text, fits, run }) => {
      const fitting = picked.filter(fits);
      return button(`${text} (${number(fitting.length)})`, async () => {
        if (await run(fitting)) await begin();
      }, { disabled: fitting.length === 0 });
    }));
  }

  const draw = (row) => element("tr", { role: "row" },
    actions.length ? element("td", { class: "choice", role: "cell" }, element("input", { type: "checkbox",
      "aria-label": t("list.choose", { name: row[key] }), on: { change: ({ target }) => {
        if (target.checked) chosen.add(row[key]);
        else chosen.delete(row[key]);
        drawBar();
      } } })) : null,
    columns.map(({ label, cell }) => element("td", { role: "cell", "data-label": label }, cell(row))));

  async function next() {
    more.disabled = true;
    try {
      const answer = await read(path, { ...wish(), limit: 50, after: cursor }, current.signal);
      shown.push(...answer.items);
      rows.append(...answer.items.map(draw));
      cursor = answer.next ?? null;
      more.hidden = cursor === null;
    } finally {
      more.disabled = false;
    }
  }

  // The earlier question is given up: its answer would come too late.
  async function begin() {
    current.abort();
    const mine = current = new AbortController();
    const wanted = wish();
    const address = new URLSearchParams(wanted);
    history.replaceState(null, "", address.size ? `?${address}` : location.pathname);
    try {
      const answer = await read(path, { ...wanted, limit: 50 }, mine.signal);
      shown = answer.items;
      cursor = answer.next ?? null;
      chosen.clear();
      drawBar();
      rows.replaceChildren(...shown.map(draw));
      more.hidden = cursor === null;
      told.textContent = shown.length === 0 ? t("list.none") : cursor ? "" : t("list.found", { count: shown.length });
      if (!cursor) return;
      const { count } = await read(path, { ...wanted, sort: "", limit: 1, count: "true" }, mine.signal); // may take longer
      told.textContent = t("list.found", { count });
    } catch (failure) {
      if (failure.name === "AbortError") return;
      told.textContent = failure.message;
    }
  }

  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (!(await typed(search.value.trim()))) await begin();
    }, pause);
  });
  for (const { control } of choices) control.addEventListener("change", begin);
  await begin();
}

// What ends by itself: the server is away, being rebuilt, or asked too much.
const passing = [0, 429, 502, 503, 504];

// One after the other, with a bar that shows how far it is and a way to stop. `act(row, key)` changes one, under a key that makes
// it happen once however often it is sent. While the server is away it waits, and goes on where it was when it is told to.
// Resolves to what became of them: {done, left, faults: [[row, message]]}.
export async function each(title, rows, act) {
  let stopped = false, done = 0, goOn = () => {};
  const faults = [];
  const progress = element("progress", { max: rows.length, value: 0, "aria-label": title });
  const told = element("p", { role: "status" });
  const fault = element("p", { class: "error", role: "alert", hidden: true });
  const halt = () => {
    stopped = true;
    goOn();
  };
  const further = button(t("list.go_on"), () => goOn(), { class: "primary", hidden: true });
  const dialog = element("dialog", { "aria-label": title }, element("h2", {}, title), progress, told, fault,
    element("div", { class: "actions" }, further, button(t("list.stop"), halt)));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    halt();
  });
  document.body.append(dialog);
  dialog.showModal();
  const wait = async (problem) => {
    fault.textContent = t("list.away", { why: problem.message, left: rows.length - done - faults.length });
    fault.hidden = further.hidden = false;
    further.focus();
    await new Promise((resolve) => { goOn = resolve; });
    fault.hidden = further.hidden = true;
  };
  for (const row of rows) {
    const key = newKey();
    for (let settled = false; !settled && !stopped;) {
      try {
        await act(row, key);
        done += 1;
        settled = true;
      } catch (problem) {
        settled = !passing.includes(problem.status);
        if (settled) faults.push([row, problem.message]);
        else await wait(problem);
      }
    }
    if (stopped) break;
    progress.value = done + faults.length;
    told.textContent = t("list.progress", { done: done + faults.length, count: rows.length });
  }
  dialog.close();
  dialog.remove();
  return { done, left: rows.length - done - faults.length, faults };
}

// What became of many: how many were done, how many were not begun, and what was wrong with the others.
export function tellOfMany({ done, left, faults }, nameOf) {
  toast([t("list.done", { count: done }), left ? t("list.left", { count: left }) : "",
    ...faults.slice(0, 3).map(([row, message]) => `${nameOf(row)}: ${message}`),
    faults.length > 3 ? t("list.faults", { count: faults.length - 3 }) : ""].filter(Boolean).join(" "), { bad: faults.length > 0 });
}

export const change = (path, body, key = undefined) => ask("POST", path, { body, key });
