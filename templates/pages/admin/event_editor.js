// An event's definition, edited as a form or as a text, checked by the server while one types, and saved whole or not at all.
import { ask, base, Problem, read } from "./api.js";
import { confirm } from "./dialog.js";
import { button, complain, element, field } from "./element.js";
import { drawFields } from "./event_fields.js";
import { preview } from "./event_preview.js";
import { has } from "./frame.js";
import { toast } from "./toast.js";
import { inLanguage, number, t } from "./words.js";

const pause = 500; // milliseconds after a key

// The same for the same definition, however its keys came about.
const spelled = (value) => JSON.stringify(value, (_, one) =>
  (one && typeof one === "object" && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([left], [right]) => (left < right ? -1 : 1))) : one));

const path = (slug) => `events/${encodeURIComponent(slug)}`;

// The line of a definition's text where "form[0].limit" stands, or the nearest thing around it.
export function lineOf(text, key) {
  const steps = key.split(/[.[\]]+/).filter(Boolean);
  let at = 0;
  for (const step of steps) {
    const inner = /^\d+$/.test(step) ? elementAt(text, at, Number(step)) : memberAt(text, at, step);
    if (inner < 0) break;
    at = inner;
  }
  return text.slice(0, at).split("\n").length;
}

// The text is as JSON.stringify(…, null, 2) writes it: what is inside of the value at `at` is indented deeper than its line.
function inside(text, at) {
  const indent = /^ */.exec(text.slice(text.lastIndexOf("\n", at) + 1))[0].length;
  const lines = [];
  for (let from = text.indexOf("\n", at) + 1; from > 0; from = text.indexOf("\n", from) + 1) {
    const deep = /^ */.exec(text.slice(from, from + 200))[0].length;
    if (deep <= indent) break;
    if (deep === indent + 2) lines.push(from + deep);
  }
  return lines;
}

const memberAt = (text, at, name) => inside(text, at).find((one) => text.startsWith(`${JSON.stringify(name)}:`, one)) ?? -1;

const elementAt = (text, at, place) => inside(text, at).filter((one) => !"]}".includes(text[one]))[place] ?? -1;

// What was typed and not saved is kept for this browser's tab.
const shelf = (slug) => ({
  take: () => {
    try {
      return JSON.parse(sessionStorage.getItem(`draft ${slug}`));
    } catch {
      return null;
    }
  },
  put: (kept) => {
    try {
      if (kept) sessionStorage.setItem(`draft ${slug}`, JSON.stringify(kept));
      else sessionStorage.removeItem(`draft ${slug}`);
    } catch {
      // it stays on the page alone
    }
  },
});

export async function show(main, { me, slug, signal }) {
  if (!has(me, "admin")) return main.append(element("p", { class: "card" }, t("forbidden")));
  const { value: stored, etag } = await ask("GET", path(slug), { signal });
  const { items } = await read("layouts", {}, signal);
  const kept = shelf(slug);
  const before = kept.take();
  let saved = spelled(stored.definition), version = before?.version ?? etag, timer, asText = false;

  const draft = { definition: structuredClone(before?.definition ?? stored.definition), layouts: items.map(({ layout }) => layout), open: new Set(), changed, redraw };
  const seen = preview(slug, signal);
  const fields = element("div", {});
  const text = element("textarea", { class: "whole", spellcheck: "false", rows: "30", autocapitalize: "off", on: { input: typed } });
  const whole = element("section", { class: "card", hidden: true }, element("h2", {}, t("edit.whole")), field(t("edit.whole.label"), text, t("edit.whole.hint")));
  const faults = element("div", { class: "notice", role: "alert", hidden: true });
  const state = element("span", { role: "status", class: "soft" });
  const ways = ["form", "text"].map((way) => button(t(`edit.as.${way}`), () => turn(way === "text"), { "aria-pressed": String(way === "form") }));
  const save = button(t("save"), store, { class: "primary" });
  const undo = button(t("edit.discard"), () => confirm({ title: t("edit.discard.title"), text: t("edit.discard.text"), action: t("edit.discard"), act: async () => {
    kept.put(null);
    await again();
  } }));
  const bar = element("div", { class: "bar editing" }, state, save, undo);
  main.append(element("p", {}, element("a", { href: `${base}/admin/events/${slug}` }, t("edit.back", { name: inLanguage(stored.name) }))),
    element("div", { class: "buttons ways", role: "group", "aria-label": t("edit.as") }, ways), faults,
    element("div", { class: "beside" }, element("div", {}, fields, whole), seen.panel), bar);
  drawFields(fields, draft);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    removeEventListener("beforeunload", warn);
  });
  addEventListener("beforeunload", warn);
  tell();
  if (before) toast(t("edit.kept"));
  await look();

  function warn(event) {
    if (differs()) event.preventDefault();
  }

  function differs() {
    return spelled(draft.definition) !== saved;
  }

  async function again() {
    if (signal.aborted) return;
    removeEventListener("beforeunload", warn);
    main.replaceChildren(main.querySelector("h1"));
    await show(main, { me, slug, signal });
  }

  function tell() {
    state.textContent = differs() ? t("edit.unsaved") : t("edit.same");
    save.disabled = undo.disabled = !differs();
    kept.put(differs() ? { definition: draft.definition, version } : null);
  }

  function changed() {
    tell();
    clearTimeout(timer);
    timer = setTimeout(look, pause);
  }

  function redraw() {
    drawFields(fields, draft);
    changed();
  }

  function turn(wanted) {
    if (asText && !wanted && !readText()) return text.focus();
    asText = wanted;
    if (asText) text.value = JSON.stringify(draft.definition, null, 2);
    else drawFields(fields, draft);
    fields.hidden = asText;
    whole.hidden = !asText;
    for (const [place, way] of ways.entries()) way.setAttribute("aria-pressed", String((place === 1) === asText));
    return look();
  }

  function readText() {
    try {
      const found = JSON.parse(text.value);
      if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error(t("edit.no_object"));
      for (const part of ["day", "kind", "gate", "form"]) if (!Array.isArray(found[part])) throw new Error(t("edit.no_list", { part }));
      draft.definition = found;
      complain(text);
      return true;
    } catch (fault) {
      complain(text, t("edit.broken", { why: fault.message }));
      return false;
    }
  }

  function typed() {
    clearTimeout(timer);
    if (readText()) changed();
    else save.disabled = true;
  }

  // What the server says of it, at the fields that it names.
  function point({ errors = [], message }) {
    for (const control of fields.querySelectorAll("[data-path]")) if (document.getElementById(`${control.id}-error`)) complain(control);
    complain(text);
    const found = errors.map(({ field: key, message: why }) => {
      for (let near = key; near; near = near.replace(/(\.[^.[]*|\[\d+\]|^[^.[]+)$/, "")) {
        const control = fields.querySelector(`[data-path="${CSS.escape(near)}"]`) ?? fields.querySelector(`[data-path="${CSS.escape(`${near}.ja`)}"]`);
        if (!control) continue;
        complain(control, why);
        for (let part = control.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
        break;
      }
      if (asText) complain(text, t("edit.line", { line: lineOf(text.value, key), why }));
      return `${key}: ${why}`;
    });
    faults.hidden = errors.length === 0 && !message;
    faults.replaceChildren(element("h2", {}, t("edit.wrong")), element("ul", {}, (found.length ? found : [message]).map((one) => element("li", {}, one))));
  }

  async function look() {
    try {
      const { value } = await ask("POST", `${path(slug)}/check`, { body: draft.definition, signal });
      point({});
      seen.show(draft.definition);
      return value;
    } catch (problem) {
      if (!(problem instanceof Problem)) return null;
      point({ errors: problem.errors, message: problem.code === "not_possible" ? problem.detail ?? problem.message : problem.message });
      return null;
    }
  }

  async function store() {
    clearTimeout(timer);
    const told = await look();
    if (!told) return;
    const lines = element("ul", { class: "changes" }, told.changes.slice(0, 12).map((one) => element("li", {}, one)));
    const more = told.count > 12 ? element("p", {}, t("edit.more", { count: told.count - 12 })) : null;
    const was = structuredClone(stored.definition);
    let done;
    try {
      if (!await confirm({ title: t("edit.save.title"), text: t("edit.save.text", { count: number(told.count) }), more: [lines, more], action: t("save"), danger: false, act: async () => {
        try {
          done = await ask("PUT", path(slug), { body: draft.definition, ifMatch: version });
        } catch (problem) {
          if (problem.code !== "changed_meanwhile") throw problem;
          done = null;
        }
      } })) return;
    } catch {
      return;
    }
    if (!done) return conflict();
    kept.put(null);
    saved = spelled(draft.definition);
    const { etag: now } = done;
    toast(t("saved"), { undo: async () => {
      await ask("PUT", path(slug), { body: was, ifMatch: now });
      await again();
    } });
    await again();
  }

  // Somebody else was faster: both are there, and a person decides.
  async function conflict() {
    const theirs = await ask("GET", path(slug), { signal });
    const told = await look();
    faults.hidden = false;
    faults.replaceChildren(element("h2", {}, t("edit.meanwhile")), element("p", {}, t("edit.meanwhile.text")),
      element("ul", { class: "changes" }, (told?.changes ?? []).slice(0, 12).map((one) => element("li", {}, one))),
      element("div", { class: "buttons" }, button(t("edit.mine"), () => {
        version = theirs.etag;
        stored.definition = theirs.value.definition;
        saved = spelled(stored.definition);
        tell();
        return store();
      }), button(t("edit.theirs"), () => {
        kept.put(null);
        return again();
      })));
    faults.scrollIntoView({ block: "center" });
  }
}
