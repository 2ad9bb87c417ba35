// All tickets by mail: chosen, counted, sent at a rate; the sending goes on without this page, which shows how far it is.
import { ask, base, Problem, read } from "./api.js";
import { badge, facts } from "./applications.js";
import { confirm, fill } from "./dialog.js";
import { button, element, field } from "./element.js";
import { has, here } from "./frame.js";
import { list } from "./list.js";
import { toast } from "./toast.js";
import { inLanguage, lasting, named, number, t, time } from "./words.js";

const usualRate = 600, highestRate = 60_000; // mails a minute
const often = 1000; // milliseconds between two looks at what is under way

const isOpen = ({ state }) => state === "running" || state === "paused";

const nameIn = (things, id) => inLanguage(things?.find((one) => one.id === id)?.name ?? id);

// What was chosen, as words.
function choice(row) {
  return [row.form && nameIn(here.definition?.form, row.form), row.kind && nameIn(here.definition?.kind, row.kind),
    row.mail_state && t(`sending.state.${row.mail_state}`), row.again && t("sending.again.short")].filter(Boolean).join(t("comma")) || t("sending.everybody");
}

const address = (row) => `${base}/admin/send-tickets/${row.mailing}`;

export async function show(main, { me, id, signal }) {
  const mayChange = has(me, "admin");
  if (id) {
    main.append(element("p", {}, element("a", { href: `${base}/admin/send-tickets` }, t("sending.back"))));
    const row = await read(`mailings/${id}`, {}, signal);
    return main.append(watch(row, { mayChange, signal }));
  }
  const present = element("div", {});
  const order = element("div", {});
  const past = element("section", { class: "apart" });
  main.append(element("p", { class: "lead" }, t("sending.hint")), present, order, past);
  const drawPast = async () => {
    past.replaceChildren(element("h2", {}, t("sending.past")));
    await list(past, {
      path: "mailings", key: "mailing", signal, searchable: false,
      columns: [
        { label: t("sending.began"), cell: (row) => element("a", { href: address(row) }, time(row.created_at)) },
        { label: t("sending.state"), cell: (row) => badge("mailing", row.state, ["done"], ["cancelled"]) },
        { label: t("sending.chosen"), cell: choice },
        { label: t("sending.done"), cell: (row) => `${number(row.done)} / ${number(row.total)}` },
        { label: t("sending.failed"), cell: (row) => number(row.failed) },
      ],
    });
  };
  const begin = async () => {
    const { items: [latest] } = await read("mailings", { limit: 1 }, signal);
    const open = latest && isOpen(latest) ? latest : null;
    present.replaceChildren(open ? watch(open, { mayChange, signal, ended: () => begin().catch(() => {}) }) : "");
    order.replaceChildren(!mayChange ? "" : open ? element("p", { class: "soft" }, t("sending.one")) : orderForm({ signal, ordered: begin }));
    await drawPast();
  };
  await begin();
}

function orderForm({ signal, ordered }) {
  const every = (name, options) => element("select", { name }, element("option", { value: "" }, t("list.all")),
    options.map(([value, text]) => element("option", { value }, text)));
  const form = every("form", (here.definition?.form ?? []).map((one) => [one.id, inLanguage(one.name)]));
  const kind = every("kind", (here.definition?.kind ?? []).map((one) => [one.id, inLanguage(one.name)]));
  const state = every("mail_state", ["none", "sent", "failed", "suppressed"].map((one) => [one, t(`sending.state.${one}`)]));
  const rate = element("input", { name: "rate", type: "number", min: "1", max: String(highestRate), value: String(usualRate), inputmode: "numeric", required: true });
  const again = element("input", { name: "again", type: "checkbox" });
  const told = element("p", { role: "status", class: "counted" });
  const send = element("button", { type: "submit", class: "primary", disabled: true }, t("sending.action"));

  let count = null, counting = new AbortController();
  signal.addEventListener("abort", () => counting.abort());
  const wish = () => ({ ...Object.fromEntries([form, kind, state].filter(({ value }) => value).map(({ name, value }) => [name, value])), again: again.checked });
  const counted = async () => {
    counting.abort();
    const mine = counting = new AbortController();
    send.disabled = true;
    count = null;
    try {
      count = (await ask("POST", "mailings", { body: { ...wish(), dry_run: true }, signal: mine.signal })).value.mails;
      told.textContent = count > 0 ? t("sending.count", { count }) : t(again.checked ? "sending.nobody" : "sending.nobody.again");
      send.textContent = count > 0 ? t("sending.action.count", { count }) : t("sending.action");
      send.disabled = count === 0;
    } catch (problem) {
      if (problem.name !== "AbortError") told.textContent = problem.message;
    }
  };
  for (const control of [form, kind, state, again]) control.addEventListener("change", counted);
  counted();

  return element("form", { class: "card", novalidate: true, on: { submit: async (event) => {
    event.preventDefault();
    if (!rate.reportValidity() || count === null) return;
    const perMinute = Number(rate.value);
    const done = await confirm({ title: t("sending.sure", { count }), action: t("sending.action.count", { count }), danger: false,
      text: t(again.checked ? "sending.sure.again" : "sending.sure.text", { count, rate: perMinute, time: lasting(count * 60 / perMinute) }),
      act: () => ask("POST", "mailings", { body: { ...wish(), rate: perMinute } }) });
    if (!done) return;
    toast(t("sending.begun"));
    await ordered();
  } } }, element("h2", {}, t("sending.new")),
  element("div", { class: "fields even" }, field(t("sending.form"), form), field(t("sending.kind"), kind), field(t("sending.last"), state)),
  element("label", { class: "tick" }, again, element("span", {}, t("sending.again"))),
  element("div", { class: "fields even" }, field(t("sending.rate"), rate, t("sending.rate.hint"))),
  told, element("div", { class: "actions" }, send));
}

// One sending, looked at again and again until its end. `ended` is called when it comes to it while it is watched.
function watch(first, { mayChange, signal, ended = () => {} }) {
  let row = first, timer;
  const label = t("sending.title");
  const state = element("span", {});
  const bar = element("progress", { "aria-label": label });
  const figures = element("dl", { class: "figures" });
  const said = element("p", { class: "soft" });
  const fault = element("p", { class: "error", role: "alert", hidden: true });

  const patch = async (body) => {
    row = (await ask("PATCH", `mailings/${row.mailing}`, { body })).value;
    draw();
    plan();
    if (!isOpen(row)) ended();
  };
  const quick = (body, done, undo) => async () => {
    try {
      await patch(body);
      toast(done, { undo });
    } catch (problem) {
      toast(problem.message, { bad: true });
      look();
    }
  };
  const pause = button(t("sending.pause"), quick({ state: "paused" }, t("sending.paused"), () => patch({ state: "running" })));
  const resume = button(t("sending.resume"), quick({ state: "running" }, t("sending.resumed")), { class: "primary" });
  const rate = button(t("sending.rate.change"), async () => {
    const control = element("input", { name: "rate", type: "number", min: "1", max: String(highestRate), value: String(row.rate), inputmode: "numeric", required: true });
    const done = await fill({ title: t("sending.rate.change"), action: t("save"), controls: [{ label: t("sending.rate"), control, hint: t("sending.rate.hint") }],
      act: async ({ rate: wanted }) => {
        if (!control.reportValidity()) throw new Problem(0, "rate");
        await patch({ rate: Number(wanted) });
      } });
    if (done) toast(t("saved"));
  });
  const cancel = button(t("sending.cancel"), async () => {
    const done = await confirm({ title: t("sending.cancel.title"), text: t("sending.cancel.text", { done: row.done, left: row.left }), action: t("sending.cancel"),
      act: () => patch({ state: "cancelled" }) });
    if (done) toast(t("sending.cancelled"));
  });
  const buttons = element("div", { class: "buttons" }, pause, resume, rate, cancel);

  function draw() {
    state.replaceChildren(badge("mailing", row.state, ["done"], ["cancelled"]));
    bar.max = Math.max(1, row.total);
    bar.value = row.total - row.left;
    figures.replaceChildren(...[["done", row.done], ["failed", row.failed], ["left", row.left], ["skipped", row.skipped]]
      .filter(([name, value]) => name !== "skipped" || value > 0)
      .map(([name, value]) => element("div", {}, element("dt", {}, t(`sending.${name}`)), element("dd", {}, number(value)))));
    said.textContent = row.state === "running" ? t("sending.speed", { speed: row.per_minute ?? 0, rate: row.rate, time: lasting(row.seconds_left ?? 0) })
      : row.state === "paused" ? t("sending.paused.text", { rate: row.rate }) : t("sending.ended", { time: time(row.ended_at) });
    pause.hidden = row.state !== "running";
    resume.hidden = row.state !== "paused";
    buttons.hidden = !mayChange || !isOpen(row);
  }
  async function look() {
    try {
      row = await read(`mailings/${row.mailing}`, {}, signal);
      fault.hidden = true;
      draw();
      if (!isOpen(row)) return ended();
    } catch (problem) {
      if (problem.name === "AbortError") return;
      fault.textContent = problem.message;
      fault.hidden = false;
    }
    plan();
  }
  function plan() {
    clearTimeout(timer);
    if (isOpen(row) && !signal.aborted) timer = setTimeout(look, often);
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  draw();
  plan();
  return element("section", { class: "card" }, element("div", { class: "row" }, element("h2", {}, t("sending.of", { number: String(row.mailing) })), state),
    bar, figures, said, fault, buttons,
    facts([[t("sending.chosen"), choice(row)], [t("sending.began"), time(row.created_at)], row.ordered_by ? [t("sending.by"), row.ordered_by] : null,
      row.failed > 0 ? [t("sending.failed"), element("a", { href: `${base}/admin/mails?state=failed&mailing=${row.mailing}` }, t("alert.mail.way"))] : null]));
}
