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

// What was decided may be taken back while its bar runs down; then the bar goes, and with it the key.

const arrivals = new WeakMap();

const runDown = () => {
  for (const bar of document.querySelectorAll("[data-seconds]")) {
    if (!arrivals.has(bar)) arrivals.set(bar, performance.now());
    const left = Number(bar.dataset.seconds) - (performance.now() - arrivals.get(bar)) / 1000;
    const progress = bar.querySelector("progress");
    if (progress) progress.value = Math.max(left, 0);
    if (left <= 0) bar.remove();
  }
};

setInterval(runDown, 200);

// Who has the result is said without taking a dialog away in which one types, or a result that one has gone on to.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asked = event.detail.requestConfig.elt;
  if (asked.id === "claim" && (!asked.isConnected || document.querySelector("dialog[open]"))) event.detail.shouldSwap = false;
});

// Who else looks at which line, as the open card learns it.
document.addEventListener("looks", (event) => {
  for (const place of document.querySelectorAll("[data-looks]")) {
    const name = event.detail[place.dataset.looks];
    place.textContent = name ? `${name} ${place.dataset.words}` : "";
  }
});

// The next result is fetched while this one is read; it stands at once when one goes on without deciding.

const AHEAD_IS_FRESH_MS = 20000;
let ahead = null;

const fetchAhead = async () => {
  const url = document.querySelector("#card [data-following]")?.dataset.following;
  if (!url || (ahead && ahead.url === url && performance.now() - ahead.at < AHEAD_IS_FRESH_MS)) return;
  ahead = null;
  const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Preload": "1" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  ahead = { url, at: performance.now(), text: await answer.text() };
};

document.addEventListener("htmx:beforeRequest", (event) => {
  const { requestConfig } = event.detail;
  const isThere = ahead && requestConfig?.verb === "get" && requestConfig.path === ahead.url && performance.now() - ahead.at < AHEAD_IS_FRESH_MS;
  const card = document.getElementById("card");
  if (!isThere || !card || event.detail.target !== card) return;
  event.preventDefault();
  const text = ahead.text;
  ahead = null;
  htmx.swap(card, text, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 20 });
});

document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "card") setTimeout(fetchAhead, 150); });
setTimeout(fetchAhead, 300);
