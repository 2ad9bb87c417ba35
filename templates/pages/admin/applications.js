// Applications: found, looked at, approved, rejected, cancelled, their tickets mailed again; many at once.
import { ask, base, read } from "./api.js";
import { confirm, edit } from "./dialog.js";
import { button, element } from "./element.js";
import { has, here } from "./frame.js";
import { lift } from "./mails.js";
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
  const ended = await each(t(`applications.${verb}.title`), rows, (row, key) => change(address(row.application, verb), { reason: why }, key));
  tellOfMany(ended, (row) => row.applicant);
  return true;
}

const editable = ["issued", "awaiting_approval", "waiting"];

// The names by place: on the tickets, or as they were asked for.
const guestsOf = (row) => row.guests.map((name, place) => {
  const here = row.of_tickets.filter(({ position }) => position === place + 1);
  return (here.find(({ status }) => status === "valid") ?? here.at(-1))?.guest ?? name;
});

function controlOf(one, value) {
  if (one.type === "choice") {
    const choices = (one.choices ?? []).map((choice) => [choice.value, inLanguage(choice.label) || choice.value]);
    if (!choices.some(([offered]) => offered === value)) choices.unshift([value, value]); // not offered any more, or not answered
    return element("select", { name: one.name }, choices.map(([offered, text]) => element("option", { value: offered, selected: offered === value }, text)));
  }
  if (one.type === "note") return element("textarea", { name: one.name, rows: "3" }, value);
  return element("input", { name: one.name, value, autocomplete: "off", type: one.type === "email" ? "email" : "text",
    inputmode: one.type === "number" ? "numeric" : null });
}

// What was typed wrongly is corrected; tickets with another name and mails to another address follow.
async function correct(row, again, signal) {
  const id = row.application, path = address(id, "record");
  const form = here.definition?.form.find((one) => one.id === row.form);
  const fields = (form?.field ?? []).filter(({ type }) => !["quantity", "guests", "consent"].includes(type)).map((one) => ({
    label: inLanguage(one.label) || one.name, control: controlOf(one, row.fields[one.name] ?? ""), of: (record) => record.fields[one.name] ?? "" }));
  const held = (record, place) => record.state !== "issued" || record.of_tickets.some(({ position, status }) => position === place + 1 && status === "valid");
  const guests = guestsOf(row).map((name, place) => ({ label: t("applications.guest", { number: place + 1 }),
    control: element("input", { name: `guestName${place + 1}`, value: name, autocomplete: "off", readonly: !held(row, place) }),
    of: (record) => guestsOf(record)[place] ?? "" }));
  const reason = element("input", { name: "reason", maxlength: "1000", required: true });
  let changed;
  const done = await edit({ title: t("applications.edit"), text: t("applications.edit.text"), action: t("save"),
    controls: [...fields, ...guests, { label: t("reason"), control: reason, hint: t("reason.hint") }],
    seen: row, look: () => read(path, {}, signal),
    save: async ({ reason: why, ...typed }, version) => {
      changed = (await ask("PATCH", path, { ifMatch: `"${version}"`, body: { reason: why, fields: Object.fromEntries(fields.map(({ control }) => [control.name, typed[control.name]])),
        guests: guests.map(({ control }) => typed[control.name]) } })).value;
    } });
  if (!done) return;
  // Tickets and mails that went out cannot be taken back; words alone can.
  const went = changed.email !== row.email || guestsOf(changed).join("\n") !== guestsOf(row).join("\n");
  toast(t(went ? "applications.edit.went" : "saved"), went ? {} : { undo: async () => {
    await ask("PATCH", path, { ifMatch: `"${changed.version}"`, body: { reason: t("undo"), fields: Object.fromEntries(fields.map(({ control, of }) => [control.name, of(row)])) } });
    if (!signal.aborted) await again();
  } });
  if (!signal.aborted) await again();
}

// Its mails, and what holds its address.
function drawMails(row, me, again) {
  const held = row.suppressed ? element("div", { class: "notice" }, element("h3", {}, t("applications.suppressed")),
    element("p", {}, element("strong", {}, named("bounce", row.suppressed.kind)), ` ${row.suppressed.reason}`),
    has(me, "admin") ? element("p", {}, button(t("mails.lift"), async () => { if (await lift(row.suppressed.mail, row.email)) await again(); })) : null) : null;
  const list = (row.mails ?? []).map((one) => element("li", {},
    element("p", {}, element("a", { href: `${base}/admin/mails/${one.mail}` }, named("mails.of", one.kind)), " ",
      one.last_text && one.state !== "sent" ? element("span", { class: "said" }, `${one.last_code || ""} ${one.last_text}`) : null),
    element("span", {}, badge("mails", one.state, ["sent"], ["failed", "suppressed"]), " ", element("span", { class: "soft" }, time(one.ended_at ?? one.next_at)))));
  return section(t("mails.title"), held, list.length ? element("ul", { class: "lines" }, list) : element("p", { class: "soft" }, t("none")));
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
        editable.includes(row.state) && row.email ? button(t("applications.edit"), () => correct(row, again, signal)) : null,
        row.state === "issued" ? act("resend", { reason: false, text: t("applications.resend.one", { email: row.email }) }) : null) : null),
    section(t("applications.answers"), facts(Object.entries(row.fields).map(([name, value]) => [label(row.form, name), value]))),
    section(t("tickets.title"), row.of_tickets.length ? element("ul", { class: "lines" }, row.of_tickets.map((one) => element("li", {},
      element("a", { href: `${base}/admin/tickets/${one.ticket}` }, one.guest || one.reference),
      element("span", {}, element("span", { class: "code" }, one.reference), " ", badge("tickets", one.status, ["valid"], ["revoked"]))))) : element("p", { class: "soft" }, t("none"))),
    drawMails(row, me, again), history(row.changes) ?? "");
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
