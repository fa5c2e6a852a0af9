// Everything works without this file; it adds comfort. So it waits until the page
// has been painted once.
await new Promise(done => requestAnimationFrame(() => setTimeout(done)));

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const prefix = document.documentElement.dataset.prefix || "";

// make returns an element with properties, attributes (aria…, role) and children.
function make(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in e) e[name] = value; else e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

// A form is sent once, however often its button is clicked; once more after five
// seconds, should no answer have come.
const sent = new WeakSet();
addEventListener("submit", e => {
  if (e.defaultPrevented || e.target.method !== "post") return;
  if (sent.has(e.target)) e.preventDefault();
  sent.add(e.target);
  setTimeout(() => sent.delete(e.target), 5000);
});

// Copy buttons. A console session is copied without its prompts and output.
function addCopyButtons(from = document) {
  if (!navigator.clipboard) return;
  for (const block of $$(".code", from)) {
    if ($(".copy", block)) continue;
    const button = make("button", { type: "button", className: "copy" }, "Copy");
    button.onclick = async () => {
      const code = $("code", block).cloneNode(true);
      const session = $(".p", code);
      if (session) $$(".o", code).forEach(e => e.remove());
      $$(".p", code).forEach(e => e.remove());
      const text = code.textContent;
      await navigator.clipboard.writeText(session ? text.split("\n").map(l => l.trimStart()).filter(Boolean).join("\n") : text);
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 1500);
    };
    block.append(button);
  }
}
addCopyButtons();

// The table of contents shows where the reader is.
{
  const links = new Map($$(".toc a").map(a => [decodeURIComponent(a.hash.slice(1)), a]));
  const toc = $(".toc");
  if (toc && matchMedia("(min-width: 75rem)").matches) toc.open = true;
  const heads = [...links.keys()].map(id => document.getElementById(id)).filter(Boolean);
  const spy = () => {
    let here = null;
    for (const h of heads) if (h.getBoundingClientRect().top < 140) here = h;
    for (const [id, a] of links) a.classList.toggle("here", !!here && id === here.id);
  };
  if (heads.length) {
    let waiting = false;
    addEventListener("scroll", () => {
      if (!waiting) requestAnimationFrame(() => { waiting = false; spy(); });
      waiting = true;
    }, { passive: true });
    spy();
  }
}

// The navigation stays where it was scrolled to; the current page is in view.
{
  const side = $("#nav");
  const kept = sessionStorage.getItem("side");
  if (side && kept) side.scrollTop = +kept;
  const current = side && $("[aria-current]", side);
  if (current && side.clientHeight) {
    const c = current.getBoundingClientRect(), s = side.getBoundingClientRect();
    if (c.bottom > s.bottom || c.top < s.top) side.scrollTop += c.top - s.top - s.height / 3;
  }
  addEventListener("pagehide", () => side && sessionStorage.setItem("side", side.scrollTop));
}

// Words of the search that led here are marked; Esc clears them.
{
  const words = (new URLSearchParams(location.search).get("h") || "").split(" ").filter(w => w.length > 1);
  if (words.length && window.Highlight && CSS.highlights) {
    const pattern = new RegExp("(?<![\\p{L}\\p{N}])(?:" + words.map(w => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") + ")(?![\\p{L}\\p{N}])", "giu");
    const ranges = [];
    const walk = document.createTreeWalker($("main"), NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode()) && ranges.length < 500;) {
      for (const m of node.data.matchAll(pattern)) {
        const range = new Range();
        range.setStart(node, m.index);
        range.setEnd(node, m.index + m[0].length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
    addEventListener("keydown", e => {
      if (e.key !== "Escape" || e.defaultPrevented || $("dialog[open]")) return;
      CSS.highlights.delete("found");
      history.replaceState(null, "", location.pathname + location.hash);
    });
  }
}

// Terms open on hover and focus too; a tap is the browser's own work.
for (const button of $$("button.term")) {
  const tip = document.getElementById(button.getAttribute("popovertarget"));
  if (!tip?.showPopover) continue;
  let closing;
  const open = () => { clearTimeout(closing); if (!tip.matches(":popover-open")) tip.showPopover({ source: button }); };
  const close = () => { closing = setTimeout(() => tip.matches(":popover-open") && tip.hidePopover(), 150); };
  button.onmouseenter = open;
  button.onmouseleave = close;
  button.onfocus = () => button.matches(":focus-visible") && open();
  button.onblur = close;
  tip.onmouseenter = () => clearTimeout(closing);
  tip.onmouseleave = close;
}

// A playbook step by step: ticks are kept while the tab lives, with their time.
{
  const steps = $(".stepwise");
  const kept = steps && "steps:" + steps.dataset.path;
  const ticks = JSON.parse(kept && sessionStorage.getItem(kept) || "{}");
  for (const step of steps ? $$(".step:has(.done)", steps) : []) {
    const box = $(".done input", step), label = $(".done span", step), link = $(`.all a[href="#${step.id}"]`);
    const show = () => {
      box.checked = step.id in ticks;
      label.textContent = box.checked ? `Done at ${ticks[step.id]} UTC` : "Done";
      link.classList.toggle("ticked", box.checked);
    };
    box.onchange = () => {
      if (box.checked) ticks[step.id] = new Date().toISOString().slice(11, 16); else delete ticks[step.id];
      sessionStorage.setItem(kept, JSON.stringify(ticks));
      show();
    };
    show();
  }
}
