// Keys. Those of a single letter can be switched off (WCAG 2.1.4).
const keys = {
  "/": ["Search", openFinder],
  "?": ["Show the keys", showKeys],
  "j": ["Next item", () => move(1)],
  "k": ["Previous item", () => move(-1)],
  "n": ["Next step of a playbook", () => $(".step:target [rel=next], .stepwise:not(:has(.step:target)) .step:first-of-type [rel=next]")?.click()],
  "p": ["Previous step", () => $(".step:target [rel=prev]")?.click()],
  "v": ["Playbook: one step at a time, and back", () => $("a.steps")?.click()],
};
const lettersOff = () => localStorage.getItem("letters") === "off";

function move(step) {
  const items = $$(".item");
  const at = items.findIndex(i => i.contains(document.activeElement));
  const next = items[Math.min(Math.max(at + step, 0), items.length - 1)];
  next && ($("input[type=radio]:checked", next) || $("input[type=radio]", next))?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function showKeys() {
  const rows = Object.entries(keys).flatMap(([key, [does]]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, does)]);
  rows.push(make("dt", {}, make("kbd", {}, "1"), " to ", make("kbd", {}, "4")), make("dd", {}, "Answer the item in focus: yes, partly, no, n/a"));
  rows.push(make("dt", {}, make("kbd", {}, "Ctrl K")), make("dd", {}, "Search, always"), make("dt", {}, make("kbd", {}, "Esc")), make("dd", {}, "Close, or clear marked words"));
  const box = make("input", { type: "checkbox", checked: !lettersOff(), onchange: () => localStorage.setItem("letters", box.checked ? "on" : "off") });
  const close = make("button", { type: "button" }, "Close");
  const was = document.activeElement;
  const dialog = make("dialog", { "aria-label": "Keys", onclose: () => { dialog.remove(); was?.focus(); } },
    make("div", { className: "keys" }, make("h2", {}, "Keys"), make("dl", {}, ...rows), make("p", {}, make("label", {}, box, " Single keys are on")), close));
  close.onclick = () => dialog.close();
  document.body.append(dialog);
  dialog.showModal();
}

addEventListener("keydown", e => {
  if (e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); openFinder(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || lettersOff() || $("dialog[open]")) return;
  const at = e.target;
  if (at.isContentEditable || /^(TEXTAREA|SELECT)$/.test(at.tagName) || (at.tagName === "INPUT" && !/^(radio|checkbox)$/.test(at.type))) return;
  const item = at.closest?.(".item");
  if (item && /^[0-9]$/.test(e.key)) {
    const radios = $$(".choice:not(.none) input", item);
    const radio = e.key === "0" ? $(".choice.none input", item) : radios[+e.key - 1];
    if (radio && !radio.checked) { e.preventDefault(); radio.focus(); radio.click(); }
    return;
  }
  const key = keys[e.key];
  if (key) { e.preventDefault(); key[1](); }
});

document.documentElement.dataset.script = "ready";
