// Scanners: who they are, where they stand and when they were last heard of; added with a QR symbol, moved, revoked.
import { ask, base, read } from "./api.js";
import { facts, section } from "./applications.js";
import { confirm, edit, fill } from "./dialog.js";
import { button, element } from "./element.js";
import { has, here } from "./frame.js";
import { list } from "./list.js";
import { toast } from "./toast.js";
import { ago, inLanguage, named, t, time } from "./words.js";

const profiles = ["scanner", "supervisor"];

function state(row) {
  const [word, look] = row.revoked_at ? ["revoked", " bad"] : row.claim_ends_at ? ["claiming", ""] : row.claimed ? ["ready", " good"] : ["keyless", ""];
  return element("span", { class: `badge${look}` }, t(`devices.${word}`));
}

const gates = (chosen) => element("select", { name: "gate" }, (here.definition?.gate ?? []).map((gate) =>
  element("option", { value: gate.id, selected: gate.number === chosen }, inLanguage(gate.name) || gate.id)));

const path = (id) => `${base}/admin/devices/${id}`;

function follow(main, href) {
  const link = element("a", { href, hidden: true });
  main.append(link);
  link.click();
}

export async function show(main, { me, id, signal }) {
  if (id) return look(main, me, id, signal);
  if (has(me, "admin")) {
    main.append(element("div", { class: "buttons" }, button(t("devices.add"), async () => {
      const name = element("input", { name: "name", maxlength: "100", required: true });
      const profile = element("select", { name: "profile" }, profiles.map((one) => element("option", { value: one }, named("role", one))));
      let made;
      const done = await fill({ title: t("devices.add"), text: t("devices.add.text"), action: t("devices.add.action"),
        controls: [{ label: t("devices.name"), control: name, hint: t("devices.name.hint") }, { label: t("devices.gate"), control: gates() },
          { label: t("devices.profile"), control: profile, hint: t("devices.profile.hint") }],
        act: async (body) => { made = (await ask("POST", "devices", { body })).value; } });
      if (done) follow(main, path(made.device));
    }, { class: "primary" })));
  }
  await list(main, {
    path: "devices", key: "device", signal,
    columns: [
      { label: t("devices.name"), cell: (row) => element("a", { href: path(row.device) }, row.name) },
      { label: t("devices.state"), cell: state },
      { label: t("devices.gate"), cell: (row) => here.gate(row.gate) },
      { label: t("devices.profile"), cell: (row) => named("role", row.profile) },
      { label: t("devices.seen"), cell: (row) => ago(row.last_seen_at) },
    ],
    filters: [
      { name: "gate", label: t("devices.gate"), options: (here.definition?.gate ?? []).map((gate) => [String(gate.number), inLanguage(gate.name) || gate.id]) },
      { name: "profile", label: t("devices.profile"), options: profiles.map((one) => [one, named("role", one)]) },
    ],
    sorts: [["device", t("devices.sort.first")], ["name", t("devices.sort.name")]],
  });
}

async function look(main, me, id, signal) {
  const row = await read(`devices/${id}`, {}, signal);
  const again = () => {
    main.replaceChildren(main.querySelector("h1"));
    return look(main, me, id, signal);
  };
  const waits = row.claim_ends_at && !row.revoked_at && has(me, "admin");
  const claim = waits ? await read(`devices/${id}/code`, {}, signal).catch(() => null) : null;
  const patch = (body, version) => ask("PATCH", `devices/${id}`, { body, ifMatch: `"${version}"` });
  const alter = button(t("devices.edit"), async () => {
    const name = element("input", { name: "name", value: row.name, maxlength: "100", required: true });
    let changed;
    const done = await edit({ title: t("devices.edit"), action: t("save"), seen: row, look: () => read(`devices/${id}`, {}, signal),
      controls: [{ label: t("devices.name"), control: name, of: (record) => record.name },
        { label: t("devices.gate"), control: gates(row.gate), of: (record) => here.gate(record.gate) }],
      save: async (body, version) => { changed = (await patch(body, version)).value; } });
    if (!done) return;
    const gate = here.definition?.gate.find(({ number }) => number === row.gate)?.id;
    toast(t("saved"), { undo: async () => {
      await patch({ name: row.name, gate }, changed.version);
      if (!signal.aborted) await again();
    } });
    await again();
  });
  const invite = button(t("devices.code"), async () => {
    const done = await confirm({ title: t("devices.code.title"), text: t("devices.code.text"), action: t("devices.code"), danger: false,
      act: () => ask("POST", `devices/${id}/code`) });
    if (done) await again();
  });
  const revoke = button(t("devices.revoke"), async () => {
    const done = await confirm({ title: t("devices.revoke.title"), text: t("devices.revoke.text", { name: row.name }), action: t("devices.revoke"),
      act: () => ask("DELETE", `devices/${id}`) });
    if (!done) return;
    toast(t("devices.revoke.done"));
    await again();
  });
  main.append(
    element("p", {}, element("a", { href: `${base}/admin/devices` }, t("devices.back"))),
    element("section", { class: "card" }, element("div", { class: "row" }, element("h2", {}, row.name), state(row)),
      facts([[t("devices.gate"), here.gate(row.gate)], [t("devices.profile"), named("role", row.profile)], [t("devices.seen"), ago(row.last_seen_at)],
        [t("devices.made"), time(row.created_at)], row.revoked_at ? [t("devices.revoked"), time(row.revoked_at)] : null]),
      has(me, "admin") && !row.revoked_at ? element("div", { class: "buttons" }, alter, invite, revoke) : null),
    claim ? section(t("devices.claim"), element("p", {}, t("devices.claim.text", { time: time(claim.expires_at) })),
      element("p", {}, element("img", { class: "qr", src: `${base}/api/v1/devices/${id}/code.svg?v=${row.version}`, alt: t("devices.claim.told") })),
      element("p", { class: "code" }, claim.code.replace(/(.{4})(?=.)/g, "$1-"))) : "");
}
