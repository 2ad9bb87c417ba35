// The login, in the place of the page that was asked for, which follows.
import { ask } from "./api.js";
import { button, element, field } from "./element.js";
import { tongues } from "./frame.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

// Resolves to the account that logged in.
export function showLogin() {
  document.title = t("login.title");
  const login = element("input", { name: "login", autocomplete: "username", required: true, maxlength: "254", autocapitalize: "none" });
  const password = element("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const fault = element("p", { class: "error", role: "alert", hidden: true });
  const send = element("button", { class: "primary", type: "submit" }, t("login.action"));
  const form = element("form", { class: "card fields" }, field(t("login.name"), login), field(t("login.password"), password),
    fault, element("div", { class: "actions" }, send));
  document.body.replaceChildren(
    element("header", { class: "stub" }, element("div", { class: "stub-body" }, element("p", { class: "event" }, t("product"))), tongues()),
    element("main", { id: "main", class: "login" }, element("h1", {}, t("login.title")), form,
      button(t("login.forgotten"), async () => {
        if (!login.value) {
          login.focus();
          return toast(t("login.forgotten.name"), { bad: true });
        }
        try {
          await ask("POST", "password/forget", { body: { login: login.value }, session: "none" });
          toast(t("login.forgotten.sent"));
        } catch (problem) {
          toast(problem.message, { bad: true });
        }
      }, { class: "link" })));
  login.focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      fault.hidden = true;
      try {
        resolve((await ask("POST", "login", { body: { login: login.value, password: password.value }, session: "none" })).value);
      } catch (problem) {
        fault.textContent = problem.message;
        fault.hidden = false;
        password.select();
      }
      send.disabled = false;
    });
  });
}
