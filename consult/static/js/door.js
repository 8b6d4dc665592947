// The door: scan badges with the camera or find people by name, with the network or without.
// Who is expected today is kept on this device, encrypted with a key that this tab alone has; scans (without names) are
// kept until the server has them. When the day is over, or another link is opened, what was kept goes.

const page = document.querySelector("main.door");
const said = JSON.parse(page.dataset.said);
const base = `/door/${page.dataset.key}`;
const part = (id) => document.getElementById(id);
const known = new Map(); // by fingerprint of the badge's code
const byRef = new Map();
let session = page.dataset.session;

// What is kept on the device: two drawers of one IndexedDB, whatever the link.
const DATABASE = "consult-door";
const drawer = new Promise((resolve, reject) => {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => ["people", "queue"].forEach((name) => opening.result.createObjectStore(name));
  opening.onsuccess = () => {
    opening.result.onversionchange = () => opening.result.close(); // another tab erases everything
    resolve(opening.result);
  };
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

// The key with which names are encrypted: it is gone when the tab is closed, and then nobody can read them.
async function keyOfTab() {
  let kept = sessionStorage.getItem("door-key");
  if (!kept) {
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
    kept = JSON.stringify(await crypto.subtle.exportKey("jwk", made));
    sessionStorage.setItem("door-key", kept);
  }
  return crypto.subtle.importKey("jwk", JSON.parse(kept), "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function sealed(content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(JSON.stringify(content));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOfTab(), data) };
}

async function unsealed(content) {
  if (!content) return undefined;
  try {
    const { iv, data } = content;
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyOfTab(), data);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return undefined; // kept by a tab that was closed
  }
}

function deleted(name) {
  return new Promise((resolve) => {
    const deleting = indexedDB.deleteDatabase(name);
    deleting.onsuccess = deleting.onerror = resolve;
    deleting.onblocked = () => setTimeout(resolve, 3000); // another tab is closing it
  });
}

// Lists of earlier links had databases of their own.
async function databases() {
  const all = indexedDB.databases ? await indexedDB.databases() : [];
  return all.map((each) => each.name).filter((name) => name === DATABASE || name.startsWith("door-"));
}

async function forgetEarlier() {
  for (const name of await databases()) if (name !== DATABASE) await deleted(name);
  const pass = (await fingerprint(page.dataset.key)).slice(0, 12);
  for (const kind of await kept("people", "readonly", (store) => store.getAllKeys())) {
    if (!kind.startsWith(pass)) await kept("people", "readwrite", (store) => store.delete(kind));
  }
  const over = (scan) => scan.until && Date.now() > Date.parse(scan.until);
  const keys = await kept("queue", "readonly", (store) => store.getAllKeys());
  const scans = await kept("queue", "readonly", (store) => store.getAll());
  for (const [place, scan] of scans.entries()) {
    if (over(scan)) await kept("queue", "readwrite", (store) => store.delete(keys[place]));
  }
}

// Everything goes, and it is said only once it has been looked for and not found.
let isForgotten = false;
async function forgetAll() {
  if (isForgotten) return;
  isForgotten = true;
  clearInterval(beating);
  known.clear();
  byRef.clear();
  part("found").replaceChildren();
  part("verdict").hidden = true;
  sessionStorage.removeItem("door-key");
  for (const store of ["people", "queue"]) await kept(store, "readwrite", (each) => each.clear());
  const left = [];
  for (const store of ["people", "queue"]) left.push(await kept(store, "readonly", (each) => each.count()));
  (await drawer).close();
  for (const name of await databases()) await deleted(name);
  for (const registration of (await navigator.serviceWorker?.getRegistrations()) || []) await registration.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
  const isGone = left.every((number) => !number) && !(await databases()).length && !(await caches.keys()).length;
  tell(isGone ? said.ended : said.unerased);
}

function tell(text) {
  part("network").textContent = text;
}

async function fingerprint(code) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 24);
}

// The day is over: what is kept here goes, with the network or without.
let until = "";
const isOver = () => until && Date.now() > Date.parse(until);
const nameOf = async () => `${(await fingerprint(page.dataset.key)).slice(0, 12)}:${session || "day"}`;

function learn(people) {
  known.clear();
  byRef.clear();
  for (const person of people) {
    known.set(person.h, person);
    if (person.r) byRef.set(person.r, person);
  }
}

async function fetchPeople() {
  if (isForgotten) return;
  if (isOver()) return forgetAll();
  const answer = await fetch(`${base}/people.json${session ? `?session=${session}` : ""}`).catch(() => null);
  if (answer?.status === 404) return forgetAll();
  if (answer?.ok) {
    const fetched = await answer.json();
    until = fetched.until;
    const [name, content] = [await nameOf(), await sealed(fetched)];
    await kept("people", "readwrite", (store) => store.put(content, name));
    learn(fetched.people);
  } else {
    const name = await nameOf();
    const before = await unsealed(await kept("people", "readonly", (store) => store.get(name)));
    until = until || before?.until || "";
    if (isOver()) return forgetAll();
    if (before) learn(before.people);
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
  if (person?.n) {
    box.append(line("name", person.n));
    box.append(line("", [person.o, person.c].filter(Boolean).join(" · ")));
  }
  if (person?.d) box.append(line("", person.d)); // also of who is not expected: no name, but when to come
  box.append(line("said", `${mark} ${text}`), ...buttons);
  box.hidden = false;
  navigator.vibrate?.(tone === "good" ? 80 : [120, 80, 120]);
}

async function queue(scan) {
  const waiting = { ...scan, door: base, until };
  await kept("queue", "readwrite", (store) => store.put(waiting, `${scan.at}-${Math.random()}`));
  send();
}

function checkIn(person) {
  if (person.x) return show("bad", "✕", person.x, person);
  if (person.t) return show("again", "!", `${said.again} ${clock(person.t)}`, person, [undoOf(person)]);
  person.t = new Date().toISOString();
  show("good", "✓", said.in, person, [undoOf(person)]);
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

async function scanned(text) {
  const code = text.split("/").pop();
  const person = known.get(await fingerprint(code));
  if (person) return checkIn(person);
  if (!navigator.onLine) return show("bad", "✕", said.unknown);
  // registered since the list was fetched, or a badge that was replaced: the server knows
  const answer = await fetch(`${base}/scans`, sending([{ code, at: new Date().toISOString(), session }])).catch(() => null);
  if (!answer?.ok) return show("bad", "✕", said.unknown);
  const [verdict] = (await answer.json()).verdicts;
  const who = (verdict.name || verdict.days) && { r: verdict.ref, n: verdict.name, o: verdict.organisation, c: verdict.category, d: verdict.days };
  if (!verdict.good) return show("bad", "✕", verdict.reason, who);
  await fetchPeople();
  if (verdict.new) return show("good", "✓", said.in, who);
  return show("again", "!", `${said.again} ${clock(verdict.first)}`, who);
}

const sending = (scans) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ scans: scans.map(({ code, ref, at, session, undo }) => ({ code, ref, at, session, undo })) }),
});

let busy = false;
async function send() {
  if (busy || isForgotten) return;
  busy = true;
  try {
    for (;;) {
      const [allKeys, all] = await Promise.all(["getAllKeys", "getAll"].map((act) => kept("queue", "readonly", (store) => store[act]())));
      if (!allKeys.length) return tell(said.online);
      const door = all[0].door || base; // scans of an earlier link on this device go there
      const places = [...all.keys()].filter((place) => (all[place].door || base) === door).slice(0, 100);
      const [keys, scans] = [places.map((place) => allKeys[place]), places.map((place) => all[place])];
      const answer = await fetch(`${door}/scans`, sending(scans)).catch(() => null);
      if (answer?.status === 404 && door === base) return forgetAll();
      if (answer?.status === 404) {
        for (const key of keys) await kept("queue", "readwrite", (store) => store.delete(key));
        continue;
      }
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
    ? [...byRef.values()].filter((person) => words.every((word) => plain(`${person.n} ${person.o}`).includes(word))).slice(0, 12)
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
    let quiet = 0;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      const text = video.videoWidth ? await read(video) : undefined;
      // the same badge stays in front of the camera for a while
      if (!text || (text === last && Date.now() < quiet)) continue;
      [last, quiet] = [text, Date.now() + 4000];
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
forgetEarlier().then(fetchPeople).then(send).then(() => part("text").value && find());
