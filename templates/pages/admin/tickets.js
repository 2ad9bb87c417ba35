// Tickets: found by name, reference or code, with what became of them; revoked, reissued, corrected, a use given back.
import { ask, base, read } from "./api.js";
import { badge, facts, history, section } from "./applications.js";
import { confirm, fill } from "./dialog.js";
import { button, element } from "./element.js";
import { has, here } from "./frame.js";
import { change, list } from "./list.js";
import { readCode } from "./qr.js";
import { toast } from "./toast.js";
import { inLanguage, named, t, time } from "./words.js";

const code = /^(?:[A-Za-z2-7]{34}|[0-9a-fA-F]{64})$/; // ours, and the system's before

const kindName = (id) => inLanguage(here.definition?.kind.find((one) => one.id === id)?.name ?? id);

export async function show(main, { me, id, signal }) {
  if (id) return look(main, me, id, signal);
  main.append(element("p", { class: "lead" }, t("tickets.hint")), element("p", { class: "buttons" }, button(t("tickets.read"), async () => {
    const text = await readCode(signal);
    if (text !== null && !(await byCode(text.trim()))) toast(t("tickets.no_code"), { bad: true });
  })));
  // What a reader at the keyboard types, or a camera sees, is a code, and no search: it must not stand in an address.
  const byCode = async (text) => {
    if (!code.test(text)) return false;
    try {
      const { value } = await ask("POST", "tickets/find", { body: { code: text }, signal });
      const link = element("a", { href: `${base}/admin/tickets/${value.ticket}`, hidden: true });
      main.append(link);
      link.click();
    } catch (problem) {
      if (problem.name !== "AbortError") toast(problem.code === "not_found" ? t("tickets.no_code") : problem.message, { bad: true });
    }
    return true;
  };
  const kinds = (here.definition?.kind ?? []).map((kind) => [kind.id, inLanguage(kind.name)]);
  await list(main, {
    path: "tickets", key: "ticket", signal,
    columns: [
      { label: t("tickets.guest"), cell: (row) => element("a", { href: `${base}/admin/tickets/${row.ticket}` }, row.guest) },
      { label: t("tickets.reference"), cell: (row) => element("span", { class: "code" }, row.reference) },
      { label: t("tickets.status"), cell: (row) => badge("tickets", row.status, ["valid"], ["revoked"]) },
      { label: t("tickets.kind"), cell: (row) => kindName(row.kind) },
      { label: t("tickets.issued"), cell: (row) => time(row.issued_at) },
    ],
    filters: [
      { name: "status", label: t("tickets.status"), options: ["valid", "revoked"].map((status) => [status, named("tickets", status)]) },
      ...(kinds.length ? [{ name: "kind", label: t("tickets.kind"), options: kinds }] : []),
    ],
    sorts: [["ticket", t("tickets.sort.first")], ["-ticket", t("tickets.sort.last")]],
    typed: byCode,
  });
}

const verbs = [
  { verb: "revoke", danger: true },
  { verb: "reissue", danger: true },
  { verb: "restore", danger: false },
];

// What was decided, where, by which device, and why where somebody said so.
const drawScan = (scan) => element("li", {},
  element("p", {}, element("strong", {}, named("outcome", scan.outcome)), ` ${here.gate(scan.gate)}`,
    scan.device ? t("tickets.device", { device: String(scan.device) }) : "", scan.reason ? `: ${scan.reason}` : ""),
  element("span", { class: "soft" }, time(scan.at)));

async function look(main, me, id, signal) {
  const [row, scans] = await Promise.all([read(`tickets/${id}`, {}, signal), read("scans", { ticket: id, limit: 50 }, signal)]);
  const again = () => {
    main.replaceChildren(main.querySelector("h1"));
    return look(main, me, id, signal);
  };
  const acts = verbs.map(({ verb, danger }) => button(t(`tickets.${verb}`), async () => {
    const done = await confirm({ title: t(`tickets.${verb}.title`), text: t(`tickets.${verb}.text`, { name: row.guest }), action: t(`tickets.${verb}`),
      danger, reason: true, act: (reason) => change(`tickets/${id}/${verb}`, { reason }) });
    if (!done) return;
    toast(t(`tickets.${verb}.done`));
    await again();
  }));
  const correct = button(t("tickets.rename"), async () => {
    const name = element("input", { name: "name", value: row.guest, maxlength: "400", required: true });
    const reason = element("input", { name: "reason", maxlength: "1000", required: true });
    const done = await fill({ title: t("tickets.rename.title"), text: t("tickets.rename.text"), action: t("tickets.rename"),
      controls: [{ label: t("tickets.guest"), control: name }, { label: t("reason"), control: reason, hint: t("reason.hint") }],
      act: (body) => change(`tickets/${id}/rename`, body) });
    if (!done) return;
    toast(t("tickets.rename.done"));
    await again();
  });
  const resend = button(t("tickets.resend"), async () => {
    const done = await confirm({ title: t("tickets.resend.title"), text: t("tickets.resend.text", { name: row.guest }), action: t("tickets.resend"), danger: false,
      act: () => ask("POST", `tickets/${id}/resend`) });
    if (done) toast(t("applications.resend.done"));
  });
  const all = scans.next ? button(t("list.more"), async () => {
    const more = await read("scans", { ticket: id, limit: 50, after: scans.next }, signal);
    scans.next = more.next;
    all.hidden = !more.next;
    log.append(...more.items.map(drawScan));
  }, { class: "more" }) : null;
  const log = element("ul", { class: "lines" }, scans.items.map(drawScan));
  main.append(
    element("p", {}, element("a", { href: `${base}/admin/tickets` }, t("tickets.back"))),
    element("section", { class: "card" },
      element("div", { class: "row" }, element("h2", {}, row.guest), badge("tickets", row.status, ["valid"], ["revoked"])),
      facts([[t("tickets.reference"), element("span", { class: "code" }, row.reference)], [t("tickets.kind"), kindName(row.kind)],
        [t("tickets.issued"), time(row.issued_at)],
        has(me, "staff", "admin") ? [t("tickets.application"), element("a", { href: `${base}/admin/applications/${row.application}` }, t("tickets.application.look"))] : null]),
      has(me, "admin") && row.status === "valid" ? element("div", { class: "buttons" }, acts, correct, resend) : null),
    section(t("tickets.scans"), scans.items.length ? [log, all] : element("p", { class: "soft" }, t("tickets.unused"))),
    history(row.changes) ?? "",
    has(me, "staff", "admin") && row.status === "valid" ? section(t("tickets.picture"), element("p", {},
      element("img", { class: "ticket", src: `${base}/api/v1/tickets/${id}/picture`, alt: t("tickets.picture.told", { name: row.guest }), loading: "lazy" }))) : "");
}
