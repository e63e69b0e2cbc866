// Values typed down a column: Enter sends a line and goes to the next field, arrows move without sending.

const fields = () => [...document.querySelectorAll("[data-column] input[name=value]")];

const step = (from, move) => {
  const all = fields();
  const next = all[all.indexOf(from) + move];
  next?.focus();
  next?.select();
};

document.addEventListener("htmx:beforeRequest", (event) => {
  const field = event.target.closest?.("[data-column]")?.querySelector("input[name=value]");
  if (field && event.target.matches("form") && event.target.contains(field)) step(field, 1);
});

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-column] input[name=value]");
  if (!field || event.altKey || event.ctrlKey) return;
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move) return;
  event.preventDefault();
  step(field, move);
});
