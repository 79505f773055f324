/* Where the theme's own marks would mislead a screen reader. */
document.addEventListener("DOMContentLoaded", () => {
  // docutils gives bibliography entries a role that ARIA 1.3 deprecates and a list may not hold.
  for (const entry of document.querySelectorAll('[role="doc-biblioentry"]')) {
    entry.setAttribute("role", "listitem");
  }
  // The arrows that unfold the contents have no text.
  for (const arrow of document.querySelectorAll(".bd-links summary")) {
    const link = arrow.closest("li").querySelector("a");
    arrow.setAttribute("aria-label", `Pages under ${link.textContent.trim()}`);
  }
});

// Results of a search come with an excerpt, which fetches pages: a browser refuses it from file://.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol.startsWith("http");

// What a map says of a point goes when the pointer, or a finger, is anywhere else.
for (const kind of ["pointerover", "pointerdown"]) {
  document.addEventListener(kind, (event) => {
    for (const tip of document.querySelectorAll(".maps-tip:not([hidden])")) {
      if (!tip.parentElement.contains(event.target)) tip.hidden = true;
    }
  });
}

// The scoreboard's filter. Rows that are left out keep their place, dimmed: nothing moves.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".sb-filter");
  if (!form) return;
  const rows = [...document.querySelectorAll(".sb-row")];
  const chosen = () => [...form.querySelectorAll("select")].filter((list) => list.value);
  const show = () => {
    const wanted = chosen().map((list) => list.dataset.filter + list.value);
    let count = 0;
    for (const row of rows) {
      const shown = wanted.every((name) => row.classList.contains(name));
      row.classList.toggle("sb-left-out", !shown);
      row.inert = !shown;
      count += shown;
    }
    form.querySelector("output").textContent = wanted.length ? `${count} of ${rows.length}` : "";
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
});
