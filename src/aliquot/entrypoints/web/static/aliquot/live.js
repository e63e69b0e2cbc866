// What a page shows between two answers: messages, dialogs, the menu on a small screen, a line that is down.
// A server says a message by HX-Trigger: {"notice": {"kind": "good" | "notice" | "danger", "text": "..."}}.

const GOOD_STAYS_MS = 6000;

const text = (name) => document.body.dataset[name] || "";

const toast = (kind, words) => {
  const place = document.getElementById("toasts");
  const model = document.getElementById("toast-model");
  if (!place || !model || !words) return;
  const made = model.content.firstElementChild.cloneNode(true);
  made.classList.add(`toast-${kind}`);
  made.querySelector("span").textContent = words;
  place.append(made);
  if (kind === "good") setTimeout(() => { if (!made.matches(":hover, :focus-within")) made.remove(); }, GOOD_STAYS_MS);
};

const line = (isUp) => {
  const banner = document.getElementById("line-lost");
  if (banner) banner.hidden = isUp;
};

document.addEventListener("notice", (event) => toast(event.detail.kind || "notice", event.detail.text));
// A scan that leads to a page of its own: HX-Trigger: {"follow": {"url": "..."}}; first the scan is marked as answered.
document.addEventListener("follow", (event) => {
  document.documentElement.dataset.leaving = "";
  setTimeout(() => location.assign(event.detail.url), 60);
});
document.addEventListener("htmx:sendError", () => line(false));
document.addEventListener("htmx:timeout", () => line(false));
document.addEventListener("htmx:afterOnLoad", () => line(true));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (event.detail.elt.matches("[data-scan-form]")) return;
  toast("notice", status === 403 ? text("textForbidden") : text("textFailed"));
});

// A whole page where a part was asked for is the sign-in page: the session has ended. Load it as a page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const isPage = /^\s*<!doctype/i.test(event.detail.xhr.responseText);
  if (!isPage || event.detail.elt.closest("[hx-select]")) return;
  event.detail.shouldSwap = false;
  document.documentElement.dataset.leaving = "";
  location.reload();
});

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-dismiss]");
  if (closer) closer.closest(".toast").remove();
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const shutter = event.target.closest("[data-dialog-close]");
  if (shutter) shutter.closest("dialog").close();
  const printer = event.target.closest("[data-print]");
  if (printer) print();
  const menu = event.target.closest("[data-menu]");
  if (menu) toggleMenu(menu);
});

const toggleMenu = (button) => {
  const nav = document.getElementById(button.getAttribute("aria-controls"));
  const isOpen = nav.toggleAttribute("data-open");
  button.setAttribute("aria-expanded", String(isOpen));
};

// A dialog whose content came from the server opens by itself, with a part or with the whole page.
document.querySelector("dialog[data-open-now]")?.showModal();
document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = event.target.querySelector?.("dialog[data-open-now]");
  if (dialog && !dialog.open) dialog.showModal();
});
