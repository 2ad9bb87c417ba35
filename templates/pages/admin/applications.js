// Applications: found, looked at, approved, rejected, cancelled, their tickets mailed again; many at once.
import { ask, base, read } from "./api.js";
import { confirm } from "./dialog.js";
import { button, element } from "./element.js";
import { has, here } from "./frame.js";
import { change, each, list, tellOfMany } from "./list.js";
import { toast } from "./toast.js";
import { inLanguage, named, t, time } from "./words.js";

const states = ["issued", "awaiting_approval", "waiting", "unconfirmed", "refused", "cancelled"];
const held = ["awaiting_approval", "waiting"];

// What an administrator can do, each with the states that it fits.
const verbs = [
  { verb: "approve", fits: ({ state }) => state === "awaiting_approval", reason: false },
  { verb: "reject", fits: ({ state }) => held.includes(state), reason: true },
  { verb: "cancel", fits: ({ state }) => state === "issued" || state === "unconfirmed" || held.includes(state), reason: true },
];

const address = (id, verb) => `applications/${encodeURIComponent(id)}/${verb}`;

const formName = (id) => inLanguage(here.definition?.form.find((one) => one.id === id)?.name ?? id);

export const badge = (family, state, good, bad = []) =>
  element("span", { class: good.includes(state) ? "badge good" : bad.includes(state) ? "badge bad" : "badge" }, named(family, state));

export async function show(main, { me, id, signal }) {
  if (id) return look(main, me, id, signal);
  const forms = (here.definition?.form ?? []).map((form) => [form.id, inLanguage(form.name)]);
  await list(main, {
    path: "applications", key: "application", signal,
    columns: [
      { label: t("applications.applicant"), cell: (row) => element("a", { href: `${base}/admin/applications/${row.application}` }, row.applicant) },
      { label: t("applications.state"), cell: (row) => badge("applications", row.state, ["issued"], ["refused", "cancelled"]) },
      { label: t("applications.guests"), cell: (row) => row.guests.join(t("comma")) },
      { label: t("applications.form"), cell: (row) => formName(row.form) },
      { label: t("applications.at"), cell: (row) => time(row.submitted_at) },
    ],
    filters: [
      { name: "state", label: t("applications.state"), options: states.map((state) => [state, named("applications", state)]) },
      { name: "form", label: t("applications.form"), options: forms },
    ],
    sorts: [["-submitted_at", t("applications.sort.new")], ["submitted_at", t("applications.sort.old")], ["applicant", t("applications.sort.applicant")]],
    actions: has(me, "admin") ? verbs.map(({ verb, fits, reason }) => ({
      text: t(`applications.${verb}`), fits, run: (rows) => many(verb, reason, rows) })) : [],
  });
}

async function many(verb, reason, rows) {
  let why = t("applications.by_page");
  const sure = await confirm({ title: t(`applications.${verb}.title`), text: t(`applications.${verb}.many`, { count: rows.length }),
    action: t(`applications.${verb}`), danger: verb !== "approve", reason, act: async (given) => { why = given || why; } });
  if (!sure) return false;
  const ended = await each(t(`applications.${verb}.title`), rows, (row) => change(address(row.application, verb), { reason: why }));
  tellOfMany(ended, (row) => row.applicant);
  return true;
}

async function look(main, me, id, signal) {
  const row = await read(address(id, "record"), {}, signal);
  const again = () => {
    main.replaceChildren(main.querySelector("h1"));
    return look(main, me, id, signal);
  };
  const act = (verb, { reason, text }) => button(t(`applications.${verb}`), async () => {
    const done = await confirm({ title: t(`applications.${verb}.title`), text, action: t(`applications.${verb}`),
      danger: verb === "reject" || verb === "cancel", reason,
      act: (why) => (verb === "resend" ? ask("POST", `applicants/${encodeURIComponent(row.applicant)}/resend`)
        : change(address(id, verb), { reason: why || t("applications.by_page") })) });
    if (!done) return;
    toast(t(`applications.${verb}.done`));
    await again();
  }, { class: verb === "approve" ? "primary" : "" });
  main.append(
    element("p", {}, element("a", { href: `${base}/admin/applications` }, t("applications.back"))),
    element("section", { class: "card" },
      element("div", { class: "row" }, element("h2", {}, row.applicant), badge("applications", row.state, ["issued"], ["refused", "cancelled"])),
      facts([[t("applications.form"), formName(row.form)], [t("account.email"), row.email], [t("applications.count"), String(row.tickets)],
        [t("applications.at"), time(row.submitted_at)], [t("applications.decided"), time(row.decided_at)],
        row.state === "refused" ? [t("applications.why"), named("refusal", row.code)] : null]),
      has(me, "admin") ? element("div", { class: "buttons" },
        verbs.filter(({ fits }) => fits(row)).map(({ verb, reason }) => act(verb, { reason, text: t(`applications.${verb}.one`, { count: row.tickets }) })),
        row.state === "issued" ? act("resend", { reason: false, text: t("applications.resend.one", { email: row.email }) }) : null) : null),
    section(t("applications.answers"), facts(Object.entries(row.fields).map(([name, value]) => [label(row.form, name), value]))),
    section(t("tickets.title"), row.of_tickets.length ? element("ul", { class: "lines" }, row.of_tickets.map((one) => element("li", {},
      element("a", { href: `${base}/admin/tickets/${one.ticket}` }, row.guests[one.position - 1] ?? one.reference),
      element("span", {}, element("span", { class: "code" }, one.reference), " ", badge("tickets", one.status, ["valid"], ["revoked"]))))) : element("p", { class: "soft" }, t("none"))),
    history(row.changes) ?? "");
}

function label(form, name) {
  const found = here.definition?.form.find(({ id }) => id === form)?.field?.find((one) => one.name === name);
  return found ? inLanguage(found.label) : name;
}

export const section = (title, ...content) => element("section", { class: "card" }, element("h2", {}, title), content);

export const facts = (pairs) => element("dl", { class: "facts" }, pairs.filter(Boolean).map(([name, value]) =>
  element("div", {}, element("dt", {}, name), element("dd", {}, value))));

// What staff and applicants changed, with the reasons that were given.
export function history(changes) {
  if (!changes?.length) return null;
  return section(t("changes"), element("ul", { class: "lines" }, changes.map(({ change: kind, reason, at }) => element("li", {},
    element("p", {}, element("strong", {}, named("change", kind)), reason ? `: ${reason}` : ""), element("span", { class: "soft" }, time(at))))));
}
