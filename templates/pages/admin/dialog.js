// Questions in front of the page: what is typed behind them stays.
import { ask, Problem } from "./api.js";
import { complain, element, field, newId } from "./element.js";
import { t } from "./words.js";

function open(title, content, { action, danger = false, again = async () => true }) {
  const id = newId();
  const fault = element("p", { class: "error", role: "alert", hidden: true });
  const ok = element("button", { type: "submit", class: danger ? "primary danger" : "primary" }, action);
  const dialog = element("dialog", { "aria-labelledby": id },
    element("form", { method: "dialog", novalidate: true },
      element("h2", { id }, title), content, fault,
      element("div", { class: "actions" },
        ok, element("button", { type: "button", class: "quiet", on: { click: () => dialog.close("") } }, t("cancel")))));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      ok.disabled = true;
      fault.hidden = true;
      try {
        if (await again()) dialog.close("ok");
      } catch (problem) {
        fault.textContent = problem.message;
        fault.hidden = false;
      }
      ok.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "ok");
    });
    dialog.showModal();
    dialog.querySelector("input, textarea, select")?.focus();
  });
}

// Says what will be done to how many, and asks; `more` are elements below it. `reason`: one must be given. Carries it out by `act(reason)`, and stays
// open with the fault when that is refused. Resolves to whether it was done.
export async function confirm({ title, text, more = null, action, danger = true, reason = false, act }) {
  const why = element("textarea", { rows: "2", maxlength: "1000", name: "reason" });
  return open(title, [element("p", {}, text), more, reason ? field(t("reason"), why, t("reason.hint")) : null], {
    action, danger,
    again: async () => {
      if (reason) {
        complain(why, why.value.trim() ? "" : t("missing"));
        if (!why.value.trim()) {
          why.focus();
          return false;
        }
      }
      await act(why.value.trim());
      return true;
    } });
}

// Fields to fill in; `act` may throw a Problem, whose errors are shown at the fields of the same name.
export async function fill({ title, text, action, controls, act }) {
  const named = controls.filter(Boolean);
  return open(title, [text ? element("p", {}, text) : null, named.map(({ label, control, hint }) => field(label, control, hint))], {
    action,
    again: async () => {
      for (const { control } of named) complain(control);
      try {
        await act(Object.fromEntries(named.map(({ control }) => [control.name, control.value])));
        return true;
      } catch (problem) {
        if (problem instanceof Problem) showFaults(problem, named.map(({ control }) => control));
        throw problem;
      }
    } });
}

// Fields of something that others may change, too. `controls`: {label, control, hint?, of(record)}, `of` its text as stored;
// `seen` is the record that was looked at, `look()` fetches it afresh, `save(typed, version)` changes it. Who comes second is told
// what has become of each field; what was typed stays, and the next try is on top of that.
export async function edit({ title, text, action, controls, seen, look, save }) {
  let base = seen;
  const named = controls.filter(Boolean);
  return fill({ title, text, action, controls: named,
    act: async (typed) => {
      try {
        await save(typed, base.version);
      } catch (problem) {
        if (problem.code !== "changed_meanwhile") throw problem;
        const now = await look();
        const other = named.filter(({ of }) => of && of(now) !== of(base));
        for (const { control, of } of other) complain(control, t("edit.now", { value: of(now) || t("none") }));
        base = now;
        throw new Problem(412, other.length ? "changed_fields" : "changed_beside");
      }
    } });
}

export function showFaults(problem, controls) {
  for (const { field: name, message } of problem.errors) {
    const control = controls.find((one) => one.name === name);
    if (control) complain(control, message);
  }
  controls.find((one) => one.getAttribute("aria-invalid"))?.focus();
}

let asking = null;

// The password once more, over a page that stays as it is. All requests that wait for it wait for one dialog.
export function logInAgain(name) {
  asking ??= (async () => {
    const password = element("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
    try {
      return await open(t("session.ended"), [
        element("p", {}, t("session.ended.text")), field(t("login.password"), password)], {
        action: t("login.action"),
        again: async () => {
          await ask("POST", "login", { body: { login: name, password: password.value }, session: "none" });
          return true;
        } });
    } finally {
      asking = null;
    }
  })();
  return asking;
}
