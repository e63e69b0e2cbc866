// What carries the chosen message stands in sight within a long conversation.

const here = document.querySelector("[data-at-here] .said-here");
if (here) {
  const frame = here.closest("[data-at-here]");
  frame.scrollTop += here.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 4;
}

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
