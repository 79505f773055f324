"use strict";
// Reload the page when its post has another version than the one that it shows.
const main = document.querySelector("main");
const place = main.dataset.base ? `${main.dataset.base}version` : "";
setInterval(async () => {
  if (!place) return;
  try {
    const version = await (await fetch(place)).text();
    if (version !== main.dataset.version) location.reload();
  } catch {
    document.title = `${document.title.replace(/ \(stopped\)$/, "")} (stopped)`;
  }
}, 500);
