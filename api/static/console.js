// Keys of the console: / finds, j and k move in a list, which grows at its end, Enter opens, x
// chooses. Pages work without.
"use strict";
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr, [data-row]")];
  let place = -1;

  const go = (to) => {
    const all = rows();
    if (all.length === 0) return;
    all[place]?.classList.remove("at");
    place = Math.min(Math.max(to, 0), all.length - 1);
    const row = all[place];
    row.classList.add("at");
    (row.matches("[data-row]") ? row : row.querySelector("a")).focus();
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("[data-grows]")?.click();
  };
  const press = (key) => rows()[place]?.querySelector(`[data-key="${key}"]`)?.click();

  const choose = () => rows()[place]?.querySelector("input[type=checkbox]")?.click();

  // A list that has grown goes on at its first new row, which stands where the link stood.
  let growing = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-grows]")) return;
    growing = true;
    place = rows().indexOf(event.target.closest("tr"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (growing) go(place);
    growing = false;
  });

  for (const each of document.querySelectorAll("[data-without-scripts]")) each.hidden = true;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") document.getElementById("find")?.focus();
    else if (event.key === "j") go(place + 1);
    else if (event.key === "k") go(place - 1);
    else if (event.key === "x") choose();
    else if (event.key === "u" || event.key === "n") press(event.key);
    else return;
    event.preventDefault();
  });
})();
