// One's own account: the password, and where one is logged in.
import { ask, read } from "./api.js";
import { confirm, showFaults } from "./dialog.js";
import { button, complain, element, field } from "./element.js";
import { toast } from "./toast.js";
import { named, t, time } from "./words.js";

export async function show(main, { me, signal }) {
  main.append(element("dl", { class: "card facts" },
    [[t("account.name"), me.name], [t("account.email"), me.email],
      [t("account.roles"), me.roles.map(({ role }) => named("role", role)).join(t("comma")) || t("none")]]
      .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))), passwordForm());
  const sessions = element("section", { class: "card" }, element("h2", {}, t("sessions")));
  main.append(sessions);
  await listSessions(sessions, signal);
}

function passwordForm() {
  const old = element("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
  const fresh = element("input", { type: "password", name: "new_password", autocomplete: "new-password", required: true, minlength: "8" });
  const fault = element("p", { class: "error", role: "alert", hidden: true });
  const form = element("form", { class: "card", on: { submit: async (event) => {
    event.preventDefault();
    for (const control of [old, fresh]) complain(control);
    fault.hidden = true;
    try {
      await ask("POST", "me/password", { body: { password: old.value, new_password: fresh.value }, session: "none" });
      form.reset();
      toast(t("password.changed"));
    } catch (problem) {
      showFaults(problem, [old, fresh]);
      fault.textContent = problem.code === "bad_login" ? t("password.wrong") : problem.message;
      fault.hidden = false;
    }
  } } }, element("h2", {}, t("password.title")), element("p", { class: "hint" }, t("password.hint")),
  element("div", { class: "fields" }, field(t("password.old"), old), field(t("password.new"), fresh, t("password.rule"))), fault,
  element("div", { class: "actions" }, element("button", { class: "primary", type: "submit" }, t("password.action"))));
  return form;
}

async function listSessions(section, signal) {
  const { items } = await read("me/sessions", {}, signal);
  section.querySelector("ul")?.remove();
  section.append(element("ul", { class: "lines" }, items.map((one) => element("li", {},
    element("p", {}, element("strong", {}, t("session.since", { time: time(one.started_at) })), " ",
      element("span", { class: "soft" }, t("session.from", { origin: one.origin }))),
    one.current ? element("span", { class: "badge good" }, t("session.this")) : button(t("session.end"), async () => {
      const done = await confirm({ title: t("session.end.title"), text: t("session.end.text", { origin: one.origin }),
        action: t("session.end"), act: () => ask("DELETE", `me/sessions/${encodeURIComponent(one.session)}`) });
      if (!done) return;
      toast(t("session.gone"));
      await listSessions(section, signal);
    })))));
}
