// People who log in: invited by mail, given roles at this event or at all, switched off and on again.
import { ask, base, read } from "./api.js";
import { facts, section } from "./applications.js";
import { confirm, fill } from "./dialog.js";
import { button, element } from "./element.js";
import { here } from "./frame.js";
import { list } from "./list.js";
import { toast } from "./toast.js";
import { ago, inLanguage, named, t, time } from "./words.js";

const roles = ["staff", "admin", "supervisor", "scanner", "teacher", "student"];

const where = ({ event }) => (event === undefined || event === null ? t("users.everywhere")
  : inLanguage(here.events.find(({ number }) => number === event)?.name ?? event));

const told = (grant) => `${named("role", grant.role)} (${where(grant)})`;

const state = (row) => element("span", { class: row.disabled ? "badge bad" : row.has_password ? "badge good" : "badge" },
  t(row.disabled ? "users.disabled" : row.has_password ? "users.active" : "users.invited"));

const roleChoice = () => element("select", { name: "role" }, roles.map((role) => element("option", { value: role }, named("role", role))));

const placeChoice = () => element("select", { name: "place" },
  here.number === null ? null : element("option", { value: "here" }, here.name), element("option", { value: "all" }, t("users.everywhere")));

const grant = ({ role, place }) => (place === "here" ? { role, event: here.number } : { role });

export async function show(main, { id, signal }) {
  if (id) return look(main, id, signal);
  main.append(element("div", { class: "buttons" }, button(t("users.add"), async () => {
    const name = element("input", { name: "name", maxlength: "100", required: true, autocomplete: "off" });
    const email = element("input", { name: "email", type: "email", maxlength: "254", required: true, autocomplete: "off" });
    const tongue = element("select", { name: "language" }, [["ja", "日本語"], ["en", "English"]].map(([code, label]) => element("option", { value: code }, label)));
    let made;
    const done = await fill({ title: t("users.add"), text: t("users.add.text"), action: t("users.add.action"),
      controls: [{ label: t("account.name"), control: name }, { label: t("account.email"), control: email }, { label: t("users.language"), control: tongue },
        { label: t("users.role"), control: roleChoice() }, { label: t("users.place"), control: placeChoice() }],
      act: async (typed) => {
        made = (await ask("POST", "users", { body: { name: typed.name, email: typed.email, language: typed.language, roles: [grant(typed)] } })).value;
      } });
    if (!done) return;
    toast(t("users.added"));
    const link = element("a", { href: `${base}/admin/users/${made.user}`, hidden: true });
    main.append(link);
    link.click();
  }, { class: "primary" })));
  await list(main, {
    path: "users", key: "user", signal,
    columns: [
      { label: t("account.name"), cell: (row) => element("a", { href: `${base}/admin/users/${row.user}` }, row.name) },
      { label: t("users.state"), cell: state },
      { label: t("account.roles"), cell: (row) => row.roles.map(told).join(t("comma")) || t("none") },
      { label: t("account.email"), cell: (row) => row.email },
      { label: t("users.login"), cell: (row) => ago(row.last_login_at) },
    ],
    filters: [{ name: "has_password", label: t("users.state"), options: [["true", t("users.active")], ["false", t("users.invited")]] },
      { name: "disabled", label: t("users.disabled"), options: [["true", t("users.disabled.only")], ["false", t("users.disabled.not")]] }],
    sorts: [["user", t("devices.sort.first")], ["name", t("devices.sort.name")]],
  });
}

async function look(main, id, signal) {
  const row = await read(`users/${id}`, {}, signal);
  const again = async () => {
    if (signal.aborted) return;
    main.replaceChildren(main.querySelector("h1"));
    await look(main, id, signal);
  };
  const patch = async (body, version) => (await ask("PATCH", `users/${id}`, { body, ifMatch: `"${version}"` })).value;
  // Does it, and offers to put back what was there.
  const change = async (body, back) => {
    const changed = await patch(body, row.version);
    toast(t("saved"), { undo: async () => {
      await patch(back, changed.version);
      await again();
    } });
    await again();
  };
  const kept = (less) => row.roles.filter((one) => one !== less).map(({ role, event }) => (event === undefined || event === null ? { role } : { role, event }));
  const all = kept(null);
  const add = button(t("users.grant"), async () => {
    await fill({ title: t("users.grant"), text: t("users.grant.text"), action: t("users.grant.action"),
      controls: [{ label: t("users.role"), control: roleChoice() }, { label: t("users.place"), control: placeChoice() }],
      act: (typed) => change({ roles: [...all, grant(typed)] }, { roles: all }) });
  });
  const take = (one) => button(t("users.take"), async () => {
    await confirm({ title: t("users.take.title"), text: t("users.take.text", { role: told(one), name: row.name }), action: t("users.take"),
      act: () => change({ roles: kept(one) }, { roles: all }) });
  }, { "aria-label": `${t("users.take")}: ${told(one)}` });
  const power = button(t(row.disabled ? "users.enable" : "users.disable"), async () => {
    await confirm({ title: t(row.disabled ? "users.enable.title" : "users.disable.title"), text: t(row.disabled ? "users.enable.text" : "users.disable.text", { name: row.name }),
      action: t(row.disabled ? "users.enable" : "users.disable"), danger: !row.disabled,
      act: () => change({ disabled: !row.disabled }, { disabled: row.disabled }) });
  });
  const invite = button(t("users.invite"), async () => {
    const done = await confirm({ title: t("users.invite.title"), text: t("users.invite.text", { email: row.email }), action: t("users.invite"), danger: false,
      act: () => ask("POST", `users/${id}/invite`) });
    if (done) toast(t("users.invite.done"));
  });
  const withdraw = button(t("users.withdraw"), async () => {
    const done = await confirm({ title: t("users.withdraw.title"), text: t("users.withdraw.text", { email: row.email }), action: t("users.withdraw"),
      act: () => ask("DELETE", `users/${id}/invite`) });
    if (!done) return;
    toast(t("users.withdraw.done"));
    await again();
  });
  const { items: sessions } = await read(`users/${id}/sessions`, {}, signal);
  const end = (one) => button(t("session.end"), async () => {
    const done = await confirm({ title: t("session.end.title"), text: t("session.end.text", { origin: one.origin }), action: t("session.end"),
      act: () => ask("DELETE", `users/${id}/sessions/${encodeURIComponent(one.session)}`) });
    if (!done) return;
    toast(t("session.gone"));
    await again();
  }, { "aria-label": `${t("session.end")}: ${one.origin}, ${time(one.started_at)}` });
  const endAll = button(t("users.end_all"), async () => {
    const done = await confirm({ title: t("users.end_all.title"), text: t("users.end_all.text", { name: row.name, count: sessions.length }), action: t("users.end_all"),
      act: () => ask("DELETE", `users/${id}/sessions`) });
    if (!done) return;
    toast(t("users.end_all.done"));
    await again();
  });
  const isOwn = sessions.some(({ current }) => current);
  main.append(
    element("p", {}, element("a", { href: `${base}/admin/users` }, t("users.back"))),
    element("section", { class: "card" }, element("div", { class: "row" }, element("h2", {}, row.name), state(row)),
      facts([[t("account.email"), row.email], [t("users.login"), ago(row.last_login_at)], [t("users.made"), time(row.created_at)],
        row.links.length ? [t("users.links"), t("users.links.until", { time: time(row.links.at(-1).expires_at) })] : null]),
      element("div", { class: "buttons" }, row.disabled ? null : invite, row.links.length ? withdraw : null, power)),
    section(t("account.roles"), row.roles.length ? element("ul", { class: "lines" }, row.roles.map((one) => element("li", {},
      element("p", {}, told(one)), take(one)))) : element("p", { class: "soft" }, t("none")), element("div", { class: "buttons" }, add)),
    section(t("users.sessions"), sessions.length ? element("ul", { class: "lines" }, sessions.map((one) => element("li", {},
      element("p", {}, element("strong", {}, t("session.since", { time: time(one.started_at) })), " ", element("span", { class: "soft" }, t("session.from", { origin: one.origin }))),
      one.current ? element("span", { class: "badge good" }, t("session.this")) : end(one)))) : element("p", { class: "soft" }, t("none")),
    sessions.length > 1 && !isOwn ? element("div", { class: "buttons" }, endAll) : null));
}
