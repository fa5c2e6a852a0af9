// A round lives: what others do in it shows within two seconds.
async function follow() {
  const live = $("[data-poll]");
  try {
    const answer = document.hidden ? {} : await fetch(live.dataset.poll, { cache: "no-cache" });
    const now = answer.ok ? await answer.json() : live.dataset;
    if (now.state !== live.dataset.state) return location.reload();
    if (now.version !== live.dataset.version) {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      const fresh = $("#live", page);
      $$("details", fresh).forEach((d, i) => d.open = $$("details", live)[i].open);
      live.replaceWith(fresh);
    }
  } catch { } // the next look may reach the server
  setTimeout(follow, 1000);
}
if ($("[data-poll]")) follow();

// A member's tap is saved at once, and the next item comes.
document.addEventListener("submit", async e => {
  const form = e.target, button = e.submitter;
  if (!form.matches("form.vote")) return;
  e.preventDefault();
  const status = $(".saved", form);
  status.textContent = "Saving…";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)), headers: { Accept: "application/json" } });
    if (answer.status === 409) return location.reload();
    const now = await answer.json();
    status.textContent = answer.ok ? "Saved." : "Not saved: " + now.detail;
    if (!answer.ok) return;
    $$("button", form).forEach(b => b.setAttribute("aria-pressed", !!now.state && b === button));
    $("#answered progress").value = $("#answered b").textContent = now.answered;
    $(`.all a[href="#${form.closest(".step").id}"]`).classList.toggle("ticked", !!now.state);
    if (now.state) location.hash = form.dataset.next;
  } catch {
    status.textContent = "Not saved: the server cannot be reached. Tap again.";
  }
});
