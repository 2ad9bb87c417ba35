// Who changed what, before and after, and from where.
import { base, read } from "./api.js";
import { facts, section } from "./applications.js";
import { element } from "./element.js";
import { list } from "./list.js";
import { t, time } from "./words.js";

export async function show(main, { id, signal }) {
  if (id) return look(main, id, signal);
  await list(main, {
    path: "audit", key: "entry", signal,
    columns: [
      { label: t("audit.at"), cell: (row) => element("a", { href: `${base}/admin/audit/${row.entry}` }, time(row.at)) },
      { label: t("audit.verb"), cell: (row) => element("span", { class: "code" }, row.verb) },
      { label: t("audit.subject"), cell: (row) => row.subject },
      { label: t("audit.actor"), cell: (row) => row.actor },
    ],
    sorts: [["-entry", t("applications.sort.new")], ["entry", t("applications.sort.old")]],
  });
}

const shown = (value) => (value === undefined || value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));

async function look(main, id, signal) {
  const row = await read(`audit/${id}`, {}, signal);
  const names = [...new Set([...Object.keys(row.before ?? {}), ...Object.keys(row.after ?? {})])];
  main.append(element("p", {}, element("a", { href: `${base}/admin/audit` }, t("audit.back"))),
    element("section", { class: "card" }, facts([[t("audit.at"), time(row.at)], [t("audit.verb"), element("span", { class: "code" }, row.verb)],
      [t("audit.subject"), row.subject], [t("audit.actor"), row.actor], [t("audit.origin"), row.origin]])),
    names.length ? section(t("audit.values"), element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("audit.values") },
      element("table", {}, element("thead", {}, element("tr", {}, ["audit.name", "audit.before", "audit.after"].map((key) => element("th", { scope: "col" }, t(key))))),
        element("tbody", {}, names.map((name) => element("tr", {}, element("th", { scope: "row" }, name),
          element("td", {}, shown(row.before?.[name])), element("td", {}, shown(row.after?.[name])))))))) : "");
}
