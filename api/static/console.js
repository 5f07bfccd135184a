// Keys of the console: / finds, j and k move in a list, Enter opens, ? tells. Pages work without.
"use strict";
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr, [data-row]")];
  let place = -1;

  const move = (by) => {
    const all = rows();
    if (all.length === 0) return;
    all[place]?.classList.remove("at");
    place = Math.min(Math.max(place + by, 0), all.length - 1);
    const row = all[place];
    row.classList.add("at");
    (row.matches("[data-row]") ? row : row.querySelector("a")).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const press = (key) => rows()[place]?.querySelector(`[data-key="${key}"]`)?.click();

  for (const each of document.querySelectorAll("[data-without-scripts]")) each.hidden = true;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") document.getElementById("find")?.focus();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "u" || event.key === "n") press(event.key);
    else return;
    event.preventDefault();
  });
})();
