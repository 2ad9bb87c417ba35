// The parts of an event's definition that organisers change, as labelled controls that write into the definition as one types.
import { button, element, field, newId } from "./element.js";
import { t } from "./words.js";

const tongues = [["ja", "日本語"], ["en", "English"]];
const fieldTypes = ["roman", "kana", "text", "note", "email", "choice", "number", "quantity", "guests", "consent"];
const zones = ["Asia/Tokyo", "Asia/Seoul", "Asia/Taipei", "UTC"];
const mails = ["tickets", "failed", "unconfirmed", "awaiting_approval", "waiting", "rejected", "links"];

const same = (list) => list.map((one) => [one, one]);

const named = (list, key) => (list ?? []).map((one) => [one[key], `${one.name?.ja ?? ""} (${one[key]})`]);

// What each part has: [key, kind, options]. `kinds`: text, both (in each language), lines (the same, longer), number, truth,
// date, time, one (of options), some (of options), words (a list of texts).
const parts = {
  top: () => [["name", "both"], ["contact", "text"], ["sender", "text"], ["time_zone", "one", { options: same(zones), usual: "Asia/Tokyo" }],
    ["venue_capacity", "number"], ["reentry", "truth", { usual: true }], ["retention_days", "number"], ["form_seconds", "number"]],
  day: () => [["number", "number"], ["date", "date"], ["opens", "time"], ["closes", "time"], ["name", "both"], ["capacity", "number"]],
  kind: ({ definition, layouts }) => [["id", "text"], ["name", "both"], ["layout", "one", { options: same(layouts) }], ["allowance", "number"],
    ["capacity", "number"], ["days", "some", { options: named(definition.day, "number") }]],
  gate: ({ definition }) => [["number", "number"], ["id", "text"], ["name", "both"], ["kinds", "some", { options: named(definition.kind, "id") }]],
  form: ({ definition }) => [["id", "text"], ["name", "both"], ["intro", "lines"], ["kind", "one", { options: named(definition.kind, "id") }], ["limit", "number"],
    ["applicant", "text"], ["opens", "text"], ["closes", "text"], ["domains", "words"], ["confirm_address", "truth"], ["approval", "truth"], ["waiting_list", "truth"]],
  field: () => [["name", "text"], ["type", "one", { options: fieldTypes.map((type) => [type, t(`edit.type.${type}`)]) }], ["label", "both"], ["help", "both"],
    ["required", "truth", { usual: true }], ["min", "number"], ["max", "number"]],
  mail: () => [["subject", "both"], ["text", "lines"]],
};

const fresh = {
  day: (list) => ({ number: Math.max(0, ...list.map((one) => one.number)) + 1, date: list.at(-1)?.date ?? "", opens: "09:00", closes: "17:00", name: { ja: "", en: "" } }),
  kind: (list, { layouts }) => ({ id: `kind${list.length + 1}`, name: { ja: "", en: "" }, allowance: 1, layout: layouts[0], capacity: 0 }),
  gate: (list) => ({ number: Math.max(0, ...list.map((one) => one.number)) + 1, id: `gate${list.length + 1}`, name: { ja: "", en: "" }, kinds: [] }),
  form: (list, { definition }) => ({ ...structuredClone(list.at(-1) ?? {}), id: `form${list.length + 1}`, kind: definition.kind[0]?.id, roster: undefined }),
  field: (list) => ({ name: `field${list.length + 1}`, type: "text", label: { ja: "", en: "" } }),
};

// Who does not say what, lets the server's own value hold.
function put(object, key, value, usual) {
  if (value === "" || value === undefined || value === usual || (Array.isArray(value) && value.length === 0 && !(key in object))) delete object[key];
  else object[key] = value;
}

const asNumber = (text) => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text.trim());

// `changed()` is called after every change; `redraw()` when there is more or less of something.
export function drawFields(place, draft) {
  const label = (key) => t(`edit.${key}`);

  function control(path, object, key, kind, { options = [], usual } = {}) {
    const at = `${path}${path ? "." : ""}${key}`;
    const write = (value) => {
      put(object, key, value, usual);
      draft.changed();
    };
    const known = (made) => {
      made.dataset.path = at;
      return made;
    };
    if (kind === "truth") {
      const box = known(element("input", { type: "checkbox", id: newId(), checked: object[key] ?? usual ?? false, on: { change: ({ target }) => write(target.checked) } }));
      const error = element("p", { class: "error", id: `${box.id}-error`, hidden: true });
      box.setAttribute("aria-describedby", error.id);
      return element("div", { class: "field truth" }, element("label", { for: box.id }, box, " ", label(key)), error);
    }
    if (kind === "both" || kind === "lines") return element("fieldset", { class: "pair" }, element("legend", {}, label(key)), tongues.map(([code, tongue]) => {
      const made = element(kind === "lines" ? "textarea" : "input", { value: object[key]?.[code] ?? "", lang: code, rows: kind === "lines" ? "3" : null,
        on: { input: ({ target }) => {
          const told = { ...object[key], [code]: target.value };
          write(Object.values(told).every((text) => text === "") && key !== "name" && key !== "label" ? undefined : told);
        } } });
      made.dataset.path = `${at}.${code}`;
      return field(element("span", {}, element("span", { class: "unseen" }, `${label(key)} – `), tongue), made);
    }));
    if (kind === "some") {
      const chosen = new Set(object[key] ?? []);
      const boxes = options.map(([value, text]) => element("label", {}, element("input", { type: "checkbox", checked: chosen.has(value), on: { change: ({ target }) => {
        if (target.checked) chosen.add(value);
        else chosen.delete(value);
        write(options.map(([one]) => one).filter((one) => chosen.has(one)));
      } } }), " ", text));
      const error = element("p", { class: "error", hidden: true });
      const set = known(element("fieldset", { class: "field some", id: newId() }, element("legend", {}, label(key)), element("p", { class: "hint" }, t("edit.some")), boxes, error));
      error.id = `${set.id}-error`;
      return set;
    }
    if (kind === "one") return field(label(key), known(element("select", { on: { change: ({ target }) => {
      write(target.value);
      if (key === "type") draft.redraw();
    } } }, [...options, ...(object[key] === undefined || options.some(([value]) => value === object[key]) ? [] : [[object[key], object[key]]])].map(([value, text]) =>
      element("option", { value, selected: (object[key] ?? usual) === value }, text)))));
    const shown = kind === "words" ? (object[key] ?? []).join(", ") : object[key] ?? "";
    const type = { number: "text", date: "date", time: "time" }[kind] ?? "text";
    return field(label(key), known(element("input", { type, value: String(shown), inputmode: kind === "number" ? "numeric" : null, autocomplete: "off", on: { input: ({ target }) => {
      const { value } = target;
      write(kind === "number" ? asNumber(value) : kind === "words" ? value.split(/[,、\s]+/).filter(Boolean) : value);
    } } })), t(`edit.${key}.hint`) === `edit.${key}.hint` ? null : t(`edit.${key}.hint`));
  }

  const controls = (part, path, object) => element("div", { class: "fields parts" },
    parts[part](draft).map(([key, kind, options]) => control(path, object, key, kind, options)));

  // A list of the same, each with ways to move and remove it.
  function several(part, path, list, inner = () => null) {
    const move = (from, to) => {
      list.splice(to, 0, ...list.splice(from, 1));
      draft.redraw();
    };
    return [list.map((one, place_) => {
      const name = one.label?.ja || one.name?.ja || one.name || one.id || String(place_ + 1);
      const told = typeof name === "string" ? name : one.id;
      return element("details", { class: "part", open: draft.open.has(`${path}[${place_}]`), "data-part": `${path}[${place_}]`,
        on: { toggle: ({ target }) => { draft.open[target.open ? "add" : "delete"](`${path}[${place_}]`); } } },
      element("summary", {}, `${t(`edit.one.${part}`)}: ${told}`), controls(part, `${path}[${place_}]`, one), inner(one, `${path}[${place_}]`),
      element("div", { class: "buttons" },
        place_ > 0 ? button(t("edit.up"), () => move(place_, place_ - 1), { "aria-label": t("edit.up.of", { name: told }) }) : null,
        place_ < list.length - 1 ? button(t("edit.down"), () => move(place_, place_ + 1), { "aria-label": t("edit.down.of", { name: told }) }) : null,
        button(t("edit.remove"), () => {
          list.splice(place_, 1);
          draft.redraw();
        }, { "aria-label": t("edit.remove.of", { name: told }) })));
    }), button(t(`edit.add.${part}`), () => {
      list.push(fresh[part](list, draft));
      draft.open.add(`${path}[${list.length - 1}]`);
      draft.redraw();
    })];
  }

  const { definition } = draft;
  const section = (key, content) => element("section", { class: "card" }, element("h2", {}, t(`edit.part.${key}`)), content);
  const written = (kind) => ({ subject: definition.mail?.[kind]?.subject, text: definition.mail?.[kind]?.text });
  place.replaceChildren(
    section("top", controls("top", "", definition)),
    ...["day", "kind", "gate"].map((part) => section(part, several(part, part, definition[part] ??= []))),
    section("form", several("form", "form", definition.form ??= [], (form, path) =>
      [element("h3", {}, t("edit.part.field")), several("field", `${path}.field`, form.field ??= [])])),
    section("mail", [element("p", { class: "soft" }, t("edit.mail.text")), mails.map((kind) => {
      // Only what is written becomes a part of the definition.
      const words = new Proxy(written(kind), { set: (own, key, value) => {
        own[key] = value;
        keep(kind, own);
        return true;
      }, deleteProperty: (own, key) => {
        delete own[key];
        keep(kind, own);
        return true;
      } });
      return element("details", { class: "part", open: draft.open.has(`mail.${kind}`), "data-part": `mail.${kind}`,
        on: { toggle: ({ target }) => { draft.open[target.open ? "add" : "delete"](`mail.${kind}`); } } },
      element("summary", {}, t(`edit.mail.${kind}`)), controls("mail", `mail.${kind}`, words));
    })]));

  function keep(kind, { subject, text }) {
    const told = { ...definition.mail };
    delete told[kind];
    if (subject || text) told[kind] = { ...(subject ? { subject } : {}), ...(text ? { text } : {}) };
    if (Object.keys(told).length === 0) delete definition.mail;
    else definition.mail = told;
  }
}
