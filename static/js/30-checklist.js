// A chosen answer is saved at once; the page is redrawn in place from the
// server's answer, so there is one source of what it shows.
async function save(form) {
  const item = form.closest(".item");
  const status = $(".saved", item);
  const state = new FormData(form).get("state");
  const note = $("[name=note]", form);
  if (state === "na" && note && !note.value.trim()) {
    note.closest("details").open = true;
    status.textContent = "Say why this does not apply; it is saved then.";
    note.focus();
    return;
  }
  if (item.saving) return; // what changes meanwhile is saved after it
  item.saving = true;
  status.textContent = "Saving…";
  const sent = fields(form);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/html" } });
  } catch {
    item.saving = false;
    status.textContent = "Not saved: the server cannot be reached. ";
    status.append(make("button", { type: "button", onclick: () => save(form) }, "Try again"));
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = $(".item > #" + CSS.escape($("h3", item).id), page)?.parentElement;
  item.saving = false;
  if (!fresh && answer.ok && $("#progress", page)) { // the filter leaves it out now
    $("#progress").replaceWith($("#progress", page));
    item.remove();
    return;
  }
  if (!fresh) {
    status.textContent = "Not saved: " + ($(".lead", page)?.textContent || "the server answered " + answer.status + ".");
    return;
  }
  const progress = $("#progress", page);
  const focused = document.activeElement?.name, value = document.activeElement?.value;
  const open = $$("details", item).map(d => d.open);
  $("details", progress).open = $("#progress details").open;
  $("#progress").replaceWith(progress);
  $$("details", fresh).forEach((d, i) => d.open ||= open[i]);
  const changed = form.matches(".answer") && String(fields(form)) !== String(sent);
  if (changed) copyFields(form, $("form.answer", fresh));
  item.replaceWith(fresh);
  $$(`[name="${focused}"]`, fresh).find(e => e.type !== "radio" || e.value === value)?.focus({ preventScroll: true });
  if (changed) save($("form.answer", fresh));
}

const fields = form => new URLSearchParams(new FormData(form));

// copyFields carries over what was typed while an answer was on its way.
function copyFields(from, to) {
  const state = $("[name=state]:checked", from);
  if (state) $$("[name=state]", to).forEach(e => e.checked = e.value === state.value);
  for (const name of ["note", "evidence"]) $(`[name=${name}]`, to).value = $(`[name=${name}]`, from).value;
}

document.addEventListener("change", e => {
  const form = e.target.closest?.("form.answer");
  if (!form) return;
  save(form);
});
document.addEventListener("input", e => {
  if (e.target.matches?.("form.answer textarea")) e.target.form.classList.add("typed");
});
document.addEventListener("submit", e => {
  if (!e.target.matches("form.answer, form.undo")) return;
  e.preventDefault();
  save(e.target);
});
