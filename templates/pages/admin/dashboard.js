// What stands where: what a person must look at, who is inside, the queues; the door's figures arrive as they change.
import { base, read } from "./api.js";
import { picture } from "./chart.js";
import { element } from "./element.js";
import { here, pages } from "./frame.js";
import { ago, knows, named, number, t } from "./words.js";

const often = 15_000; // milliseconds between two looks at the ledger
const quiet = 10 * 60_000, late = 600; // a gate's silence in milliseconds, a due mail's in seconds

// A link where there is such a page, else the text alone.
function way(page, query, text) {
  if (!pages.some(({ name }) => name === page)) return element("span", {}, text);
  return element("a", { href: `${base}/admin/${page}${query}` }, text);
}

export async function show(main, { signal }) {
  const alerts = element("section", { class: "alerts", "aria-label": t("alerts"), "aria-live": "polite" });
  const door = element("section", { class: "card door", "aria-label": t("door") });
  const counts = element("div", { class: "tiles" });
  main.append(alerts, door, counts);

  const seen = { overview: null, figures: null, live: false };
  const draw = () => {
    alerts.replaceChildren(...drawAlerts(seen));
    door.replaceChildren(...drawDoor(seen, signal).filter(Boolean));
  };
  const look = async () => {
    seen.overview = await read("overview", {}, signal);
    counts.replaceChildren(
      tile("applications", "state", seen.overview.applications, ["issued", "awaiting_approval", "waiting", "unconfirmed", "refused", "cancelled"]),
      tile("tickets", "status", seen.overview.tickets, ["valid", "revoked"]),
      tile("mails", "state", seen.overview.mails, ["sent", "pending", "sending", "retry", "unknown", "failed", "suppressed"]));
    draw();
  };
  seen.figures = await read("door/stats", {}, signal).catch((failure) => {
    if (failure.name === "AbortError") throw failure;
    return null;
  });
  await look();

  const stream = new EventSource(`${base}/api/v1/door/stream`);
  stream.addEventListener("message", ({ data }) => {
    Object.assign(seen, { figures: JSON.parse(data), live: true });
    draw();
  });
  for (const event of ["degraded", "error"]) {
    stream.addEventListener(event, () => {
      seen.live = false;
      draw();
    });
  }
  const timer = setInterval(() => look().catch(() => {
    seen.live = false;
    draw();
  }), often);
  signal.addEventListener("abort", () => {
    stream.close();
    clearInterval(timer);
  });
}

function tile(page, filter, byState, order) {
  const states = [...order, ...Object.keys(byState).filter((state) => !order.includes(state))];
  const total = Object.values(byState).reduce((sum, one) => sum + one, 0);
  return element("section", { class: "card tile" },
    element("h2", {}, way(page, "", t(`${page}.title`))),
    element("p", { class: "figure" }, number(total)),
    element("ul", {}, states.filter((state) => byState[state]).map((state) => element("li", {},
      way(page, `?${filter}=${state}`, named(page, state)), element("span", {}, number(byState[state]))))));
}

// The gates that nobody heard of for a while, though there is scanning elsewhere.
function quietGates({ overview, figures }) {
  const lately = (figures?.scans_per_minute ?? []).slice(0, 5).reduce((sum, one) => sum + one, 0);
  if (lately === 0) return [];
  return overview.gates.filter(({ last_seen_at: seen }) => seen && Date.now() - new Date(seen) > quiet);
}

// Where somebody can do something about it; nothing where that is a matter of the machine: the remedy names the command.
function solvedAt(kind, subject) {
  if (kind === "scan_conflict") return way("exports", "", t("alert.scan_conflict.way"));
  if (kind !== "mail") return null;
  const one = /^mail (\d+)$/.exec(subject);
  return one ? way("mails", `/${one[1]}`, t("alert.mail.one")) : way("mails", "?state=retry", t("alert.mail.way"));
}

function drawAlerts(seen) {
  const { overview } = seen;
  const found = [
    ...overview.alerts.map(({ kind, subject, text, raised_at: at }) => ({ title: named("alert", kind), text, at, link: solvedAt(kind, subject),
      remedy: knows(`alert.${kind}.remedy`) ? t(`alert.${kind}.remedy`) : null })),
    ...quietGates(seen).map((gate) => ({ title: t("alert.quiet", { gate: here.gate(gate.gate) }), text: t("alert.quiet.text"),
      at: gate.last_seen_at, link: way("devices", `?gate=${gate.gate}`, t("alert.quiet.way")) })),
  ];
  if (overview.oldest_mail_s > late) {
    found.push({ title: t("alert.late"), text: t("alert.late.text", { minutes: Math.floor(overview.oldest_mail_s / 60) }),
      link: way("mails", "?state=pending", t("alert.mail.way")) });
  }
  if (overview.mails.failed) {
    found.push({ title: t("alert.failed", { count: overview.mails.failed }), text: t("alert.failed.text"),
      link: way("mails", "?state=failed", t("alert.mail.way")) });
  }
  if (found.length === 0) return [element("p", { class: "well" }, t("alerts.none"))];
  return [element("h2", {}, t("alerts")), element("ul", {}, found.map(({ title, text, remedy, at, link }) =>
    element("li", { class: "notice" }, element("h3", {}, title), element("p", {}, text), remedy ? element("p", {}, remedy) : null,
      element("p", { class: "soft" }, at ? ago(at) : null, at && link ? " · " : null, link))))];
}

function drawDoor(seen, signal) {
  const { figures, live, overview } = seen;
  const head = element("div", { class: "row" }, element("h2", {}, t("door")),
    element("span", { class: live ? "badge good" : "badge" }, live ? t("live") : t("not_live")));
  if (!figures) return [head, element("p", {}, t("door.closed"))];
  const minutes = figures.scans_per_minute;
  return [head,
    element("dl", { class: "figures" },
      [["inside", figures.inside], ["entered", figures.entered], ["exited", figures.exited], ["per_minute", minutes[1] ?? 0]]
        .map(([name, value]) => element("div", {}, element("dt", {}, t(`door.${name}`)), element("dd", {}, number(value))))),
    bars(seen, signal),
    element("table", {}, element("caption", { class: "unseen" }, t("door.gates")),
      element("thead", {}, element("tr", {}, ["gate", "entered", "exited", "last"].map((name) =>
        element("th", { scope: "col" }, t(`door.${name}`))))),
      element("tbody", {}, figures.gates.map(({ gate, entered, exited }) => {
        const known = here.definition?.gate.find(({ id }) => id === gate);
        const seen = overview?.gates.find((one) => one.gate === known?.number)?.last_seen_at;
        return element("tr", {}, element("th", { scope: "row" }, here.gate(gate)),
          element("td", {}, number(entered)), element("td", {}, number(exited)), element("td", {}, ago(seen)));
      }))),
    reasons(figures.refused)];
}

// The last ten minutes, the present one on the right; drawn once, and then what changed.
function minutesOf(figures) {
  const count = 10;
  return [...Array(count).keys()].map((place) => figures.scans_per_minute[count - 1 - place] ?? 0);
}

function bars(seen, signal) {
  const values = minutesOf(seen.figures);
  const labels = values.map((_, place) => (place === values.length - 1 ? t("door.now") : number(place + 1 - values.length)));
  if (!values.some((value) => value > 0)) return element("p", { class: "soft still" }, t("door.still"));
  const series = [{ name: t("door.per_minute"), values }], told = t("door.minutes.told", { list: values.map(number).join(t("comma")) });
  if (seen.minutes) seen.minutes.set(labels, series, told);
  else seen.minutes = picture(labels, series, { told, signal, high: 120 });
  return element("figure", { class: "minutes" }, seen.minutes.node, element("figcaption", { class: "soft" }, t("door.minutes")));
}

function reasons(refused) {
  const found = Object.entries(refused).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  if (found.length === 0) return null;
  return element("p", { class: "soft" }, t("door.refused"), ": ",
    found.map(([reason, count]) => `${named("reason", reason)} ${number(count)}`).join(t("comma")));
}
