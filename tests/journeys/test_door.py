"""A delegation, a waiting list, the door with and without the network, two platforms' reports, and the figures.

In production with JavaScript, where badges are held before a real camera; and on the embedded default without, where
people are found by name.
"""

import csv
import io
import sqlite3
from datetime import UTC, datetime, timedelta

import openpyxl
import psycopg
import pytest
import segno
from PIL import Image

from consult import create_app
from consult.sealing import unsealed_key
from tests import services
from tests.conftest import config_for
from tests.journeys.conftest import ARGUMENTS, Person
from tests.journeys.test_accreditation import path_of, sign_up
from tests.live.deployment import ADMINISTRATOR, PASSWORD, link_in, wait_for

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("journeys")]

NOW = datetime.now(UTC)
SLUG = "open-door-2030"
EVENT, DESK = f"/events/{SLUG}", f"/workspace/events/{SLUG}"
PEOPLE = [f"Delegate {word}" for word in ("Abebe", "Bekele", "Chanda", "Dlamini")]


def test_registration_the_door_and_the_figures(browser, deployment, person, tmp_path):
    desk, focal = person(), person()
    desk.sign_in(ADMINISTRATOR, PASSWORD)
    announce(desk)
    sign_up(focal, "Naledi Mokoena", "naledi@union.example", deployment.mailbox)
    describe(focal)
    delegation(focal)
    they_agree(person(), focal, deployment.mailbox)
    waiting_list(desk, focal, deployment.mailbox)
    link = open_door(desk)
    if desk.script:
        door_with_camera(browser, deployment, desk, link, tmp_path)
    else:
        door_by_name(person(width=360), link)
    reports(desk)
    figures(desk, deployment)


def announce(desk):
    """A hybrid event held today, with two places in person."""
    desk.goto("/workspace/series/new")
    desk.fill(title="Open doors")
    desk.press("Create")
    desk.fill(title="Open door 2030", series="open-doors", kind="briefing", modality="hybrid", timezone="UTC")
    desk.fill(venue_name="Hall", offer_hours="48")
    desk.fill(days__0__date=NOW.strftime("%Y-%m-%d"), days__0__starts="00:01", days__0__ends="23:59")
    desk.press("Save")
    desk.press("New category")
    desk.fill(title="Unions", capacity_in_person="2", colour="purple")
    desk.press("Save")
    desk.goto(f"{DESK}/settings")
    opens, closes = (NOW + timedelta(days=days) for days in (-1, 1))
    desk.fill(
        registration_opens_at=opens.strftime("%Y-%m-%dT%H:%M"), registration_closes_at=closes.strftime("%Y-%m-%dT%H:%M")
    )
    # an offer ends before the event begins: one that is held today gives freed places at once
    desk.press("Save")
    desk.goto(DESK)
    desk.press("Publish")


def describe(focal):
    focal.goto("/my/organisations/new")
    focal.fill(name="Union of Hands", category="trade-union", country="ZA")
    focal.press("Save")


def sheet(rows):
    book = openpyxl.Workbook()
    book.active.append(["Given name", "Family name", "E-mail address", "Takes part"])
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "delegation.xlsx", "mimeType": media_type, "buffer": buffer.getvalue()}


def delegation(focal):
    """Two bad rows: nobody is registered, and both are named. Corrected, all are."""
    focal.goto(f"{EVENT}/registrations/new/spreadsheet")
    names = [name.split() for name in PEOPLE]
    good = [[given, family, f"{family.lower()}@union.example", "In person"] for given, family in names]
    bad = [good[0], [*good[1][:2], "no address", "In person"], good[2], [*good[3][:3], "By boat"]]
    focal.page.set_input_files("#file", sheet(bad))
    focal.press("Register all")
    focal.sees("2 lines are to be corrected:", "Line 3: “no address”", "Line 5: “By boat”")
    focal.page.set_input_files("#file", sheet(good))
    focal.press("Register all")
    focal.sees("4 people have been entered.", "Delegate Dlamini", "Waits for the person")


def they_agree(delegate, focal, mailbox):
    """Each agrees behind the link of their own mail; two have places, two wait."""
    for name in ("abebe", "bekele", "chanda", "dlamini"):
        mail = mailbox.wait(f"{name}@union.example", "Do you agree to be registered?")
        delegate.goto(path_of(link_in(mail, "/registrations/")))
        delegate.press("Yes, register me")
    focal.goto(f"{EVENT}/registrations")
    focal.sees("Confirmed", "On the waiting list")


def waiting_list(desk, focal, mailbox):
    """Sold out: two wait. One who has a place changes to online, another withdraws; the list moves in order."""
    mailbox.wait("chanda@union.example", "You are on the waiting list")
    focal.press("Delegate Abebe")
    focal.press("Take part online instead")
    mailbox.wait("chanda@union.example", "Your place is confirmed")
    focal.goto(f"{EVENT}/registrations")
    focal.press("Delegate Dlamini")
    focal.sees("This is number 1 on the waiting list")
    desk.goto(f"{DESK}/registrations?status=confirmed")
    desk.sees("Delegate Bekele", "Delegate Chanda", "Delegate Abebe")


def open_door(desk):
    desk.goto(f"{DESK}/door")
    desk.fill(name="Main entrance")
    desk.page.get_by_role("button", name="Make a link for").click()
    desk.page.wait_for_load_state()
    desk.sees("The link is shown once.")
    return path_of(desk.page.locator(".note-good a").get_attribute("href"))


def badge_codes(desk, deployment):
    """What the badges say, by family name."""
    rows = query(deployment, "SELECT family_name, badge_code FROM registration WHERE status = 'confirmed'")
    app = create_app(config_for(f"sqlite:///{deployment.folder}/unused.db", deployment.folder))
    with app.app_context():  # which has the secret the codes are sealed with
        return {name: unsealed_key(code) for name, code in rows}


def query(deployment, statement):
    url = deployment.environment.get("DATABASE_URL", f"sqlite:///{deployment.folder}/consult.db")
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        rows = connection.execute(statement).fetchall()
        connection.close()
        return rows
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(statement).fetchall()


def video_of(code, path):
    """A badge held before the camera, as Chromium's fake camera plays it (Y4M, 4:2:0)."""
    made = io.BytesIO()
    segno.make(f"http://localhost/check-in/{code}", error="m").save(made, kind="png", scale=9, border=6)
    picture = Image.open(made).convert("L")
    frame = Image.new("L", (640, 480), 255)
    frame.paste(picture, ((640 - picture.width) // 2, (480 - picture.height) // 2))
    grey = bytes([128]) * (320 * 240)
    with path.open("wb") as video:
        video.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _frame in range(5):
            video.write(b"FRAME\n" + frame.tobytes() + grey + grey)


def door_with_camera(browser, deployment, desk, link, folder):
    """One badge before the camera with the network, the next without: kept, shown again as known, and sent later."""
    codes = badge_codes(desk, deployment)
    video = folder / "badge.y4m"
    video_of(codes["Bekele"], video)
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    camera.append(f"--use-file-for-fake-video-capture={video}")
    watching = browser.browser_type.launch(executable_path=services.chromium(), args=[*ARGUMENTS, *camera])
    keeper = Person(watching, deployment, script=True, width=390)
    keeper.page.context.grant_permissions(["camera"])
    keeper.goto(link)
    keeper.page.get_by_text("Connected. Everything is sent.").wait_for()
    keeper.page.get_by_role("button", name="Scan badges").click()
    keeper.page.get_by_text("✓ Checked in").wait_for()
    keeper.sees("Delegate Bekele", "Union of Hands")
    keeper.check()
    desk.goto(f"{DESK}/door")
    desk.sees("1 of 2 expected have arrived")
    keeper.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    keeper.page.reload()  # so that the service worker has the page
    keeper.page.get_by_text("Connected. Everything is sent.").wait_for()
    keeper.page.context.set_offline(True)
    keeper.page.reload()
    keeper.page.locator("#text").fill("chanda")
    keeper.page.get_by_role("button", name="Check in", exact=True).click()
    keeper.page.get_by_text("✓ Checked in").wait_for()
    keeper.page.get_by_text("No network. The door goes on; scans are kept here: 1").wait_for()
    keeper.page.get_by_role("button", name="✓").click()
    keeper.page.get_by_text("Checked in before, at").wait_for()
    desk.page.reload()
    desk.sees("1 of 2 expected have arrived")
    keeper.page.context.set_offline(False)
    keeper.page.get_by_text("Connected. Everything is sent.").wait_for()
    desk.page.reload()
    desk.sees("2 of 2 expected have arrived")
    nothing_is_left(desk, keeper)
    watching.close()


def nothing_is_left(desk, keeper):
    """Names are encrypted at rest; when the link ends, everything on the device goes before the page says so."""
    kept = """async () => {
      const open = indexedDB.open("consult-door");
      const base = await new Promise((done) => (open.onsuccess = () => done(open.result)));
      const all = base.transaction("people").objectStore("people").getAll();
      const rows = await new Promise((done) => (all.onsuccess = () => done(all.result)));
      base.close();
      const texts = rows.map((row) => new TextDecoder("latin1").decode(row.data));
      for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys())
          texts.push(await (await (await caches.open(name)).match(request)).text());
      return [rows.length, texts.join(" ")];
    }"""
    number, texts = keeper.page.evaluate(kept)
    assert number == 1
    assert "Chanda" not in texts
    earlier = """() => new Promise((done) => {
      const open = indexedDB.open("door-earlier", 1);
      open.onsuccess = () => { open.result.close(); done(); };
    })"""
    keeper.page.evaluate(earlier)  # as an earlier release left it
    desk.page.get_by_role("button", name="End").first.click()
    keeper.page.get_by_text("Everything kept on this device has been erased.").wait_for(timeout=60_000)
    left = "async () => [(await indexedDB.databases()).length, (await caches.keys()).length, sessionStorage.length]"
    assert keeper.page.evaluate(left) == [0, 0, 0]


def door_by_name(keeper, link):
    """The same without a script."""
    keeper.goto(link)
    for name in ("bekele", "chanda"):
        keeper.fill(text=name)
        keeper.press("Find")
        keeper.press("Check in")
        keeper.sees("is checked in.")
    keeper.sees("2 of 2 expected have arrived")


def at(hour, minute=0, *, form):
    return NOW.replace(hour=hour, minute=minute, second=0).strftime(form)


def reports(desk):
    """A Zoom and a Teams report, each sent twice: the second time changes nothing."""
    zoom, teams = "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y, %I:%M:%S %p"
    files = {
        "zoom.csv": (
            "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
            f"Abebe,abebe@union.example,{at(9, form=zoom)},{at(10, form=zoom)},60,Yes\n"
            f"Abebe phone,abebe@union.example,{at(9, 30, form=zoom)},{at(10, 30, form=zoom)},60,Yes\n"
        ).encode(),
        "teams.csv": (
            "1. Summary\nMeeting title\tOpen door\n\n2. Participants\nName\tFirst Join\tLast Leave\tIn-Meeting Duration"
            f"\tEmail\tRole\nDelegate Abebe\t{at(10, form=teams)}\t{at(11, form=teams)}\t1h\tabebe@union.example\tA\n"
        ).encode("utf-16"),
    }
    for name, content in files.items():
        for is_first in (True, False):
            desk.goto(f"{DESK}/attendance/imports")
            sent = content if is_first else content + "\n".encode("utf-16-le" if name == "teams.csv" else "utf-8")
            desk.page.set_input_files("#report", {"name": name, "mimeType": "text/csv", "buffer": sent})
            desk.fill(zone="UTC")
            desk.press("Send")
            until(desk, "Count these")
            desk.sees("1 person,")
            desk.press("Count these")
            until(desk, "Counted as attended")


def until(person, words):
    wait_for(lambda: person.shows_now(words), what=words)
    person.check()


def figures(desk, deployment):
    """Every figure, derived a second way from the raw rows."""
    desk.goto(f"{DESK}/attendance/summary")
    desk.press("Compile the summary")
    until(desk, "people attended, each counted once")
    lines = desk.page.request.get(f"{DESK}/attendance/summary.csv").text().lstrip("\ufeff").splitlines()
    said = {tuple(row[:2]): row[2:] for row in csv.reader(lines)}
    people = query(deployment, "SELECT id, status, modality, stakeholder, country FROM registration")
    came = query(deployment, "SELECT registration_id, modality, minutes FROM attendance")
    ways = {way: {number for number, modality, _minutes in came if modality == way} for way in ("in_person", "online")}
    confirmed = {number for number, status, *_ in people if status == "confirmed"}
    everybody = ways["in_person"] | ways["online"]
    row = [str(len(each)) for each in (ways["in_person"], ways["online"], everybody)]
    assert said["All days", "Registered"][2] == str(len(people))
    assert said["All days", "Confirmed"][2] == str(len(confirmed))
    assert said["All days", "Attended"] == row == ["2", "1", "3"]
    assert said["All days", "Confirmed and did not come"][2] == str(len(confirmed - everybody))
    assert said["By category", "Trade union"] == said["By country", "South Africa"] == row
    assert said["By region", "Africa"] == said["By organisation", "Union of Hands"] == row
    (day,) = [numbers for (table, _label), numbers in said.items() if table == "By day"]
    assert day == row
    assert {minutes for _number, modality, minutes in came if modality == "online"} == {120}, "stays are joined"
