// A field with a list under it: type, arrows choose, Enter takes, Backspace in the empty field takes the last one out.
// <input data-picker="#list"> chooses among the [data-option] elements of the list; data-picker-remove="#place"
// names where the [data-remove] buttons are. The server draws the list, so an answer that is older than the text
// is waited for before Enter takes anything.

const answered = new WeakMap(); // field -> the text that the list belongs to
const eager = new WeakSet(); // fields where Enter came before the answer
const steered = new WeakSet(); // fields where an arrow has chosen since the last letter

const place = (field) => document.querySelector(field.dataset.picker);
const options = (field) => [...(place(field)?.querySelectorAll("[data-option]") ?? [])];
const marked = (field) => options(field).find((option) => option.getAttribute("aria-selected") === "true");
const linkOf = (option) => (option.matches("a, button") ? option : option.querySelector("a, button"));
const adds = (field) => field.hasAttribute("data-picker-remove");

const mark = (field, option) => {
  for (const other of options(field)) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
};

const move = (field, by) => {
  const all = options(field);
  if (!all.length) return;
  const at = all.indexOf(marked(field));
  steered.add(field);
  mark(field, all[Math.min(Math.max(at + by, 0), all.length - 1)]);
};

const take = (field) => {
  const typed = field.value.trim() !== "";
  const option = marked(field) ?? (typed ? options(field)[0] : null);
  if (option) linkOf(option).click();
};

// The text the answer belongs to: the field may hold, and another request ask for, a longer one by now.
const questionOf = (event, field) => event.detail.requestConfig?.parameters?.[field.name] ?? "";

const isFresh = (field) => (answered.get(field) ?? field.defaultValue) === field.value;

const enter = (field, event) => {
  if (adds(field)) {
    event.preventDefault();
    if (isFresh(field) || steered.has(field)) take(field); else eager.add(field);
  } else if (marked(field) && isFresh(field)) {
    event.preventDefault();
    take(field);
  } // otherwise the form is sent and the server decides what the text means
};

const backspace = (field) => {
  const last = [...document.querySelectorAll(`${field.dataset.pickerRemove} [data-remove]`)].at(-1);
  last?.click();
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-picker]");
  if (!field || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(field, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    enter(field, event);
  } else if (event.key === "Backspace" && field.value === "" && adds(field)) {
    backspace(field);
  }
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-picker]")) steered.delete(event.target);
});

// What was marked belongs to the text before: Enter right after a letter must not take it.
document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-picker]");
  if (field) mark(field, null);
});

// A taken option empties the field: the next test is typed at once.
document.addEventListener("click", (event) => {
  const option = event.target.closest("[data-option]");
  const field = option && [...document.querySelectorAll("[data-picker-remove]")].find((one) => place(one)?.contains(option));
  if (!field) return;
  field.focus();
  if (field.value === "") return;
  field.value = "";
  setTimeout(() => field.dispatchEvent(new Event("input", { bubbles: true })), 0);
});

document.addEventListener("htmx:afterSettle", (event) => {
  for (const field of document.querySelectorAll("[data-picker]")) {
    if (event.target !== place(field)) continue;
    answered.set(field, questionOf(event, field));
    if (field.value.trim() && adds(field) && isFresh(field)) mark(field, options(field)[0]);
    if (eager.has(field) && isFresh(field)) {
      eager.delete(field);
      take(field);
    }
  }
});
