// A scan field that never loses a scan. <form data-scan-form hx-post hx-target> with one <input data-scan>.
// Each scan goes into a queue, is sent one after another, is kept in this tab until the server has answered,
// and is sent again after the line was down; `scan_id` lets the server know a repeat.
// The answer may carry HX-Trigger: {"scan": {"outcome": "ok" | "problem" | "danger", "text": "..."}}.
// data-scan="always" takes the focus whenever no other field has it; data-scan="passive" listens for bursts only.

const BURST_MS = 60;
const SHORTEST_BURST = 5;
const RETRY_MS = 2000;
const AWAY = new Set([0, 401, 502, 503, 504]); // not answered; 401: the session has ended

// A scanner is a keyboard: on a Russian layout it types "Ф1" for "A1". Bar codes are Latin, so the layout is undone.
const CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё";
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const latin = (code) =>
  [...code].map((sign) => {
    const at = CYRILLIC.indexOf(sign.toLowerCase());
    if (at < 0) return sign;
    return sign === sign.toLowerCase() ? LATIN[at] : LATIN[at].toUpperCase();
  }).join("");

const newId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// sound: one high beep is fine, two low ones are not, three are danger

let audio = null;
const tone = (hertz, start, seconds) => {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0.15, audio.currentTime + start);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(audio.currentTime + start);
  oscillator.stop(audio.currentTime + start + seconds);
};
const TUNES = { ok: [[1320, 0, 0.08]], problem: [[330, 0, 0.16], [330, 0.2, 0.16]], danger: [[220, 0, 0.2], [220, 0.24, 0.2], [220, 0.48, 0.3]] };
const beep = (outcome) => {
  try {
    audio ??= new AudioContext();
    for (const [hertz, start, seconds] of TUNES[outcome] ?? TUNES.problem) tone(hertz, start, seconds);
  } catch { /* no sound device: the words remain */ }
};

// A whole page is no answer to a scan: the session has ended, and live.js loads the sign-in page.
const statusOf = (xhr) => (/^\s*<!doctype/i.test(xhr.responseText) ? 401 : xhr.status);

class ScanQueue {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("[data-scan]");
    this.store = `aliquot.scans:${document.body.dataset.actor || ""}:${form.getAttribute("hx-post")}`; // no one sends another's scans
    this.queue = this.kept();
    this.busy = false;
    this.answer = null;
    form.addEventListener("scan", (event) => { this.answer = event.detail; });
    form.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); this.takeField(); }, true);
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.keysSince = [];
    this.showPending();
    this.send();
  }

  kept() {
    try { return JSON.parse(sessionStorage.getItem(this.store) || "[]"); } catch { return []; }
  }

  keep() {
    try { sessionStorage.setItem(this.store, JSON.stringify(this.queue)); } catch { /* the queue in memory remains */ }
  }

  onKey(event) {
    if (event.key.length === 1) this.keysSince.push(event.timeStamp);
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    this.takeField();
  }

  takeField() {
    const times = this.keysSince;
    const burst = times.length >= SHORTEST_BURST && times.at(-1) - times[0] < BURST_MS * (times.length - 1);
    this.keysSince = [];
    const code = this.field.value;
    this.field.value = "";
    this.take(code, burst ? "scanner" : "hand");
  }

  take(typed, entry) {
    const code = latin(typed.trim());
    if (!code) return;
    this.queue.push({ code, entry, scan_id: newId() });
    this.keep();
    this.showPending();
    this.send();
  }

  async send() {
    if (this.busy || !this.queue.length) return;
    this.busy = true;
    while (this.queue.length) {
      const status = await this.post(this.queue[0]);
      if (AWAY.has(status)) { await this.waitForLine(); continue; }
      const scan = this.queue.shift();
      this.keep();
      this.tell(scan, status);
    }
    this.busy = false;
  }

  async post(scan) {
    const form = this.form;
    let status = 0;
    this.answer = null;
    const note = (event) => { if (event.detail.elt === form) status = statusOf(event.detail.xhr); };
    form.addEventListener("htmx:afterRequest", note);
    try {
      await htmx.ajax("POST", form.getAttribute("hx-post"), {
        source: form,
        target: form.getAttribute("hx-target") || form,
        swap: form.getAttribute("hx-swap") || "none",
        values: { [this.field.name]: scan.code, entry: scan.entry, scan_id: scan.scan_id },
      });
    } catch { status = 0; }
    form.removeEventListener("htmx:afterRequest", note);
    return status;
  }

  waitForLine() {
    this.showPending();
    this.show("problem", this.form.dataset.textLost || "", "");
    return new Promise((resolve) => {
      const go = () => { clearTimeout(timer); removeEventListener("online", go); resolve(); };
      const timer = setTimeout(go, Number(this.form.dataset.retryMs) || RETRY_MS);
      addEventListener("online", go);
    });
  }

  tell(scan, status) {
    const answer = this.answer || {};
    const outcome = answer.outcome || (status < 400 ? "ok" : "problem");
    const words = answer.text || (outcome === "ok" ? this.form.dataset.textOk : this.form.dataset.textProblem) || "";
    this.show(outcome, words, scan.code);
    beep(outcome);
    this.showPending();
  }

  show(outcome, words, code) {
    const place = this.form.querySelector("[data-scan-feedback]");
    if (!place) return;
    place.dataset.outcome = outcome;
    const mark = Object.assign(document.createElement("span"), { className: "code", textContent: code });
    place.replaceChildren(document.createTextNode(`${words} `), mark);
    delete place.dataset.fresh;
    requestAnimationFrame(() => { place.dataset.fresh = ""; });
  }

  showPending() {
    const place = this.form.querySelector("[data-scan-pending]");
    if (!place) return;
    place.hidden = this.queue.length === 0;
    place.textContent = `${this.form.dataset.textPending || ""} ${this.queue.length}`.trim();
  }
}

// the pages

const queues = new WeakMap();
const settle = () => {
  for (const form of document.querySelectorAll("[data-scan-form]")) if (!queues.has(form)) queues.set(form, new ScanQueue(form));
  hold();
};

const currentForm = () => {
  if (document.querySelector("dialog[open]")) return document.querySelector("dialog[open] [data-scan-form]");
  return document.querySelector("[data-scan-form]");
};

const isField = (element) => element?.matches?.("input, textarea, select, [contenteditable]");

const hold = () => {
  const field = currentForm()?.querySelector("[data-scan]");
  if (field && field.dataset.scan !== "passive" && !field.disabled && !isField(document.activeElement)) field.focus();
};

let burst = [];
addEventListener("keydown", (event) => {
  const form = currentForm();
  if (!form || isField(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
  if (burst.length && event.timeStamp - burst.at(-1).at > BURST_MS) burst = [];
  if (event.key === "Enter") {
    const code = burst.map((stroke) => stroke.key).join("");
    burst = [];
    if (code.length < SHORTEST_BURST) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    queues.get(form)?.take(code, "scanner");
  } else if (event.key.length === 1) {
    burst.push({ key: event.key, at: event.timeStamp });
  }
}, true);

document.addEventListener("focusout", () => setTimeout(hold, 150));
document.addEventListener("click", () => setTimeout(hold, 150));
document.addEventListener("close", () => setTimeout(hold, 50), true);
addEventListener("focus", hold);
document.addEventListener("htmx:afterSettle", settle);
addEventListener("beforeunload", (event) => {
  const form = document.querySelector("[data-scan-form]");
  if ("leaving" in document.documentElement.dataset) return;
  if (form && queues.get(form)?.queue.length) event.preventDefault();
});
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", settle); else settle();
