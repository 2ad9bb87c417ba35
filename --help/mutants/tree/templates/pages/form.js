// Helps people fill in a form: checks as they type, shows only as many guests as tickets, and only choices that go together.
// The page works wholly without it, and the server judges everything again.
"use strict";

const form = document.getElementById("application");

const said = new Set(); // fields that were left once: from then on they are judged at every key

function fieldOf(control) {
  return control.closest(".field, .guest");
}

// With full-width letters, digits and signs, which a Japanese keyboard makes, as plain ones.
const folded = (text) => text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0)).replaceAll("\u3000", " ");

// As the server does: what only fits once it is folded counts as that; what fits stays as it was typed.
function fits(control, value) {
  const tried = control.cloneNode();
  tried.value = value;
  return !tried.validity.patternMismatch && !tried.validity.typeMismatch && (!control.dataset.min || /^\s*\d*\s*$/.test(value));
}

function meant(control) {
  const plain = folded(control.value.trim());
  return control.type !== "checkbox" && control.type !== "radio" && !fits(control, control.value) && fits(control, plain) ? plain : control.value;
}

// What is wrong with a control, in the page's own words; "" when nothing is.
function complaint(control) {
  const say = control.closest("[data-say-missing]")?.dataset ?? {};
  const { validity } = control;
  const value = meant(control);
  if (control.disabled || control.closest("[hidden]")) return "";
  if (validity.valueMissing || (control.required && control.type === "text" && !control.value.trim())) return say.sayMissing;
  if (!fits(control, value)) return say.sayFormat;
  if (validity.tooShort) return say.sayShort;
  if (control.dataset.min && value) {
    const number = Number(value);
    if (number < Number(control.dataset.min) || number > Number(control.dataset.max)) return say.sayRange;
  }
  if (control.dataset.same) {
    const other = form.elements[control.dataset.same];
    if (value.trim() !== meant(other).trim()) return say.sayMismatch;
  }
  return "";
}

function show(control, text) {
  const field = fieldOf(control);
  const target = field.querySelector("[role=radiogroup]") ?? control;
  const id = `${target.id}-error`;
  let error = document.getElementById(id);
  if (!text) {
    error?.remove();
    field.classList.remove("invalid");
    target.removeAttribute("aria-invalid");
    describe(target, id, false);
    return;
  }
  if (!error) {
    error = document.createElement("p");
    error.id = id;
    error.className = "error";
    const before = target === control ? (control.closest("label") ?? control) : target.querySelector(".pills");
    before.before(error);
  }
  if (error.textContent !== text) error.textContent = text;
  field.classList.add("invalid");
  target.setAttribute("aria-invalid", "true");
  describe(target, id, true);
}

function describe(target, id, wanted) {
  const ids = new Set((target.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (wanted) ids.add(id);
  else ids.delete(id);
  if (ids.size) target.setAttribute("aria-describedby", [...ids].join(" "));
  else target.removeAttribute("aria-describedby");
}

function judge(control) {
  const text = complaint(control);
  show(control, text);
  return !text;
}

const controls = () => [...form.elements].filter((control) => control.name && control.type !== "hidden" && fieldOf(control));

// As many guests as tickets, at least one.
function fitGuests() {
  const rows = form.querySelectorAll(".guest");
  const chosen = form.querySelector(".quantity :is(input[type=radio]:checked, select, input[type=text])");
  const wanted = Math.max(1, Number(chosen && meant(chosen)) || 1);
  rows.forEach((row, place) => {
    const input = row.querySelector("input");
    row.hidden = place >= wanted && !input.value;
    input.required = place < wanted;
    if (said.has(input.name)) judge(input);
  });
}

// Of a choice that depends on another, only what goes with the one chosen there.
function fitChoices() {
  for (const dependent of form.querySelectorAll("[data-depends-on]")) {
    const on = form.elements[dependent.dataset.dependsOn]?.value;
    for (const option of dependent.querySelectorAll("[data-when]")) {
      const fits = option.dataset.when.split(" ").includes(on);
      option.disabled = !fits;
      (option.closest(".pill") ?? option).hidden = !fits;
      if (!fits && (option.selected || option.checked)) {
        option.selected = option.checked = false;
        if (dependent.tagName === "SELECT") dependent.value = "";
      }
    }
  }
}

if (form) {
  form.classList.remove("unscripted");
  form.addEventListener("input", (event) => {
    fitChoices();
    fitGuests();
    const { target } = event;
    if (said.has(target.name)) judge(target);
    const again = form.querySelector(`[data-same="${CSS.escape(target.name)}"]`);
    if (again && said.has(again.name)) judge(again);
  });
  form.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (!target.name || !fieldOf(target) || relatedTarget?.name === target.name) return;
    if (!target.value && target.type !== "checkbox") return; // passing through an empty field is no fault yet
    said.add(target.name);
    judge(target);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formNoValidate) return;
    const wrong = controls().filter((control) => {
      said.add(control.name);
      return !judge(control);
    });
    if (wrong.length === 0) return;
    event.preventDefault();
    wrong[0].focus();
  });
  fitChoices();
  fitGuests();
}
