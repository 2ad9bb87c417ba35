// Makes elements of the page; whatever people wrote goes in as text, never as markup.

// `attributes`: `on` holds listeners by event; true and false switch an attribute; null leaves it out.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (key === "value") made.value = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

let last = 0;

// An id that no other element of the page has.
export function newId() {
  last += 1;
  return `e${last}`;
}

// A labelled control with room for what is wrong with it. `control` gets the id, `hint` stands below the label.
export function field(label, control, hint) {
  control.id ||= newId();
  const error = element("p", { class: "error", id: `${control.id}-error`, hidden: true });
  const told = hint ? element("p", { class: "hint", id: `${control.id}-hint` }, hint) : null;
  control.setAttribute("aria-describedby", [told?.id, error.id].filter(Boolean).join(" "));
  return element("div", { class: "field" }, element("label", { for: control.id }, label), told, control, error);
}

// Says below a control what is wrong with it; without a text, that it is right.
export function complain(control, text = "") {
  const error = document.getElementById(`${control.id}-error`);
  error.textContent = text;
  error.hidden = text === "";
  if (text) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

export function button(text, on, attributes = {}) {
  return element("button", { type: "button", ...attributes, on: { click: on } }, text);
}
