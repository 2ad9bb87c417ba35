// Mail: what is owed and what became of it, in the server's words; tried again, looked at, and addresses that get none any more.
import { ask, base, read } from "./api.js";
import { badge, facts, section } from "./applications.js";
import { confirm } from "./dialog.js";
import { button, element } from "./element.js";
import { has } from "./frame.js";
import { each, list, tellOfMany } from "./list.js";
import { toast } from "./toast.js";
import { named, number, t, time } from "./words.js";

const states = ["pending", "sending", "retry", "unknown", "sent", "failed", "suppressed"];
const kinds = ["tickets", "awaiting_approval", "waiting", "unconfirmed", "rejected", "failed", "links", "invitation", "reset"];

const stateOf = (row) => badge("mails", row.state, ["sent"], ["failed", "suppressed"]);

const mayRetry = ({ state }) => ["pending", "retry", "unknown", "failed"].includes(state);

// The server's last words, and by what they came.
const answer = (row) => [row.last_code || null, row.last_text || null].filter(Boolean).join(" ") || "–";

const path = (mail) => `${base}/admin/mails/${mail}`;

export async function show(main, { me, id, signal }) {
  if (id === "suppressed") return suppressed(main, me, signal);
  if (id) return look(main, me, id, signal);
  const { count } = await read("suppressions", { lifted: "false", limit: 1, count: "true" }, signal);
  main.append(element("p", { class: "lead" }, element("a", { href: path("suppressed") }, t("mails.blocked.count", { count }))));
  await list(main, {
    path: "mails", key: "mail", signal,
    columns: [
      { label: t("mails.to"), cell: (row) => element("a", { href: path(row.mail) }, row.recipient || t("mails.erased")) },
      { label: t("mails.state"), cell: stateOf },
      { label: t("mails.kind"), cell: (row) => named("mails.of", row.kind) },
      { label: t("mails.attempts"), cell: (row) => number(row.attempts) },
      { label: t("mails.answer"), cell: (row) => element("span", { class: "said" }, answer(row)) },
      { label: t("mails.next"), cell: (row) => (row.ended_at ? time(row.ended_at) : time(row.next_at)) },
    ],
    filters: [
      { name: "state", label: t("mails.state"), options: states.map((state) => [state, named("mails", state)]) },
      { name: "kind", label: t("mails.kind"), options: kinds.map((kind) => [kind, named("mails.of", kind)]) },
    ],
    keep: ["mailing", "application"],
    sorts: [["-mail", t("applications.sort.new")], ["mail", t("applications.sort.old")]],
    actions: has(me, "admin") ? [{ text: t("mails.retry.action"), fits: mayRetry, run: async (rows) => {
      const sure = await confirm({ title: t("mails.retry.title"), text: t("mails.retry.many", { count: rows.length }), action: t("mails.retry.action"), danger: false, act: async () => {} });
      if (!sure) return false;
      const ended = await each(t("mails.retry.title"), rows, (row, key) => ask("POST", `mails/${row.mail}/retry`, { key }));
      tellOfMany(ended, (row) => row.recipient);
      return true;
    } }] : [],
  });
}

// Lifts what holds the address of a mail; resolves to whether it was done.
export async function lift(mail, email) {
  const done = await confirm({ title: t("mails.lift.title"), text: t("mails.lift.text", { email }), action: t("mails.lift"), danger: false,
    act: () => ask("POST", `mails/${mail}/unsuppress`) });
  if (done) toast(t("mails.lift.done"));
  return done;
}

async function suppressed(main, me, signal) {
  main.append(element("p", {}, element("a", { href: `${base}/admin/mails` }, t("mails.back"))), element("h2", {}, t("mails.blocked")),
    element("p", { class: "lead" }, t("mails.blocked.text")));
  await list(main, {
    path: "suppressions", key: "suppression", signal,
    columns: [
      { label: t("mails.to"), cell: (row) => element("a", { href: path(row.mail) }, row.address) },
      { label: t("mails.state"), cell: (row) => element("span", { class: row.lifted ? "badge good" : "badge bad" }, t(row.lifted ? "mails.lifted" : "mails.held")) },
      { label: t("mails.why"), cell: (row) => [element("strong", {}, named("bounce", row.kind)), " ", element("span", { class: "said" }, row.reason)] },
      { label: t("mails.since"), cell: (row) => time(row.created_at) },
    ],
    filters: [
      { name: "lifted", label: t("mails.state"), options: [["false", t("mails.held")], ["true", t("mails.lifted")]] },
      { name: "kind", label: t("mails.why"), options: ["hard", "complaint"].map((kind) => [kind, named("bounce", kind)]) },
    ],
    sorts: [["-suppression", t("applications.sort.new")], ["suppression", t("applications.sort.old")]],
    actions: has(me, "admin") ? [{ text: t("mails.lift"), fits: ({ lifted }) => !lifted, run: async (rows) => {
      const sure = await confirm({ title: t("mails.lift.title"), text: t("mails.lift.many", { count: rows.length }), action: t("mails.lift"), danger: false, act: async () => {} });
      if (!sure) return false;
      const ended = await each(t("mails.lift.title"), rows, (row, key) => ask("POST", `mails/${row.mail}/unsuppress`, { key }));
      tellOfMany(ended, (row) => row.address);
      return true;
    } }] : [],
  });
}

export const bounces = (row) => (row.bounces?.length ? element("ul", { class: "lines" }, row.bounces.map((one) => element("li", {},
  element("p", {}, element("strong", {}, named("bounce", one.kind)), ` ${one.status} `, element("span", { class: "said" }, one.said)),
  element("span", { class: "soft" }, time(one.at))))) : null);

async function look(main, me, id, signal) {
  const row = await read(`mails/${id}`, {}, signal);
  const held = (await read("suppressions", { mail: id, lifted: "false", limit: 1 }, signal)).items[0];
  const again = () => {
    main.replaceChildren(main.querySelector("h1"));
    return look(main, me, id, signal);
  };
  const retry = button(t("mails.retry.action"), async () => {
    let due;
    const done = await confirm({ title: t("mails.retry.title"), text: t(row.state === "failed" ? "mails.retry.failed" : "mails.retry.one", { email: row.recipient }),
      action: t("mails.retry.action"), danger: false, act: async () => { due = (await ask("POST", `mails/${id}/retry`)).value; } });
    if (!done) return;
    toast(t("mails.retry.done"));
    if (String(due.mail) === String(id)) return again();
    const link = element("a", { href: path(due.mail), hidden: true });
    main.append(link);
    link.click();
  }, { class: "primary" });
  const resend = button(t("mails.resend"), async () => {
    const done = await confirm({ title: t("mails.resend.title"), text: t("mails.resend.text", { email: row.recipient }), action: t("mails.resend"), danger: false,
      act: () => ask("POST", `mails/${id}/resend`) });
    if (done) toast(t("applications.resend.done"));
  });
  const unblock = button(t("mails.lift"), async () => {
    if (await lift(id, row.recipient)) await again();
  });
  const paper = element("div", {});
  const preview = button(t("mails.preview"), async () => {
    preview.disabled = true;
    try {
      paper.replaceChildren(...drawPreview(id, await read(`mails/${id}/preview`, {}, signal)));
    } catch (problem) {
      if (problem.name !== "AbortError") paper.replaceChildren(element("p", { class: "error", role: "alert" }, problem.message));
    }
    preview.disabled = false;
  });
  const mayChange = has(me, "admin");
  main.append(
    element("p", {}, element("a", { href: `${base}/admin/mails` }, t("mails.back"))),
    element("section", { class: "card" },
      element("div", { class: "row" }, element("h2", { class: "whole" }, row.recipient || t("mails.erased")), stateOf(row)),
      facts([[t("mails.kind"), named("mails.of", row.kind)], [t("mails.attempts"), number(row.attempts)],
        [t("mails.answer"), element("span", { class: "said" }, answer(row))], row.transport ? [t("mails.transport"), row.transport] : null,
        row.ended_at ? [t("mails.ended"), time(row.ended_at)] : [t("mails.next"), time(row.next_at)], [t("mails.made"), time(row.created_at)],
        row.application.startsWith("link:") ? null
          : [t("tickets.application"), element("a", { href: `${base}/admin/applications/${encodeURIComponent(row.application)}` }, t("tickets.application.look"))],
        row.mailing ? [t("sending.title"), element("a", { href: `${base}/admin/send-tickets/${row.mailing}` }, String(row.mailing))] : null]),
      element("div", { class: "buttons" }, mayChange && mayRetry(row) ? retry : null,
        mayChange && row.kind === "tickets" && ["sent", "suppressed"].includes(row.state) ? resend : null, mayChange && held ? unblock : null, preview)),
    row.bounces?.length ? section(t("mails.bounces"), bounces(row)) : "",
    paper);
}

function drawPreview(id, mail) {
  const frame = element("iframe", { class: "paper", sandbox: "", src: `${base}/api/v1/mails/${id}/preview.html`, title: t("mails.preview.told"), tabindex: "0" });
  return [section(t("mails.preview.now"), element("p", { class: "soft" }, t("mails.preview.text")),
    facts([[t("mails.subject"), mail.subject], [t("mails.from"), `${mail.from_name} <${mail.from}>`], mail.reply_to ? [t("mails.reply_to"), mail.reply_to] : null,
      mail.attachments.length ? [t("mails.attachments"), mail.attachments.map(({ name }) => name).join(t("comma"))] : null]),
    frame,
    element("details", {}, element("summary", {}, t("mails.preview.plain")), element("pre", { class: "plain", tabindex: "0" }, mail.text)))];
}
