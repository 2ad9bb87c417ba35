// What staff may take away as files.
import { base, read } from "./api.js";
import { button, element } from "./element.js";
import { atTheDoor, everywhere, staff } from "./frame.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const files = [
  { subject: "applications", formats: ["csv", "jsonl"], may: staff },
  { subject: "tickets", formats: ["csv", "jsonl"], may: staff },
  { subject: "scans", formats: ["csv", "jsonl"], may: staff },
  { subject: "mails", formats: ["csv", "jsonl"], may: staff },
  { subject: "analytics", formats: ["csv", "jsonl"], may: staff },
  { subject: "door-list", formats: ["pdf", "csv", "jsonl"], may: atTheDoor },
  { subject: "users", formats: ["csv", "jsonl"], may: everywhere },
  { subject: "audit", formats: ["csv", "jsonl"], may: everywhere },
  { subject: "everything", formats: ["sqlite"], may: everywhere },
];

// The session is looked at first: a browser could not say why a file did not come.
async function fetchFile(subject, format) {
  try {
    await read("me");
  } catch (problem) {
    return toast(problem.message, { bad: true });
  }
  const link = element("a", { href: `${base}/api/v1/exports/${subject}?format=${format}`, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}

export async function show(main, { me }) {
  main.append(element("p", { class: "lead" }, t("exports.text")), element("ul", { class: "card lines" },
    files.filter(({ may }) => may(me)).map(({ subject, formats }) => element("li", {},
      element("p", {}, element("strong", {}, t(`exports.${subject}`)), element("br"), element("span", { class: "soft" }, t(`exports.${subject}.text`))),
      element("span", { class: "buttons" }, formats.map((format) => button(format === "jsonl" ? "JSON" : format === "sqlite" ? "SQLite" : format.toUpperCase(),
        () => fetchFile(subject, format), { "aria-label": `${t(`exports.${subject}`)}: ${format}` })))))));
}
