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
