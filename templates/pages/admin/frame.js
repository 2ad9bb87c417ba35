// What stands around every page: the event, the ways to go that a role has, the language, who is logged in.
import { ask, base, read } from "./api.js";
import { button, element } from "./element.js";
import { choose, inLanguage, language, t } from "./words.js";

export const here = {
  name: "", event: null, number: null, events: [], definition: null,
  // The event of the address, as far as the role may know it.
  async find(me) {
    const slug = base.slice("/e/".length);
    const own = me.roles.filter((grant) => grant.slug !== undefined);
    this.events = own.map((grant) => ({ event: grant.slug, number: grant.event, name: grant.name, default: grant.default }));
    try {
      if (rulesAll(me)) this.events = (await read("events", { limit: 200 })).items;
      const event = this.events.find((one) => (slug ? one.event === slug : one.default));
      // Whose roles are for other events has none here.
      if (!event && !me.roles.some((grant) => grant.event === undefined)) this.number = 0;
      if (!event) return;
      this.number = event.number;
      this.event = event.event;
      this.name = inLanguage(event.name);
      if (staff(me)) this.definition = (await read(`events/${event.event}`)).definition;
    } catch {
      // the pages themselves say what is wrong
    }
  },
  // The events of somebody who has nothing to do with that of the address; empty for everybody else.
  elsewhere() {
    return this.number === 0 ? this.events : [];
  },
  // A gate's name, by its number or its id.
  gate(gate) {
    const found = this.definition?.gate.find((one) => one.number === gate || one.id === gate);
    return found ? inLanguage(found.name) || found.id : String(gate);
  },
};

// The roles that hold at this event.
export function roles(me) {
  return me.roles.filter(({ event }) => event === undefined || here.number === null || event === here.number).map(({ role }) => role);
}

export const has = (me, ...wanted) => roles(me).some((role) => wanted.includes(role));

export const staff = (me) => has(me, "staff", "admin");

export const atTheDoor = (me) => has(me, "supervisor", "staff", "admin");

// Whoever may see all events in a list.
const rulesAll = (me) => me.roles.some(({ role, event }) => event === undefined && (role === "staff" || role === "admin"));

// What all events share.
export const everywhere = (me) => me.roles.some(({ role, event }) => role === "admin" && event === undefined);

// In the order of the navigation. Each is the module of its name.
export const pages = [
  { name: "dashboard", may: staff },
  { name: "applications", may: staff },
  { name: "tickets", may: atTheDoor },
  { name: "send-tickets", may: staff },
  { name: "mails", may: staff },
  { name: "analytics", may: staff },
  { name: "devices", may: staff },
  { name: "events", may: staff },
  { name: "users", may: everywhere },
  { name: "exports", may: atTheDoor },
  { name: "audit", may: everywhere },
  { name: "account", may: () => true },
];

export const firstPage = (me) => pages.find(({ may }) => may(me)).name;

const link = (name, current) =>
  element("a", { href: `${base}/admin/${name}`, "aria-current": current === name ? "page" : null }, t(`${name}.title`));

function eventChoice() {
  if (here.events.length < 2) return element("p", { class: "event" }, here.name || "mogiri");
  const choice = element("select", { "aria-label": t("event"), on: { change: () => { location.href = `/e/${choice.value}/admin/`; } } },
    here.events.map((one) => element("option", { value: one.event, selected: one.number === here.number }, inLanguage(one.name))));
  return element("p", { class: "event" }, choice);
}

export function tongues() {
  return element("nav", { class: "tongues", "aria-label": t("language") }, [["ja", "日本語"], ["en", "English"]].map(([code, label]) =>
    code === language ? element("span", { "aria-current": "true", lang: code }, label)
      : button(label, () => choose(code), { lang: code })));
}

// Everything new but the notices; answers with the empty `main`.
export function drawFrame(me, current) {
  const main = element("main", { id: "main" });
  const menu = element("nav", { class: "menu", id: "menu", "aria-label": t("menu") },
    element("ul", {}, pages.filter(({ may }) => may(me)).map(({ name }) => element("li", {}, link(name, current)))),
    element("p", { class: "who" }, element("span", {}, me.name), button(t("logout"), async () => {
      await ask("POST", "logout", { session: "none" }).catch(() => {});
      location.href = `${base}/admin/`;
    }, { class: "quiet" })));
  const opener = button(t("menu"), () => {
    const open = menu.classList.toggle("open");
    opener.setAttribute("aria-expanded", String(open));
  }, { class: "opener", "aria-expanded": "false", "aria-controls": "menu" });
  for (const old of document.body.querySelectorAll(":scope > :not(.toasts, dialog)")) old.remove();
  document.body.prepend(
    element("a", { class: "skip", href: "#main" }, t("skip")),
    element("header", { class: "stub" }, element("div", { class: "stub-body" }, eventChoice()), opener, tongues()),
    element("div", { class: "frame" }, menu, main));
  return main;
}
