// Search while typing: a dialog over the search form, which stays a form.
let finder, opener;

function openFinder() {
  opener = document.activeElement;
  finder ||= makeFinder();
  if (!finder.open) finder.showModal();
  $("input", finder).select();
}

function makeFinder() {
  const input = make("input", { type: "search", name: "q", maxLength: 200, autocomplete: "off", placeholder: "Search the library", role: "combobox",
    "aria-label": "Search the library", "aria-expanded": "false", "aria-controls": "finder-list", "aria-autocomplete": "list" });
  const list = make("ul", { id: "finder-list", role: "listbox", "aria-label": "Results", hidden: true });
  const status = make("p", { role: "status" }, "Type to search. Enter opens, Esc closes.");
  const dialog = make("dialog", { className: "finder", "aria-label": "Search" }, make("form", { action: prefix + "/search" }, input), list, status);
  let hits = [], chosen = -1, asked = "", shown = "", running = [];

  const choose = n => {
    chosen = n;
    $$("[role=option]", list).forEach((e, i) => e.setAttribute("aria-selected", String(i === n)));
    if (hits[n]) input.setAttribute("aria-activedescendant", list.children[n].id); else input.removeAttribute("aria-activedescendant");
  };
  const show = (found, q) => {
    hits = found.hits;
    shown = q;
    list.replaceChildren(...hits.map((h, i) => {
      const option = make("li", { role: "option", id: "hit-" + i, "aria-selected": "false" }, make("strong", {}, h.title + (h.heading ? " › " + h.heading : "")));
      const small = make("small", {}, [h.kind, h.crumbs].filter(Boolean).join(" · "));
      option.append(small);
      if (h.snippet) option.append(make("small", { innerHTML: h.snippet })); // escaped by the server
      option.onclick = () => location.assign(h.url);
      option.onmousemove = () => { if (chosen !== i) choose(i); };
      return option;
    }));
    dialog.dataset.q = q;
    list.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(!!hits.length));
    choose(hits.length ? 0 : -1);
    requestAnimationFrame(() => list.scrollTop = 0); // not now: it would cost a layout of its own
    const fixed = found.corrected ? ` for “${found.corrected}”` : "";
    status.textContent = hits.length ? `${found.total} ${found.total === 1 ? "result" : "results"}${fixed}. Enter opens the chosen one.` : `No results for “${q}”. Enter shows how to search.`;
  };
  // Answers come over a socket while the dialog is open, several times as fast as
  // with requests. Where a proxy lets no socket through, or it ends, requests do.
  let socket;
  const waiting = [];
  const disconnect = () => {
    socket?.close();
    socket = null;
    waiting.splice(0).forEach(w => w.lost());
  };
  const connect = () => {
    if (socket) return;
    const mine = socket = new WebSocket(location.origin.replace("http", "ws") + prefix + "/-/suggest/socket");
    mine.onmessage = e => waiting.shift().done(JSON.parse(e.data));
    mine.onclose = () => { if (socket === mine) disconnect(); };
  };
  const request = async (q, signal) => {
    const answer = await fetch(prefix + "/-/suggest?q=" + encodeURIComponent(q), { signal });
    if (answer.ok) return answer.json();
    throw answer.status === 503 ? "The index is being built; try again in a second." : "Search does not answer. Enter tries the search page.";
  };
  const answer = (q, signal) => socket?.readyState !== WebSocket.OPEN ? request(q, signal) : new Promise((done, lost) => {
    waiting.push({ done, lost });
    socket.send(q);
    setTimeout(lost, 1000); // a broken line may swallow all
  }).catch(() => request(q, signal));
  // An answer is shown if none to a later question was: who types faster than the
  // network answers sees something all the same. Of what was asked, four run at most.
  const ask = async () => {
    const q = input.value.trim();
    if (q === asked) return;
    asked = q;
    if (!q) {
      running.splice(0).forEach(r => r.abort());
      show({ hits: [], total: 0 }, q);
      status.textContent = "Type to search. Enter opens, Esc closes.";
      return;
    }
    const mine = new AbortController();
    running.push(mine);
    if (running.length > 4) running.shift().abort();
    try {
      const found = await answer(q, mine.signal);
      if (mine.signal.aborted) return;
      running.splice(0, running.indexOf(mine) + 1).forEach(r => r.abort());
      show(found, q);
    } catch (e) {
      running = running.filter(r => r !== mine);
      if (q === asked && e.name !== "AbortError") status.textContent = e.message ? "Offline: the server cannot be reached." : e;
    }
  };
  input.oninput = ask;
  input.onkeydown = e => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && hits.length) {
      e.preventDefault();
      choose((chosen + step + hits.length) % hits.length);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    }
    if (e.key === "Escape") { e.preventDefault(); dialog.close(); }
  };
  input.form.onsubmit = e => {
    if (hits[chosen] && input.value.trim() === shown) { e.preventDefault(); location.assign(hits[chosen].url); }
  };
  dialog.onclick = e => { if (e.target === dialog) dialog.close(); };
  input.onfocus = connect;
  addEventListener("pagehide", disconnect); // an open one keeps the page out of the cache for going back
  dialog.onclose = () => {
    if (dialog.open) return; // again
    disconnect();
    opener?.focus();
  };
  document.body.append(dialog);
  return dialog;
}

$(".top .find input")?.addEventListener("pointerdown", e => {
  if (matchMedia("(pointer: fine)").matches) { e.preventDefault(); openFinder(); }
});
