/* docutils gives bibliography entries a role that ARIA 1.3 deprecates and that a list may not hold. */
document.addEventListener("DOMContentLoaded", () => {
  for (const entry of document.querySelectorAll('[role="doc-biblioentry"]')) {
    entry.setAttribute("role", "listitem");
  }
});
