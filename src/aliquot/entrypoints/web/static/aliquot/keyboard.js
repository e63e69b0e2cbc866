// Keys by declaration. data-key="r" on a link, button or field uses it; "Alt+r", "Ctrl+Enter", "F2" work as well.
// data-list on a container of data-item elements gives j / k / arrows / Home / End, Enter opens;
// data-list="follow" opens each row as it is chosen; "x" ticks the chosen row's data-mark. "?" shows every key of the page.
// Inside data-settle a key does nothing for a moment after the part was drawn anew, nor while a decision about it is
// under way; data-settle="page" is drawn with the page itself.
// Letters are the physical keys, so they answer on a Russian layout too.

const SETTLE_MS = 350; // a key pressed twice must not decide about what has just appeared: see data-settle
const DOUBLE_CLICK_MS = 500; // the second click of a double click must not either
const BURST_MS = 60; // a bar-code scanner types faster than this between two keys

let waiting = null;
let drawnAt = document.querySelector('[data-settle="page"]') ? performance.now() : -Infinity;
let lastPlainKey = -Infinity;
const chosen = new Map(); // list id -> item id, to choose again after htmx has drawn the list anew

const letterOf = (event) => {
  if (event.key.length === 1 && event.key.charCodeAt(0) > 126) {
    if (event.code.startsWith("Key")) return event.code.slice(3).toLowerCase();
    if (event.code.startsWith("Digit")) return event.code.slice(5);
  }
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
};

const nameOf = (event) => {
  let name = letterOf(event);
  if ((event.altKey || event.ctrlKey) && event.code.startsWith("Key")) name = event.code.slice(3).toLowerCase();
  const held = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.metaKey && "Meta"].filter(Boolean);
  if (event.shiftKey && (name.length > 1 || /^[a-z]$/.test(name))) held.push("Shift");
  return [...held, name].join("+").toLowerCase();
};

const isTyping = (target) =>
  target instanceof Element &&
  (target.isContentEditable ||
    (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio], [type=button], [type=submit]")));

const isShown = (element) => element.getClientRects().length > 0;
const isUsable = (element) => isShown(element) && !element.disabled && element.getAttribute("aria-disabled") !== "true";
const scope = () => document.querySelector("dialog[open]") || document;

const use = (element) => {
  if (element.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), select, textarea")) {
    element.focus();
    element.select?.();
  } else {
    if (element.matches("[type=radio]")) element.focus(); // Tab goes on from what was chosen
    element.click();
  }
};

const keyed = (name) =>
  [...scope().querySelectorAll("[data-key]")].find((element) => element.dataset.key.toLowerCase() === name && isUsable(element));

// lists

const activeList = () => {
  const lists = [...scope().querySelectorAll("[data-list]")].filter(isShown);
  return lists.find((list) => list.contains(document.activeElement)) || lists[0];
};

const itemsOf = (list) => [...list.querySelectorAll("[data-item]")].filter(isShown);
const nameOfList = (list) => list.id || "list";

const choose = (list, item, { focus = true } = {}) => {
  for (const other of list.querySelectorAll("[data-item]")) {
    other.setAttribute("aria-selected", String(other === item));
    other.tabIndex = other === item ? 0 : -1;
  }
  chosen.set(nameOfList(list), item.dataset.item);
  if (focus) item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
  if (focus && list.dataset.list === "follow") follow(item);
};

let following = null;
const follow = (item) => {
  clearTimeout(following);
  following = setTimeout(() => open(item), 120);
};

const open = (item) => {
  const target = item.matches("a, button") ? item : item.querySelector("[data-open], a[href], button");
  if (target) target.click();
};

const step = (list, move) => {
  const items = itemsOf(list);
  if (!items.length) return false;
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const to = move === "first" ? 0 : move === "last" ? items.length - 1 : at < 0 ? 0 : at + move;
  if (to >= 0 && to < items.length) choose(list, items[to]);
  return true;
};

const MOVES = { j: 1, arrowdown: 1, k: -1, arrowup: -1, home: "first", end: "last" };

const moveInList = (name) => {
  const list = activeList();
  if (!list) return false;
  if (name in MOVES) return step(list, MOVES[name]);
  const mark = name === "x" && list.querySelector('[data-item][aria-selected="true"] [data-mark]');
  if (mark) { mark.click(); return true; }
  const item = document.activeElement?.closest?.("[data-item]");
  if (name === "enter" && item === document.activeElement && list.contains(item)) { open(item); return true; }
  return false;
};

const settle = (root) => {
  const lists = root.matches?.("[data-list]") ? [root] : [...root.querySelectorAll("[data-list]")];
  const around = root.closest?.("[data-list]");
  for (const list of around ? [around, ...lists] : lists) {
    const items = [...list.querySelectorAll("[data-item]")];
    for (const item of items) item.tabIndex = -1;
    const again = items.find((item) => item.dataset.item === chosen.get(nameOfList(list)));
    if (again) choose(list, again, { focus: false }); else if (items[0]) items[0].tabIndex = 0;
  }
};

// A part that shows one item of a list says which: data-chooses="<list id>" data-chosen="<item>".
const chooseShown = (root) => {
  const wish = root.matches?.("[data-chooses]") ? root : root.querySelector("[data-chooses]");
  const list = wish && document.getElementById(wish.dataset.chooses);
  if (!list) return;
  chosen.set(nameOfList(list), wish.dataset.chosen);
  const item = [...list.querySelectorAll("[data-item]")].find((one) => one.dataset.item === wish.dataset.chosen);
  if (item) choose(list, item, { focus: false });
};

// the list of keys

const words = (element) => element.dataset.keyText || element.getAttribute("aria-label") || textWithoutKeys(element);
const textWithoutKeys = (element) => {
  const copy = element.cloneNode(true);
  for (const kbd of copy.querySelectorAll("kbd")) kbd.remove();
  return copy.textContent.trim().replace(/\s+/g, " ");
};

const showKeys = () => {
  const dialog = document.getElementById("keys");
  if (!dialog || dialog.open) return;
  const list = dialog.querySelector("[data-keys-here]");
  list.replaceChildren();
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (!isUsable(element) || seen.has(element.dataset.key)) continue;
    seen.add(element.dataset.key);
    const key = document.createElement("dt");
    key.append(Object.assign(document.createElement("kbd"), { textContent: element.dataset.key }));
    list.append(key, Object.assign(document.createElement("dd"), { textContent: words(element) }));
  }
  dialog.showModal();
};

const act = (name) => {
  const element = keyed(name);
  if (element && element.closest("[data-settle]") && performance.now() - drawnAt < SETTLE_MS) return true;
  if (element) { use(element); return true; }
  if (name === "?" || name === "f1") { showKeys(); return true; }
  return moveInList(name);
};

const isPlain = (event) => event.key.length === 1 && !event.altKey && !event.ctrlKey && !event.metaKey;

// On a page that also listens for a scanner, a plain key waits a moment: the first letter of a bar code is no command.
const actUnlessBurst = (event, name) => {
  const burst = event.timeStamp - lastPlainKey < BURST_MS && !event.repeat;
  lastPlainKey = event.timeStamp;
  clearTimeout(waiting);
  if (!burst) waiting = setTimeout(() => act(name), event.repeat ? 0 : BURST_MS);
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  if (event.repeat && keyed(name)) return; // a key held down acts once
  const typing = isTyping(event.target);
  if (typing && isPlain(event)) return;
  if (typing && !/^(ctrl|alt|meta)\+|^f\d+$|^escape$/.test(name)) return;
  if (name === "enter" && event.target.closest?.("a, button, summary") && !event.target.matches("[data-item]")) return;
  if (isPlain(event) && document.querySelector("[data-scan]")) {
    if (keyed(name) || name === "?" || name in MOVES) actUnlessBurst(event, name);
    return;
  }
  if (act(name)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-item]");
  const list = item?.closest("[data-list]");
  if (!list) return;
  const direct = event.target.closest("a, button, input, label, select");
  choose(list, item, { focus: !direct });
  if (!direct && list.dataset.list !== "follow" && event.detail === 2) open(item);
});

document.addEventListener("click", (event) => {
  if (event.detail < 2 || !event.target.closest("[data-settle]") || performance.now() - drawnAt > DOUBLE_CLICK_MS) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

const isDecision = (event) => event.detail.requestConfig?.verb !== "get" && event.detail.target?.matches?.("[data-settle]");
document.addEventListener("htmx:beforeRequest", (event) => { if (isDecision(event)) drawnAt = Infinity; });
document.addEventListener("htmx:afterRequest", (event) => { if (isDecision(event)) drawnAt = performance.now(); });

// of tabs that scroll the open one is seen
const showTab = () => document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.addEventListener("DOMContentLoaded", () => { settle(document); showTab(); });
const noteDrawn = (event) => { if (event.target.matches?.("[data-settle]")) drawnAt = performance.now(); };
document.addEventListener("htmx:afterSwap", noteDrawn); // what is drawn can be read before it is settled
document.addEventListener("htmx:afterSettle", (event) => {
  noteDrawn(event);
  settle(event.target);
  chooseShown(event.target);
});
if (document.readyState !== "loading") { settle(document); showTab(); }
