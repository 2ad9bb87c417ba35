// Short notices that go by themselves; what can be undone offers it.
import { button, element } from "./element.js";
import { t } from "./words.js";

const seconds = 8;
const place = element("div", { class: "toasts", role: "status" });

// `undo` carries the opposite out; its own faults are told the same way.
export function toast(text, { undo, bad = false } = {}) {
  if (!place.isConnected) document.body.append(place);
  const notice = element("div", { class: bad ? "toast bad" : "toast" }, element("p", {}, text));
  let timer;
  const go = () => notice.remove();
  const wait = () => { timer = setTimeout(go, seconds * 1000 * (bad ? 2 : 1)); };
  if (undo) {
    notice.append(button(t("undo"), async () => {
      go();
      try {
        await undo();
        toast(t("undone"));
      } catch (problem) {
        toast(problem.message, { bad: true });
      }
    }));
  }
  notice.append(button("×", go, { class: "close", "aria-label": t("close") }));
  for (const held of ["mouseenter", "focusin"]) notice.addEventListener(held, () => clearTimeout(timer));
  for (const left of ["mouseleave", "focusout"]) notice.addEventListener(left, wait);
  place.append(notice);
  wait();
}
