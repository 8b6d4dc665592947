// The door: scan badges with the camera or find people by name, with the network or without.
// The people of the day are kept on this device, and scans until the server has them.

const page = document.querySelector("main.door");
const said = JSON.parse(page.dataset.said);
const base = `/door/${page.dataset.key}`;
const part = (id) => document.getElementById(id);
const known = new Map(); // by fingerprint of the badge's code
const byRef = new Map();
let session = page.dataset.session;

// What is kept on the device: three drawers of one IndexedDB.
const drawer = new Promise((resolve, reject) => {
  const opening = indexedDB.open(`door-${page.dataset.key.slice(0, 8)}`, 1);
  opening.onupgradeneeded = () => ["people", "queue"].forEach((name) => opening.result.createObjectStore(name));
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

async function kept(name, mode, act) {
  const store = (await drawer).transaction(name, mode).objectStore(name);
  const asked = act(store);
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function forgetAll() {
  clearInterval(beating);
  await kept("people", "readwrite", (store) => store.clear());
  await kept("queue", "readwrite", (store) => store.clear());
  for (const name of await caches.keys()) await caches.delete(name);
  known.clear();
  byRef.clear();
  tell(said.ended);
}

function tell(text) {
  part("network").textContent = text;
}

async function fingerprint(code) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 24);
}

// The day is over: what is kept here goes, with the network or without.
const isOver = (fetched) => fetched?.until && Date.now() > Date.parse(fetched.until);

function learn(people) {
  known.clear();
  byRef.clear();
  for (const person of people) {
    known.set(person.h, person);
    byRef.set(person.r, person);
  }
}

async function fetchPeople() {
  const answer = await fetch(`${base}/people.json${session ? `?session=${session}` : ""}`).catch(() => null);
  if (answer?.status === 404) return forgetAll();
  if (answer?.ok) {
    const fetched = await answer.json();
    await kept("people", "readwrite", (store) => store.put(fetched, session || "day"));
    learn(fetched.people);
  } else {
    const before = await kept("people", "readonly", (store) => store.get(session || "day"));
    if (isOver(before)) return forgetAll();
    learn(before?.people || []);
  }
  await markWaiting();
}

// What was scanned and not sent yet counts as come.
async function markWaiting() {
  for (const scan of await kept("queue", "readonly", (store) => store.getAll())) {
    const person = byRef.get(scan.ref);
    if (person && (scan.session || "") === session) person.t = scan.undo ? "" : person.t || scan.at;
  }
}

const clock = (at) =>
  new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.dataset.zoneOfEvent });

function button(text, act, kind = "btn-link") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${kind}`;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function line(kind, text, tag = "p") {
  const made = document.createElement(tag);
  made.className = kind;
  made.textContent = text;
  made.dir = "auto";
  return made;
}

function show(tone, mark, text, person, buttons = []) {
  const box = part("verdict");
  box.className = `verdict verdict-${tone}`;
  box.replaceChildren();
  if (person) {
    box.append(line("name", person.n));
    box.append(line("", [person.o, person.c].filter(Boolean).join(" · ")));
    if (person.d) box.append(line("", person.d));
  }
  box.append(line("said", `${mark} ${text}`), ...buttons);
  box.hidden = false;
  navigator.vibrate?.(tone === "good" ? 80 : [120, 80, 120]);
}

async function queue(scan) {
  await kept("queue", "readwrite", (store) => store.put(scan, `${scan.at}-${Math.random()}`));
  send();
}

function checkIn(person) {
  if (person.x) return show("bad", "✕", person.x, person);
  if (person.t) return show("again", "!", `${said.again} ${clock(person.t)}`, person, [undoOf(person)]);
  person.t = new Date().toISOString();
  show("good", "✓", said.in, person, [undoOf(person), badgeOf(person)]);
  find();
  return queue({ ref: person.r, at: person.t, session });
}

function undoOf(person) {
  return button(said.undo, () => {
    person.t = "";
    show("again", "↺", said.undone, person);
    find();
    queue({ ref: person.r, at: new Date().toISOString(), session, undo: true });
  });
}

function badgeOf(person) {
  const made = document.createElement("a");
  made.className = "btn btn-link";
  made.href = `${base}/people/${person.r}/badge.pdf`;
  made.textContent = said.badge;
  return made;
}

async function scanned(text) {
  const code = text.split("/").pop();
  const person = known.get(await fingerprint(code));
  if (person) return checkIn(person);
  if (!navigator.onLine) return show("bad", "✕", said.unknown);
  // registered since the list was fetched, or a badge that was replaced: the server knows
  const answer = await fetch(`${base}/scans`, sending([{ code, at: new Date().toISOString(), session }])).catch(() => null);
  if (!answer?.ok) return show("bad", "✕", said.unknown);
  const [verdict] = (await answer.json()).verdicts;
  const who = verdict.name && { r: verdict.ref, n: verdict.name, o: verdict.organisation, c: verdict.category, d: verdict.days };
  if (!verdict.good) return show("bad", "✕", verdict.reason, who);
  await fetchPeople();
  if (verdict.new) return show("good", "✓", said.in, who);
  return show("again", "!", `${said.again} ${clock(verdict.first)}`, who);
}

const sending = (scans) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ scans }),
});

let busy = false;
async function send() {
  if (busy) return;
  busy = true;
  try {
    for (;;) {
      const keys = (await kept("queue", "readonly", (store) => store.getAllKeys())).slice(0, 100);
      if (!keys.length) return tell(said.online);
      const scans = (await kept("queue", "readonly", (store) => store.getAll())).slice(0, 100);
      const answer = await fetch(`${base}/scans`, sending(scans)).catch(() => null);
      if (answer?.status === 404) return forgetAll();
      if (!answer?.ok) return tell(`${said.offline} ${(await kept("queue", "readonly", (store) => store.count()))}`);
      const { verdicts } = await answer.json();
      for (const key of keys) await kept("queue", "readwrite", (store) => store.delete(key));
      verdicts.forEach((verdict) => {
        const person = byRef.get(verdict.ref);
        if (person && !verdict.good) {
          person.x = verdict.reason;
          person.t = "";
          show("bad", "✕", verdict.reason, person); // cancelled since the list was fetched
        } else if (person && verdict.first) person.t = verdict.first;
      });
    }
  } finally {
    busy = false;
  }
}

// By name: from what is kept here, as one types.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
function find() {
  const words = plain(part("text").value).split(/\s+/).filter(Boolean);
  const list = document.createElement("ul");
  list.className = "rows panel";
  const fitting = words.length
    ? [...known.values()].filter((person) => words.every((word) => plain(`${person.n} ${person.o}`).includes(word))).slice(0, 12)
    : [];
  for (const person of fitting) {
    const row = document.createElement("li");
    const about = line("", "", "div");
    about.append(line("fs-5", person.n, "span"), document.createElement("br"), line("soft", [person.o, person.c].filter(Boolean).join(" · "), "span"));
    row.append(about, button(person.t ? `✓ ${clock(person.t)}` : said.check, () => checkIn(person), person.t ? "btn-outline-primary" : "btn-primary"));
    list.append(row);
  }
  part("found").replaceChildren(...(fitting.length ? [list] : words.length ? [line("panel", said.nobody)] : []));
}

// The camera: the browser's own detector where there is one, else the reader that comes with this page.
async function reader() {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = page.dataset.decoder;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    context.drawImage(video, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(data, width, height, { inversionAttempts: "dontInvert" })?.data;
  };
}

async function watch() {
  part("scan").hidden = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const video = part("video");
    video.srcObject = stream;
    await video.play();
    part("camera").hidden = false;
    const read = await reader();
    let last = "";
    let until = 0;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      const text = video.videoWidth ? await read(video) : undefined;
      // the same badge stays in front of the camera for a while
      if (!text || (text === last && Date.now() < until)) continue;
      [last, until] = [text, Date.now() + 4000];
      await scanned(text);
    }
  } catch {
    show("bad", "✕", said.nocamera);
    part("scan").hidden = false;
  }
}

part("scan").hidden = !navigator.mediaDevices?.getUserMedia;
part("scan").addEventListener("click", watch);
part("text").addEventListener("input", find);
part("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});
part("session").addEventListener("change", async () => {
  session = part("session").value;
  part("verdict").hidden = true;
  await fetchPeople();
  find();
});
addEventListener("online", send);
navigator.serviceWorker?.register("/door/worker.js", { scope: "/door/" }).catch(() => {});
const beating = setInterval(() => send().then(fetchPeople), 30_000);
fetchPeople().then(send).then(() => part("text").value && find());
