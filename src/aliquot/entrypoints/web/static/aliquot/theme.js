// Applies the chosen theme before anything is drawn, so it is a plain script in <head>, not a module.
// Without a choice the system's preference rules.
(() => {
  const KEY = "aliquot.theme";
  const root = document.documentElement;

  const chosen = () => {
    try { return localStorage.getItem(KEY) || ""; } catch { return ""; }
  };

  const apply = (theme) => {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };

  apply(chosen());
  document.addEventListener("DOMContentLoaded", () => apply(chosen()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    const theme = button.dataset.themeChoice;
    try { if (theme) localStorage.setItem(KEY, theme); else localStorage.removeItem(KEY); } catch { /* private window */ }
    apply(theme);
  });
})();
