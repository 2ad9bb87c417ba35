// The words of the chosen language, and how it writes numbers and times.

const tongues = ["ja", "en"];
let words = {};
let plain = {};
export let language = "ja";

// What was chosen here before, else what the browser asks for.
function wanted() {
  try {
    const kept = localStorage.getItem("language");
    if (tongues.includes(kept)) return kept;
  } catch {
    // no storage: the browser's languages decide
  }
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tongues.includes(tag)) ?? "ja";
}

export async function loadWords() {
  language = wanted();
  words = await (await fetch(`/admin/files/words/${language}.json`)).json();
  plain = new Intl.NumberFormat(language);
  document.documentElement.lang = language;
}

export function choose(tongue) {
  try {
    localStorage.setItem("language", tongue);
  } catch {
    // it holds for as long as the browser's own languages say otherwise
  }
  location.reload();
}

// The text of `key`, its {places} filled in.
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? plain.format(value) : value;
  });
}

// The text of `family.name`, or the name itself where it has none: a state that is newer than these words.
export function named(family, name) {
  return words[`${family}.${name}`] ?? String(name);
}

export const knows = (key) => key in words;

// Of {"ja": …, "en": …} the one that is read here.
export function inLanguage(name) {
  if (typeof name !== "object" || name === null) return String(name ?? "");
  return name[language] ?? name.ja ?? Object.values(name)[0] ?? "";
}

export const number = (value) => plain.format(value);

export function time(iso) {
  if (!iso) return "–";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

// "3 minutes", of seconds.
export function lasting(seconds) {
  const [unit, length] = [["hour", 3600], ["minute", 60]].find(([, one]) => seconds >= 2 * one) ?? ["second", 1];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(Math.ceil(seconds / length));
}

// "3 minutes ago".
export function ago(iso) {
  if (!iso) return t("never");
  const seconds = Math.round((new Date(iso) - Date.now()) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, length] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  }
  return format.format(Math.min(0, seconds), "second");
}
