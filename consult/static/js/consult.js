// Everything works without this script; it only makes some things quicker.

// The reader's own time beside each time of an event, for those who have not told us their zone.
if (!document.documentElement.dataset.zone) {
  for (const time of document.querySelectorAll("time[data-zone]")) {
    const instant = new Date(time.dateTime);
    const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
    const write = (zone, parts) => new Intl.DateTimeFormat(language, { ...parts, timeZone: zone }).format(instant);
    const until = time.dataset.until && new Date(time.dataset.until);
    const isSameDay = write(mine, { dateStyle: "short" }) === write(time.dataset.zone, { dateStyle: "short" });
    const parts = isSameDay ? clock : { ...clock, day: "numeric", month: "long" };
    const here = write(mine, parts) + (until ? `–${new Intl.DateTimeFormat(language, { ...clock, timeZone: mine }).format(until)}` : "");
    if (write(mine, clock) !== write(time.dataset.zone, clock)) {
      const note = document.createElement("span");
      note.className = "soft";
      note.textContent = ` (${document.documentElement.dataset.yourTime.replace("%s", here)})`;
      time.after(note);
    }
  }
}

// The error summary takes the focus, so that it is read first.
document.querySelector(".error-summary")?.focus();

// On a phone the workspace's menu begins folded.
if (matchMedia("(max-width: 767px)").matches) document.querySelector(".desk aside details")?.removeAttribute("open");

// Words written so far, beside a text area that has a limit.
for (const area of document.querySelectorAll("textarea[data-words]")) {
  const count = document.getElementById(`${area.id}-count`);
  const show = () => {
    const words = area.value.match(/[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+/g);
    count.textContent = count.dataset.text.replace("{words}", words ? words.length : 0).replace("{limit}", area.dataset.words);
  };
  area.addEventListener("input", show);
  show();
}

// A progress bar that moves by itself.
for (const bar of document.querySelectorAll("progress[data-url]")) {
  const look = async () => {
    const answer = await fetch(bar.dataset.url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const now = await answer.json();
    bar.value = now.percent;
    document.getElementById(bar.dataset.text).textContent = now.text;
    if (!now.done) setTimeout(look, 1000);
    else location.reload();
  };
  if (bar.value < 100) setTimeout(look, 700);
}

// A part of the page that is looked at again every few seconds.
for (const part of document.querySelectorAll("[data-live]")) {
  setInterval(async () => {
    const answer = await fetch(part.dataset.live).catch(() => null);
    if (answer?.ok) part.innerHTML = await answer.text();
  }, 4000);
}

// Something is being compiled: look again.
if (document.querySelector("[data-reload]")) setTimeout(() => location.reload(), 1500);

// A question that depends on another hides until the other is answered so.
for (const part of document.querySelectorAll("[data-if]")) {
  const form = part.closest("form");
  const look = () => {
    part.hidden = !new FormData(form).getAll(part.dataset.if).includes(part.dataset.is);
  };
  form.addEventListener("change", look);
  look();
}

// What is being written is kept every few seconds; files are sent with the button.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  let timer;
  const save = async () => {
    const typed = new FormData(form);
    for (const field of form.querySelectorAll("input[type=file]")) typed.delete(field.name);
    typed.set("autosave", "1");
    const answer = await fetch(location.href, { method: "POST", body: typed }).catch(() => null);
    if (answer?.ok) {
      form.elements.seen.value = await answer.text();
      document.querySelector("[data-saved]").textContent = `${form.dataset.autosave} ${new Date().toLocaleTimeString()}`;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 3000);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

// j and k go to the next and the previous, as long as nothing is being typed.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// One box ticks all.
for (const box of document.querySelectorAll("input[data-all]")) {
  box.hidden = false;
  box.addEventListener("change", () => {
    for (const each of box.form.querySelectorAll(`input[name="${box.dataset.all}"]`)) each.checked = box.checked;
  });
}

// A second click on a button that was clicked does nothing.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
