// Who may apply, as a list: a CSV file is looked at first, its report shown, and then imported whole or not at all.
import { ask, base, read } from "./api.js";
import { facts, section } from "./applications.js";
import { confirm } from "./dialog.js";
import { button, element, field } from "./element.js";
import { has, here } from "./frame.js";
import { toast } from "./toast.js";
import { inLanguage, number, t, time } from "./words.js";

const longest = 4 * 1024 * 1024; // bytes, as the API takes them
const shown = 100; // bad rows

const path = (form) => `forms/${encodeURIComponent(form)}/roster`;

export async function show(main, { me, slug, signal }) {
  const forms = (here.definition?.form ?? []).filter((form) => form.roster?.list);
  main.append(element("p", {}, element("a", { href: `${base}/admin/events/${slug}` }, t("roster.back"))));
  if (forms.length === 0) return main.append(element("p", { class: "card" }, t("roster.no_list")));
  const form = element("select", {}, forms.map((one) => element("option", { value: one.id }, inLanguage(one.name))));
  const place = element("div", {});
  if (forms.length > 1) main.append(field(t("roster.form"), form));
  main.append(place);
  form.addEventListener("change", draw);
  await draw();

  async function draw() {
    const told = await read(path(form.value), {}, signal);
    const admin = has(me, "admin");
    place.replaceChildren(section(inLanguage(forms.find(({ id }) => id === form.value).name),
      facts([[t("roster.entries"), number(told.entries)], [t("roster.imported"), time(told.imported_at)]]),
      told.classes.length ? element("details", {}, element("summary", {}, t("roster.classes")), element("ul", { class: "classes" },
        told.classes.map((one) => element("li", {}, element("span", {}, one.class || t("none")), element("span", {}, number(one.entries)))))) : null,
      admin && told.entries > 0 ? element("div", { class: "buttons" }, button(t("roster.clear"), () => clear(told.entries))) : null),
    admin ? imports() : "");
  }

  async function clear(entries) {
    const done = await confirm({ title: t("roster.clear.title"), text: t("roster.clear.text", { entries }), action: t("roster.clear"), act: () => ask("DELETE", path(form.value)) });
    if (!done) return;
    toast(t("roster.clear.done"));
    await draw();
  }

  function imports() {
    const file = element("input", { type: "file", accept: ".csv,text/csv", on: { change: () => file.files[0] && look(file.files[0]) } });
    const report = element("div", { role: "status" });
    const drop = element("div", { class: "drop" }, field(t("roster.file"), file, t("roster.file.hint")), element("p", { class: "soft" }, t("roster.drop")));
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) look(event.dataTransfer.files[0]);
    });
    return section(t("roster.import"), element("p", { class: "soft" }, t("roster.import.text")), drop, report);

    async function look(chosen) {
      const name = chosen.name;
      const busy = (text) => report.replaceChildren(element("p", {}, text), element("progress", { "aria-label": text }));
      const complain = (text) => report.replaceChildren(element("p", { class: "error" }, text));
      file.disabled = true;
      try {
        if (chosen.size > longest) return complain(t("roster.too_long", { name }));
        let csv;
        try {
          csv = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await chosen.arrayBuffer());
        } catch {
          return complain(t("roster.encoding", { name }));
        }
        busy(t("roster.looking", { name }));
        const { value } = await ask("POST", `${path(form.value)}/check`, { body: { csv }, signal });
        report.replaceChildren(...told(name, csv, value, busy));
      } catch (problem) {
        if (problem.name !== "AbortError") complain(problem.errors?.[0]?.message ?? problem.message);
      } finally {
        file.disabled = false;
        file.value = ""; // the same file may be chosen again, mended
      }
    }

    function told(name, csv, value, busy) {
      const wanted = value.added + value.changed;
      const go = (skip) => button(t(skip ? "roster.skip" : "roster.go", { count: wanted }), async () => {
        let done;
        const key = crypto.randomUUID(); // pressed twice, it is done once
        const sure = await confirm({ title: t("roster.go.title", { name }), text: t("roster.go.text", { added: value.added, changed: value.changed, left_out: value.left_out }), danger: false,
          action: t("roster.go.action"), act: async () => {
            busy(t("roster.going", { count: wanted }));
            try {
              done = (await ask("POST", path(form.value), { body: skip ? { csv, skip_bad: true } : { csv }, key })).value;
            } catch (problem) {
              report.replaceChildren(...told(name, csv, value, busy));
              throw problem;
            }
          } });
        if (!sure) return;
        toast(t("roster.done", { count: done.added + done.changed }));
        await draw();
      }, { class: "primary", disabled: wanted === 0 });
      return [element("h3", {}, t("roster.report", { name })),
        element("dl", { class: "figures" }, ["added", "changed", "unchanged", "absent", "left_out"].map((one) =>
          element("div", {}, element("dt", {}, t(`roster.${one}`)), element("dd", { class: one === "left_out" && value[one] ? "bad" : null }, number(value[one]))))),
        value.absent > 0 ? element("p", { class: "soft" }, t("roster.absent.text", { absent: value.absent })) : "",
        wanted === 0 && value.left_out === 0 ? element("p", {}, t("roster.nothing")) : "",
        value.bad.length ? element("table", { class: "rows" }, element("caption", {}, t("roster.bad")), element("thead", {}, element("tr", {},
          ["line", "column", "value", "remedy"].map((one) => element("th", { scope: "col" }, t(`roster.bad.${one}`))))),
        element("tbody", {}, value.bad.slice(0, shown).map((row) => element("tr", {}, element("td", {}, number(row.line)), element("td", {}, row.column || t("roster.row")),
          element("td", {}, row.value), element("td", { lang: "en" }, row.remedy))))) : "",
        value.left_out > shown ? element("p", { class: "soft" }, t("roster.bad.more", { count: value.left_out - shown })) : "",
        value.left_out > 0 ? element("p", {}, t("roster.mend")) : "",
        element("div", { class: "buttons" }, go(value.left_out > 0))];
    }
  }
}
