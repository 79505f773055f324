/* A folded section opens for a link to it and for paper. Browsers open it for find-in-page. */
(() => {
  const folded = () => document.querySelectorAll("section.fold > details");

  // A link to a section, or to what stands in it, from this page or from another.
  const reveal = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target) return;
    const own = target.matches("section.fold") && target.querySelector(":scope > details");
    if (own) own.open = true;
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) {
      at.open = true;
    }
    target.scrollIntoView();
  };
  document.addEventListener("DOMContentLoaded", () => reveal(location.hash));
  window.addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']"); // once more: the hash does not change
    if (link && link.getAttribute("href") === location.hash) reveal(location.hash);
  });

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...folded()].filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
})();
