// The event's figures: in all, day beside day, hour by hour, split into groups; each a picture and a table.
import { read } from "./api.js";
import { chart } from "./chart.js";
import { element, field } from "./element.js";
import { here } from "./frame.js";
import { facts, section } from "./applications.js";
import { inLanguage, number, t } from "./words.js";

const splits = ["form", "class", "kind", "gate"];

export async function show(main, { signal }) {
  const dates = (here.definition?.day ?? []).map(({ date }) => date);
  const asked = new URLSearchParams(location.search);
  const pick = (name, options, none) => element("select", { name }, element("option", { value: "" }, none),
    options.map(([value, text]) => element("option", { value, selected: asked.get(name) === value }, text)));
  const controls = [pick("from", dates.map((date) => [date, date]), t("analytics.first")), pick("to", dates.map((date) => [date, date]), t("analytics.last")),
    pick("by", splits.map((split) => [split, t(`analytics.by.${split}`)]), t("analytics.whole"))];
  const told = element("p", { class: "error", role: "alert", hidden: true });
  const place = element("div", {});
  main.append(element("form", { class: "tools even", on: { submit: (event) => event.preventDefault() } },
    controls.map((control) => field(t(`analytics.${control.name}`), control))), told, place);

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
}

const minutes = (seconds) => (seconds === null || seconds === undefined ? "–" : t("analytics.minutes", { minutes: Math.round(seconds / 60) }));
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

function draw(figures, signal) {
  const { tickets, days } = figures, names = days.map(dayName), file = (name) => `${figures.event}-${name}`;
  const hours = span(days.flatMap((day) => day.hours.map(({ hour }) => clock(day, hour))));
  const hourly = (what) => chart(t(`analytics.${what}.hours`), { first: t("analytics.hour"), labels: hours, file: file(`${what}-by-hour`), signal,
    series: days.map((day, place) => ({ name: names[place], values: hours.map((hour) => day.hours.find((one) => clock(day, one.hour) === hour)?.[what] ?? 0) })) });
  const parts = [
    element("section", { class: "card" }, element("h2", {}, t("analytics.all")), element("dl", { class: "figures" },
      [["total", number(tickets.total)], ["used", number(tickets.used)], ["unused", number(tickets.unused)], ["used_on_all_days", number(tickets.used_on_all_days)],
        ["entries", number(figures.entries)], ["exits", number(figures.exits)], ["entries_per_day", number(figures.entries_per_day)],
        ["entries_per_ticket", number(figures.entries_per_ticket)], ["stay", minutes(figures.mean_stay_s)]]
        .map(([name, value]) => element("div", {}, element("dt", {}, t(`analytics.${name}`)), element("dd", {}, value))))),
    hours.length ? hourly("entries") : section(t("analytics.entries.hours"), element("p", { class: "soft" }, t("analytics.nothing"))),
    hours.length ? hourly("exits") : null,
    chart(t("analytics.days"), { first: t("analytics.day"), labels: names, file: file("days"), signal,
      series: ["entries", "exits", "used", "fully_used"].map((what) => ({ name: t(`analytics.${what}`), values: days.map((day) => day[what]) })) }),
    element("div", { class: "tiles" }, days.map((day, place) => section(names[place], facts([
      [t("analytics.busiest"), day.busiest_hour ? clock(day, day.busiest_hour) : "–"], [t("analytics.mean_exit"), /^\d/.test(day.mean_exit ?? "") ? day.mean_exit : "–"], [t("analytics.stay"), minutes(day.mean_stay_s)],
      [t("door.inside"), number(figures.live?.find((one) => one.day === day.day)?.inside ?? 0)]])))),
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
  const parts = [chart(t("analytics.groups", { by: first }), { first, labels, file: file(`by-${by}`), signal,
    series: ["entries", "exits"].map((what) => ({ name: t(`analytics.${what}`), values: groups.map((group) => group[what] ?? 0) })) })];
  if (groups.every(({ tickets }) => tickets)) {
    parts.push(chart(t("analytics.groups.tickets", { by: first }), { first, labels, file: file(`tickets-by-${by}`), signal,
      series: ["used", "unused", "used_on_all_days"].map((what) => ({ name: t(`analytics.${what}`), values: groups.map(({ tickets }) => tickets[what]) })) }));
  }
  return parts;
}
