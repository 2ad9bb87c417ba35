// Events: listed, made and copied, opened, closed and ended, their day switched; each leads to its editor and its rosters.
import { ask, base, read } from "./api.js";
import { badge, facts, section } from "./applications.js";
import { confirm, fill } from "./dialog.js";
import { button, element } from "./element.js";
import { blankEvent } from "./event_blank.js";
import { everywhere, has, here } from "./frame.js";
import { list } from "./list.js";
import { toast } from "./toast.js";
import { inLanguage, number, t } from "./words.js";

// Its pages are under its own address, wherever one comes from.
export const home = (slug, part = "") => `/e/${encodeURIComponent(slug)}/admin/events/${encodeURIComponent(slug)}${part}`;

const stateBadge = (row) => badge("events.state", row.state ?? "open", ["open"], ["archived"]);

const days = (dates = []) => (dates.length === 0 ? t("none") : dates.length === 1 ? dates[0] : `${dates[0]} – ${dates.at(-1)}`);

const slugInput = (value = "") => element("input", { name: "slug", maxlength: "63", required: true, autocomplete: "off", spellcheck: "false", autocapitalize: "off", value });

// The counts of an event are told at its own address alone, to who has a role there.
function counts(row) {
  const place = element("span", {}, "…");
  fetch(`/e/${encodeURIComponent(row.event)}/api/v1/events/${encodeURIComponent(row.event)}`, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({}))
    .then(({ counts: told }) => { place.textContent = told ? t("events.counts", told) : "–"; });
  return place;
}

export async function show(main, { me, id, part, signal }) {
  if (id && id !== here.event) {
    location.replace(home(id, part ? `/${part}` : ""));
    return;
  }
  if (id && part === "edit") return (await import("./event_editor.js")).show(main, { me, slug: id, signal });
  if (id && part === "roster") return (await import("./roster.js")).show(main, { me, slug: id, signal });
  if (id) return look(main, me, id, signal);
  if (everywhere(me)) main.append(element("div", { class: "buttons" }, button(t("events.add"), () => add(me), { class: "primary" })));
  await list(main, {
    path: "events", key: "event", signal,
    columns: [
      { label: t("events.name"), cell: (row) => element("a", { href: home(row.event) }, inLanguage(row.name)) },
      { label: t("events.state"), cell: stateBadge },
      { label: t("events.days"), cell: (row) => days(row.dates) },
      { label: t("events.address"), cell: (row) => [`/e/${row.event}/`, row.default ? element("span", { class: "soft" }, ` ${t("events.default")}`) : null] },
      { label: t("events.how_many"), cell: counts },
    ],
    filters: [{ name: "state", label: t("events.state"), options: ["draft", "open", "closed", "archived"].map((state) => [state, t(`events.state.${state}`)]) }],
    sorts: [["number", t("events.sort.first")], ["-number", t("events.sort.last")], ["event", t("events.sort.address")]],
  });
}

async function add(me) {
  const { items } = await read("layouts");
  const ja = element("input", { name: "ja", maxlength: "200", autocomplete: "off" }), en = element("input", { name: "en", maxlength: "200", autocomplete: "off" });
  const date = element("input", { name: "date", type: "date", required: true });
  const contact = element("input", { name: "contact", type: "email", value: me.email, maxlength: "254" });
  const slug = slugInput();
  const done = await fill({ title: t("events.add"), text: t("events.add.text"), action: t("events.add.action"), controls: [
    { label: t("events.name.ja"), control: ja }, { label: t("events.name.en"), control: en },
    { label: t("events.slug"), control: slug, hint: t("events.slug.hint") }, { label: t("events.first_day"), control: date }, { label: t("edit.contact"), control: contact }],
    act: (typed) => ask("POST", "events", { body: blankEvent(typed, items[0]?.layout) }) });
  if (done) await arrive(slug.value);
}

// nginx knows the new event a moment later.
async function arrive(slug) {
  for (let left = 20; left > 0; left -= 1) {
    if ((await fetch(`/e/${slug}/api/v1/events/${slug}`, { headers: { Accept: "application/json" } })).ok) break;
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
  location.href = home(slug, "/edit");
}

async function look(main, me, slug, signal) {
  const { value: row, etag } = await ask("GET", `events/${slug}`, { signal });
  const { definition, counts: told } = row;
  const name = inLanguage(row.name);
  const again = async () => {
    if (signal.aborted) return;
    main.replaceChildren(main.querySelector("h1"));
    await look(main, me, slug, signal);
  };
  // Does it, and offers to put back what was there.
  const change = async (what, body, back) => {
    const done = await ask("POST", `events/${slug}/${what}`, { body, ifMatch: etag });
    toast(t("saved"), { undo: async () => {
      await ask("POST", `events/${slug}/${what}`, { body: back, ifMatch: done.etag });
      await again();
    } });
    await again();
  };
  const state = row.state ?? "open";
  const step = (to, attributes = {}) => button(t(`events.to.${to}`), () => confirm({ title: t(`events.to.${to}.title`, { name }),
    text: t(`events.to.${to}.text`, { tickets: told.tickets, forms: definition.form.length }), action: t(`events.to.${to}`), danger: to === "archived",
    act: () => change("state", { state: to }, { state }) }), attributes);
  const steps = { draft: ["open"], open: ["closed"], closed: ["open", "archived"], archived: ["closed"] }[state] ?? [];
  const forced = definition.forced_day ?? 0;
  const dayName = (day) => (day === 0 ? t("events.by_clock")
    : [inLanguage(definition.day.find((one) => one.number === day)?.name), definition.day.find((one) => one.number === day)?.date].filter(Boolean).join(" · "));
  const choice = element("select", { name: "day", "aria-label": t("events.day") }, [0, ...definition.day.map((day) => day.number)].map((day) =>
    element("option", { value: String(day), selected: day === forced }, dayName(day))));
  const admin = has(me, "admin");
  main.append(element("p", {}, element("a", { href: `${base}/admin/events` }, t("events.back"))),
    element("section", { class: "card" }, element("div", { class: "row" }, element("h2", {}, name), stateBadge(row)),
      facts([[t("events.address"), element("a", { href: row.default ? "/" : `/e/${slug}/`, target: "_blank", rel: "noopener" }, `/e/${slug}/`)],
        row.default ? [t("events.is_default"), t("events.is_default.text")] : null,
        [t("events.days"), days(row.dates)], [t("applications.title"), number(told.applications)], [t("tickets.title"), number(told.tickets)],
        [t("devices.title"), number(told.devices)]]),
      element("p", { class: "soft" }, t(`events.state.${state}.text`)),
      admin ? element("div", { class: "buttons" }, element("a", { class: "button", href: home(slug, "/edit") }, t("edit.title")),
        steps.map((to) => step(to, { class: to === "open" ? "primary" : "" })),
        everywhere(me) ? button(t("events.copy"), () => copy(slug, name)) : null) : null));
  if (admin) main.append(section(t("events.day"), [element("p", { class: "soft" }, t("events.day.text")), element("div", { class: "buttons" }, choice,
    button(t("events.day.switch"), () => {
      const wanted = Number(choice.value);
      if (wanted === forced) return null;
      return confirm({ title: t("events.day.switch.title", { day: dayName(wanted) }), text: t(wanted === 0 ? "events.day.clock.text" : "events.day.switch.text", { day: dayName(wanted), tickets: told.tickets }),
        action: t("events.day.switch"), danger: false, act: () => change("day", { day: wanted }, { day: forced }) });
    }))]));
  main.append(section(t("roster.title"), [definition.form.some((form) => form.roster?.list)
    ? element("p", {}, element("a", { href: home(slug, "/roster") }, t("roster.open"))) : element("p", { class: "soft" }, t("roster.no_list"))]));
}

async function copy(slug, name) {
  const control = slugInput();
  const done = await fill({ title: t("events.copy.title", { name }), text: t("events.copy.text"), action: t("events.copy"),
    controls: [{ label: t("events.slug"), control, hint: t("events.slug.hint") }], act: (typed) => ask("POST", `events/${slug}/copy`, { body: { slug: typed.slug } }) });
  if (done) await arrive(control.value);
}
