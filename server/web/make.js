// Elements from values. Everything anybody said is set as text, so none of it can become markup.

export function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function head(title, status) {
  const element = make("header", "");
  element.append(make("h3", title), make("span", status.replaceAll("_", " "), { class: "status" }));
  return element;
}

// A line to type into, a button that sends it, more buttons beside it, and a place for what is wrong.
export function line({ label, placeholder, button, send, more = {} }) {
  const form = make("form", "");
  const text = make("input", "", { "aria-label": label, placeholder, maxlength: "500", required: "" });
  const fault = make("p", "", { class: "fault", role: "alert" });
  const run = async (act) => {
    const ack = await act();
    fault.textContent = ack.ok ? "" : ack.error.message;
    return ack.ok;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await run(() => send(text.value))) text.value = "";
  });
  form.append(text, make("button", button));
  for (const [name, act] of Object.entries(more)) {
    const element = make("button", name, { type: "button" });
    element.addEventListener("click", () => run(act));
    form.append(element);
  }
  form.append(fault);
  return form;
}
