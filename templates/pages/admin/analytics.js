// The event's figures: in all, day beside day, hour by hour, split into groups; each a picture and a table.
import { read } from "./api.js";
import { chart } from "./chart.js";
import { element, field } from "./element.js";
import { here } from "./frame.js";
import { facts, section } from "./applications.js";
import { inLanguage, number, t } from "./words.js";

const splits = ["form", "class", "kind", "gate"];

const ofTickets = ["total", "used", "unused", "used_on_all_days"];

const named = (list) => (list ?? []).map((one) => [one.id, inLanguage(one.name) || one.id]);

export async function show(main, { signal }) {
  const dates = (here.definition?.day ?? []).map(({ date }) => [date, date]);
  const asked = new URLSearchParams(location.search);
  const pick = (name, options, none) => element("select", { name }, element("option", { value: "" }, none), choices(options, asked.get(name)));
  const classes = pick("class", asked.has("class") ? [[asked.get("class"), asked.get("class")]] : [], t("list.all"));
  const controls = [pick("from", dates, t("analytics.first")), pick("to", dates, t("analytics.last")),
    pick("by", splits.map((split) => [split, t(`analytics.by.${split}`)]), t("analytics.whole")),
    pick("form", named(here.definition?.form), t("list.all")), classes, pick("kind", named(here.definition?.kind), t("list.all")),
    pick("gate", named(here.definition?.gate), t("list.all"))];
  const label = ({ name }) => t(splits.includes(name) ? `analytics.by.${name}` : `analytics.${name}`);
  const told = element("p", { class: "error", role: "alert", hidden: true });
  const place = element("div", {});
  main.append(element("form", { class: "tools even", on: { submit: (event) => event.preventDefault() } },
    controls.map((control) => field(label(control), control))), told, place);

  let current = new AbortController();
  const look = async () => {
    current.abort();
    const mine = current = new AbortController();
    const wish = Object.fromEntries(controls.map(({ name, value }) => [name, value]).filter(([, value]) => value));
    const address = new URLSearchParams(wish);
    history.replaceState(null, "", address.size ? `?${address}` : location.pathname);
    told.hidden = true;
    try {
      const figures = await read("analytics", wish, mine.signal);
      place.replaceChildren(...draw(figures, mine.signal));
    } catch (failure) {
      if (failure.name === "AbortError") return;
      told.textContent = failure.message;
      told.hidden = false;
    }
  };
  signal.addEventListener("abort", () => current.abort());
  for (const control of controls) control.addEventListener("change", look);
  await look();
  const { groups } = await read("analytics", { by: "class" }, signal); // which classes there are
  classes.append(...choices(groups.map((group) => group.class).filter((id) => id && id !== classes.value).map((id) => [id, id])));
}

const choices = (options, chosen) => options.map(([value, text]) => element("option", { value, selected: chosen === value }, text));

const inMinutes = ({ mean_stay_s: seconds }) => (typeof seconds === "number" ? Math.round(seconds / 60) : null);
const stay = (figures) => (inMinutes(figures) === null ? "–" : t("analytics.minutes", { minutes: inMinutes(figures) }));
const dayName = ({ day, date }) => {
  const found = here.definition?.day.find((one) => one.number === day);
  return found?.name ? inLanguage(found.name) : date;
};

// "2027-06-13T00:00" of the day before is 24:00, so that days stand beside one another.
const clock = ({ date }, hour) => (hour.slice(0, 10) > date ? `${Number(hour.slice(11, 13)) + 24}${hour.slice(13)}` : hour.slice(11));

// Every hour from the first to the last: one in which nobody moved is seen as such.
function span(hours) {
  const starts = hours.map((hour) => Number(hour.slice(0, -3)) * 60 + Number(hour.slice(-2))).sort((a, b) => a - b);
  const all = [];
  for (let at = starts[0]; at <= starts.at(-1); at += 60) all.push(at);
  const two = (value) => String(value).padStart(2, "0");
  return all.map((at) => `${two(Math.floor(at / 60))}:${two(at % 60)}`);
}

// What all rows of an hour add up to: a day that was tried out before has the same hour on several dates.
function inHour(day, hour, what) {
  return day.hours.filter((one) => clock(day, one.hour) === hour).reduce((sum, one) => sum + (one[what] ?? 0), 0);
}

function draw(figures, signal) {
  const { tickets, days } = figures, names = days.map(dayName), file = (name) => `${figures.event}-${name}`;
  const hours = span(days.flatMap((day) => day.hours.map(({ hour }) => clock(day, hour))));
  const hourly = (what) => chart(t(`analytics.${what}.hours`), { first: t("analytics.hour"), labels: hours, file: file(`${what}-by-hour`), signal,
    series: days.map((day, place) => ({ name: names[place], values: hours.map((hour) => inHour(day, hour, what)),
      percent: hours.map((hour) => inHour(day, hour, `${what}_percent`)) })) });
  const byDay = (title, name, series) => chart(title, { first: t("analytics.day"), labels: names, file: file(name), signal,
    series: series.map(([what, value]) => ({ name: t(what), values: days.map(value) })) });
  const live = (what) => (day) => figures.live?.find((one) => one.day === day.day)?.[what] ?? 0;
  const parts = [
    element("section", { class: "card" }, element("h2", {}, t("analytics.all")), element("dl", { class: "figures" },
      [...(tickets ? ofTickets.map((what) => [what, number(tickets[what])]) : []),
        ...["entries", "exits", "entries_per_day", "entries_per_ticket"].filter((what) => typeof figures[what] === "number").map((what) => [what, number(figures[what])]),
        ["stay", stay(figures)]]
        .map(([name, value]) => element("div", {}, element("dt", {}, t(`analytics.${name}`)), element("dd", {}, value))))),
    hours.length ? hourly("entries") : section(t("analytics.entries.hours"), element("p", { class: "soft" }, t("analytics.nothing"))),
    hours.length ? hourly("exits") : null,
    byDay(t("analytics.days"), "days", ["entries", "exits", ...(tickets ? ["used", "fully_used"] : [])].map((what) => [`analytics.${what}`, (day) => day[what]])),
    byDay(t("analytics.stay"), "stay-by-day", [["analytics.stay.minutes", inMinutes]]),
    tickets ? chart(t("analytics.tickets"), { first: t("analytics.tickets"), labels: ofTickets.map((what) => t(`analytics.${what}`)),
      file: file("tickets"), signal, series: [{ name: t("analytics.tickets"), values: ofTickets.map((what) => tickets[what]) }] }) : null,
    byDay(t("analytics.live"), "at-the-door", [["door.inside", live("inside")], ["door.entered", live("entered")], ["door.exited", live("left")]]),
    element("div", { class: "tiles" }, days.map((day, place) => section(names[place], facts([
      [t("analytics.busiest"), day.busiest_hour ? clock(day, day.busiest_hour) : "–"], [t("analytics.mean_exit"), day.mean_exit ?? "–"],
      [t("analytics.stay"), stay(day)]])))),
  ];
  if (figures.groups?.length) parts.push(...drawGroups(figures, file, signal));
  return parts.filter(Boolean);
}

function groupName(by, id) {
  const found = by === "gate" ? null : here.definition?.[by]?.find?.((one) => one.id === id);
  return by === "gate" ? here.gate(id) : inLanguage(found?.name ?? id) || t("none");
}

// Of gates only entries and exits are told: no ticket belongs to one.
function drawGroups({ by, groups }, file, signal) {
  const labels = groups.map((group) => groupName(by, group[by])), first = t(`analytics.by.${by}`);
  const grouped = (title, name, series) => chart(t(title, { by: first }), { first, labels, file: file(`${name}by-${by}`), signal,
    series: series.map(([what, value]) => ({ name: t(`analytics.${what}`), values: groups.map(value) })) });
  const parts = [grouped("analytics.groups", "", ["entries", "exits"].map((what) => [what, (group) => group[what] ?? 0])),
    grouped("analytics.groups.stay", "stay-", [["stay.minutes", inMinutes]])];
  if (groups.every(({ tickets }) => tickets)) {
    parts.push(grouped("analytics.groups.tickets", "tickets-", ofTickets.map((what) => [what, ({ tickets }) => tickets[what]])));
  }
  return parts;
}
