// What applicants and guests would get of a draft: the server draws its pages and a ticket; nothing of it is public.
import { base, Problem } from "./api.js";
import { element, field } from "./element.js";
import { inLanguage, language, t } from "./words.js";

// A page that somebody else's words are in runs nothing and leads nowhere: no scripts, no forms, no origin of its own.
function still(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const script of page.querySelectorAll("script")) script.remove();
  page.body.setAttribute("inert", "");
  return `<!DOCTYPE html>${page.documentElement.outerHTML}`;
}

async function drawn(slug, what, query, definition, signal, left = 3) {
  const answer = await fetch(`${base}/api/v1/events/${slug}/${what}?${new URLSearchParams(query)}`, { method: "POST", signal,
    headers: { "Content-Type": "application/json", Accept: "*/*" }, body: JSON.stringify(definition) });
  if ([503, 504].includes(answer.status) && left > 0) return drawn(slug, what, query, definition, signal, left - 1); // it may be drawn by now
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Problem(answer.status, told.code ?? `http_${answer.status}`, told);
  }
  return answer;
}

// {panel, show(definition)}. The latest question wins.
export function preview(slug, signal) {
  const what = element("select", {}), tongue = element("select", {}, [["ja", "日本語"], ["en", "English"]].map(([code, text]) =>
    element("option", { value: code, selected: code === language }, text)));
  const told = element("p", { class: "soft", role: "status" });
  const frame = element("iframe", { sandbox: "", title: t("preview.page"), class: "page", tabindex: "-1" });
  const picture = element("canvas", { class: "ticket", role: "img", "aria-label": t("preview.ticket"), hidden: true });
  let current = new AbortController(), latest = null;
  signal.addEventListener("abort", () => current.abort());

  function offer(definition) {
    const before = what.value;
    const wishes = [["", t("preview.forms")], ...definition.form.map((form) => [`form ${form.id}`, inLanguage(form.name)]),
      ...definition.kind.map((kind) => [`kind ${kind.id}`, t("preview.kind", { name: inLanguage(kind.name) })])];
    what.replaceChildren(...wishes.map(([value, text]) => element("option", { value, selected: value === before }, text)));
  }

  async function show(definition) {
    latest = definition;
    current.abort();
    const mine = current = new AbortController();
    try {
      offer(definition);
      const [kind, id] = what.value.split(" ");
      const asked = { lang: tongue.value, ...(kind ? { [kind]: id } : {}) };
      if (kind === "kind") {
        const image = await createImageBitmap(await (await drawn(slug, "sample", asked, definition, mine.signal)).blob());
        if (mine.signal.aborted) return;
        picture.width = image.width;
        picture.height = image.height;
        picture.getContext("2d").drawImage(image, 0, 0);
      } else {
        const { page } = await (await drawn(slug, "page", asked, definition, mine.signal)).json();
        if (mine.signal.aborted) return;
        frame.srcdoc = still(page);
      }
      picture.hidden = kind !== "kind";
      frame.hidden = kind === "kind";
      told.textContent = "";
    } catch (failure) {
      if (failure.name === "AbortError") return;
      told.textContent = t("preview.fault", { why: failure.errors?.[0]?.message ?? failure.message });
    }
  }

  for (const control of [what, tongue]) control.addEventListener("change", () => latest && show(latest));
  const panel = element("section", { class: "card preview", "aria-label": t("preview.title") }, element("h2", {}, t("preview.title")),
    element("p", { class: "soft" }, t("preview.text")), element("div", { class: "halved" }, field(t("preview.what"), what), field(t("preview.language"), tongue)), told, frame, picture);
  return { panel, show };
}
