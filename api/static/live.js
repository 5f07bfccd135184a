// Notices of what happens. One page of a browser leads: it holds the stream, and the others hear
// from it. A notice never takes the focus, and nothing that is typed is touched.
"use strict";
(() => {
  const region = document.getElementById("notices");
  if (!navigator.locks || !window.EventSource || !window.BroadcastChannel) return;

  const SHOWN = 3;
  const KEPT = 30;
  const SEEN = 300;
  const CASES = 10;
  // A page that was closed for longer begins anew.
  const OLDEST = 600_000;
  const { listener, language, position, since } = region.dataset;
  const opened = region.dataset.case;
  const version = Number(region.dataset.version);
  const name = `live ${listener} ${language}`;
  const told = region.querySelector("[data-told]");
  const more = region.querySelector("[data-more]");
  const count = region.querySelector("[data-count]");
  const counted = count.textContent;

  // What this page has heard, also on the page before it.
  const kept = (() => {
    const before = JSON.parse(sessionStorage.getItem(name) ?? "{}");
    const heard = Date.now() - (before.at ?? 0) < OLDEST ? before.heard : undefined;
    return {
      // Everything before is old news in this tab.
      begin: Number(before.begin ?? position ?? 0),
      heard: heard ?? position,
      notices: before.notices ?? [],
      seen: before.seen ?? [],
    };
  })();
  const keep = () => {
    kept.notices = kept.notices.slice(-KEPT);
    kept.seen = kept.seen.slice(-SEEN);
    sessionStorage.setItem(name, JSON.stringify({ ...kept, at: Date.now() }));
  };
  const forget = () => sessionStorage.removeItem(name);

  // --- the notices -----------------------------------------------------------------------------

  let cameFrom = null;

  const arrange = () => {
    const all = [...told.children];
    all.forEach((each, place) => { each.hidden = place < all.length - SHOWN; });
    const hidden = Math.max(all.length - SHOWN, 0);
    more.hidden = hidden === 0;
    count.textContent = counted.replace("{n}", hidden);
  };
  const show = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const notice = template.content.firstElementChild;
    const same = find(notice.dataset.key);
    // What says the same is not said again.
    if (same?.textContent === notice.textContent) return;
    // What is about this page stands last, where it is never one of the hidden ones.
    const behind = notice.hasAttribute("data-own") ? null : told.querySelector("[data-own]");
    if (same) same.replaceWith(notice);
    else told.insertBefore(notice, behind);
    arrange();
  };
  const find = (key) => [...told.children].find((each) => each.dataset.key === key);
  const drop = (key) => {
    kept.notices = kept.notices.filter((each) => each.key !== key);
    keep();
    const notice = find(key);
    if (!notice) return;
    const inside = notice.contains(document.activeElement);
    const next = notice.previousElementSibling ?? notice.nextElementSibling;
    notice.remove();
    arrange();
    if (!inside) return;
    if (next) next.querySelector("[data-dismiss]").focus();
    else if (cameFrom?.isConnected) cameFrom.focus();
  };
  const dismiss = (notice) => {
    const { key } = notice.dataset;
    drop(key);
    channel?.postMessage({ kind: "dismissed", data: key });
  };

  region.addEventListener("focusin", (event) => {
    if (event.relatedTarget && !region.contains(event.relatedTarget)) cameFrom = event.relatedTarget;
  });
  region.addEventListener("click", (event) => {
    const notice = event.target.closest("article");
    if (event.target.closest("[data-dismiss-all]")) {
      for (const each of [...told.children]) dismiss(each);
    } else if (notice && event.target.closest("[data-dismiss]")) dismiss(notice);
    else if (notice && event.target.closest("a:not([href=''])")) dismiss(notice);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const inside = region.contains(event.target);
    if (!inside && event.target.closest("input, textarea, select")) return;
    const notice = (inside && event.target.closest("article")) || told.lastElementChild;
    if (notice) dismiss(notice);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[action='/sign-out']")) forget();
  });

  // --- what is heard ---------------------------------------------------------------------------

  const first = (key) => {
    if (kept.seen.includes(key)) return false;
    kept.seen.push(key);
    return true;
  };
  const about = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild.dataset;
  };
  const hear = {
    position: () => {},
    notice: (html) => {
      const { key, case: of } = about(html);
      if (Number(key) <= kept.begin || (key !== "more" && !first(key))) return;
      // A page that shows the case hears of it by `changed`.
      if (of && of === opened) return;
      kept.notices = [...kept.notices.filter((each) => each.key !== key), { key, of, html }];
      show(html);
    },
    changed: (html) => {
      const { key, case: of, version: now } = about(html);
      const shown = Number(key) <= Number(position ?? 0) || (now && Number(now) <= version);
      if (of === opened && !shown && first(`changed ${key}`)) show(html);
    },
    arrived: async () => {
      if (!since) return;
      const query = new URLSearchParams(location.search);
      query.set("since", since);
      try {
        const answer = await fetch(`/desk/new?${query}`, { redirect: "manual" });
        if (answer.status === 200) show(await answer.text());
      } catch {
        // The service is away: it is counted again when something else arrives.
      }
    },
    dismissed: drop,
    ended: () => {
      forget();
      show(document.getElementById("signed-out").innerHTML);
    },
  };
  const take = ({ kind, data, heard }) => {
    if (heard) kept.heard = heard;
    hear[kind]?.(data);
    if (kind !== "ended") keep();
  };

  // --- the stream, and who holds it ------------------------------------------------------------

  const page = crypto.randomUUID();
  let channel = null;
  let source = null;
  let leaving = null;
  let waiting = 0;
  let pages = new Map();

  const wanted = () => {
    const shown = [...pages.values()];
    const cases = [...new Set(shown.map((each) => each.opened).filter(Boolean))].slice(-CASES);
    return { cases: cases.sort(), lists: shown.some((each) => each.lists) };
  };
  const spread = (message) => {
    take(message);
    channel.postMessage(message);
  };
  const connect = () => {
    source?.close();
    const { cases, lists } = wanted();
    const query = new URLSearchParams({ listener, language });
    if (kept.heard) query.set("after", kept.heard);
    for (const each of cases) query.append("case", each);
    if (lists) query.set("lists", "");
    source = new EventSource(`/live?${query}`);
    for (const kind of ["position", "notice", "changed", "arrived"]) {
      source.addEventListener(kind, (event) => {
        spread({ kind, data: event.data, heard: event.lastEventId });
      });
    }
    source.addEventListener("error", () => {
      // The browser also closes it when it leaves the page; then nobody waits for this.
      if (source.readyState === EventSource.CLOSED) {
        waiting = setTimeout(() => spread({ kind: "ended" }), 1000);
      }
    });
  };
  // Pages that come together are heard of together.
  const reconnect = () => {
    clearTimeout(waiting);
    waiting = setTimeout(connect, 100);
  };
  const present = () => channel.postMessage({ kind: "page", page, shows: { opened, lists: Boolean(since) } });
  const between = {
    page: ({ page: of, shows }) => {
      if (!source && !waiting) return;
      const before = JSON.stringify(wanted());
      pages.delete(of);
      pages.set(of, shows);
      // Also for a case that is followed already: something may have happened while it loaded.
      if (shows.opened || JSON.stringify(wanted()) !== before) reconnect();
    },
    gone: ({ page: of }) => pages.delete(of),
    who: present,
  };
  const lead = () => new Promise((resolve) => {
    leaving.signal.addEventListener("abort", resolve);
    pages = new Map([[page, { opened, lists: Boolean(since) }]]);
    reconnect();
    channel.postMessage({ kind: "who" });
  });

  const start = () => {
    channel = new BroadcastChannel(name);
    channel.addEventListener("message", ({ data }) => (between[data.kind] ?? take)(data));
    leaving = new AbortController();
    navigator.locks.request(name, { signal: leaving.signal }, lead).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
    present();
  };
  const stop = () => {
    clearTimeout(waiting);
    waiting = 0;
    source?.close();
    source = null;
    channel.postMessage({ kind: "gone", page });
    leaving.abort();
    channel.close();
    channel = null;
  };

  kept.notices = kept.notices.filter((each) => !opened || each.of !== opened);
  for (const each of kept.notices) show(each.html);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => { if (event.persisted) start(); });
  start();
})();
