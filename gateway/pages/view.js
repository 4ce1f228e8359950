export const byId = (id) => document.getElementById(id);

/** Shows one view of the page and none of the others, and leads readers of the screen to its heading. */
export function show(id) {
  for (const view of document.querySelectorAll("[data-view]")) view.hidden = view.id !== id;
  tell("");
  refuse("");
  const heading = byId(id).querySelector("h1");
  document.title = `${heading.textContent} – Greentick`;
  heading.focus();
}

/** Said quietly: how it goes. */
export const tell = (text) => {
  byId("status").textContent = text;
};

/** Said at once: what was refused, in the words of the API. */
export const refuse = (text) => {
  byId("problem").textContent = text;
  byId("problem").hidden = text === "";
};

/** Shows the field for a second factor's code, empty, and goes there. */
export function askForCode(form) {
  const code = form.elements.code;
  code.closest("label").hidden = false;
  code.required = true;
  code.value = "";
  code.focus();
}

/** A form's fields, without those that were left empty. */
export const valuesOf = (form) =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, String(value)]).filter(([, value]) => value !== ""),
  );

/** Runs the work of a form or a button, once at a time; what it throws is shown. */
export async function work(button, run) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  tell("One moment …");
  refuse("");
  try {
    await run();
    if (byId("status").textContent === "One moment …") tell("");
  } catch (error) {
    tell("");
    refuse(error.message);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** What a form does instead of going anywhere. */
export function onSubmit(id, run) {
  const form = byId(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void work(form.querySelector("[type=submit]"), () => run(form));
  });
  return form;
}

export const onClick = (id, run) => {
  byId(id).addEventListener("click", (event) => void work(event.currentTarget, run));
};

/** Each password can be looked at while it is typed. */
export function makePasswordsReadable() {
  for (const button of document.querySelectorAll("[data-shows]"))
    button.addEventListener("click", () => {
      const field = byId(button.dataset.shows);
      const isHidden = field.type === "password";
      field.type = isHidden ? "text" : "password";
      button.setAttribute("aria-pressed", String(isHidden));
    });
}
