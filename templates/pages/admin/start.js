// Finds out who is there, and shows the page of the address; moves between pages without loading the frame again.
import { ask, base, onEndedSession, Problem } from "./api.js";
import { logInAgain } from "./dialog.js";
import { drawFrame, firstPage, here, pages } from "./frame.js";
import { showLogin } from "./login.js";
import { inLanguage, loadWords, t } from "./words.js";
import { element } from "./element.js";

let leaving = new AbortController();

// {page, id, part} of the address.
function place() {
  const [page, id, part] = location.pathname.slice(base.length + "/admin".length).split("/").slice(1).map(decodeURIComponent);
  return { page: page || null, id, part };
}

// Of another event, the same page.
const sameAt = ({ event }) => `/e/${event}${location.pathname.slice(base.length)}${location.search}`;

// Whose events are others is led there, or chooses.
function leadOn(me) {
  const events = here.elsewhere();
  if (events.length === 0) return false;
  if (events.length === 1) location.replace(sameAt(events[0]));
  else {
    document.title = t("elsewhere.title");
    drawFrame(me, null).append(element("h1", { tabindex: "-1" }, t("elsewhere.title")), element("p", { class: "lead" }, t("elsewhere.text")),
      element("ul", { class: "card lines" }, events.map((event) => element("li", {}, element("a", { href: sameAt(event) }, inLanguage(event.name))))));
  }
  return true;
}

function fault(main, failure) {
  if (failure.name === "AbortError") return;
  main.append(element("div", { class: "notice", role: "alert" },
    element("h2", {}, t("fault")), element("p", {}, failure instanceof Problem ? failure.message : String(failure)),
    element("p", {}, element("a", { href: location.href }, t("reload")))));
}

async function show(me) {
  leaving.abort();
  leaving = new AbortController();
  const { page = null, id, part } = place();
  const wanted = page ?? firstPage(me);
  const entry = pages.find(({ name }) => name === wanted);
  const main = drawFrame(me, wanted);
  const title = entry ? t(`${wanted}.title`) : t("no_page");
  document.title = `${title} – ${here.name || "mogiri"}`;
  main.append(element("h1", { tabindex: "-1" }, title));
  if (!entry) return main.append(element("p", { class: "card" }, t("no_page.text")));
  if (!entry.may(me)) return main.append(element("p", { class: "card" }, t("forbidden")));
  try {
    const { show: fill } = await import(`./${wanted}.js`);
    await fill(main, { me, id, part, signal: leaving.signal });
  } catch (failure) {
    fault(main, failure);
  }
}

async function main() {
  await loadWords();
  let me = await ask("GET", "me", { session: "none" }).catch((problem) => problem);
  if (me instanceof Problem && me.status === 401) me = { value: await showLogin() };
  if (me instanceof Error) return fault(document.body, me);
  onEndedSession(() => logInAgain(me.value.name));
  await here.find(me.value);
  if (leadOn(me.value)) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || link.target || !link.pathname.startsWith(`${base}/admin`) || link.hash) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    show(me.value).then(() => {
      scrollTo(0, 0);
      document.querySelector("h1")?.focus({ preventScroll: true });
    });
  });
  addEventListener("popstate", () => show(me.value));
  await show(me.value);
}

main();
