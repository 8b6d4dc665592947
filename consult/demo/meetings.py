"""Four meetings as they were held: days, sessions, how many came. Wording is ours.

Where a programme gave no session times, plausible ones inside the day were chosen.
"""

from dataclasses import dataclass
from datetime import date, time

from consult.agenda.models import SessionKind, SpeakerRole
from consult.agenda.service import SpeakerEntry
from consult.events.models import EventKind, EventModality


@dataclass(frozen=True, kw_only=True)
class Held:
    """A day and how many came to it."""

    date: date
    starts: time = time(9, 30)
    ends: time = time(17, 30)
    in_person: int = 0
    online: int = 0


@dataclass(frozen=True, kw_only=True)
class Talk:
    number: str
    title: str
    starts: time
    ends: time
    day: int = 0
    kind: SessionKind = SessionKind.PLENARY
    questions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    speakers: tuple[SpeakerEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Meeting:
    slug: str
    title: str
    series: str
    kind: EventKind
    modality: EventModality
    summary: str
    days: tuple[Held, ...]
    talks: tuple[Talk, ...]
    next_steps: str
    venue: tuple[str, str, str] = ("", "", "")
    platform: str = ""
    states_from_day: int = 0


def _speaks(function: str, role: SpeakerRole) -> SpeakerEntry:
    return SpeakerEntry(function=function, role=role)


MEETINGS = (
    Meeting(
        slug="consultation-2019",
        title="Consultation with civil society and other stakeholders",
        series="Stakeholder consultations",
        kind=EventKind.CONSULTATION,
        modality=EventModality.IN_PERSON,
        summary=(
            "How should the Network and civil society work together, and what should its work plan put first? "
            "The draft work plan and the programme, drawn up together with partners, were circulated beforehand. "
            "Written comments were welcome before and after the meeting."
        ),
        venue=("International Conference Centre", "Room 4", "Rue de Varembé 17, 1211 Geneva"),
        days=(Held(date=date(2019, 4, 4), starts=time(9), ends=time(17, 30), in_person=96),),
        talks=(
            Talk(
                number="1",
                title="Effective ongoing engagement between the Network and civil society",
                starts=time(9, 30),
                ends=time(11),
            ),
            Talk(
                number="2", title="The work plan and priorities of the Network", starts=time(11, 15), ends=time(12, 45)
            ),
            Talk(
                number="3", title="The start-up fund of the capacity-building mechanism", starts=time(14), ends=time(15)
            ),
            Talk(
                number="4",
                title="Focused plenary discussions on key work streams",
                starts=time(15, 15),
                ends=time(17, 15),
                kind=SessionKind.DISCUSSION,
                parts=(
                    "When and how the Network should raise its voice",
                    "Models for the review forum",
                    "A strategy for the connection hub and knowledge platform",
                    "Contributions to implementation, follow-up and review at every level",
                ),
            ),
        ),
        next_steps=(
            "- Announce future events well ahead.\n"
            "- Write stakeholders' proposals into the terms of reference of a liaison officer, recruited openly and "
            "with regard to gender and geographic balance.\n"
            "- Keep revising the work plan, and show in each draft what the comments changed.\n"
        ),
    ),
    Meeting(
        slug="briefing-2020",
        title="Briefing to Member States",
        series="Briefings to Member States",
        kind=EventKind.BRIEFING,
        modality=EventModality.IN_PERSON,
        summary="Where the work plan stands, how the regional reviews could be held, how the report is prepared.",
        venue=("Palais des Nations", "Room XX", "1211 Geneva"),
        days=(Held(date=date(2020, 3, 4), starts=time(10), ends=time(13), in_person=139),),
        talks=(
            Talk(
                number="1",
                title="Status of the work plan, champion countries and the trust fund",
                starts=time(10),
                ends=time(10, 50),
                speakers=(
                    _speaks("Coordinator of the Network", SpeakerRole.KEYNOTE),
                    _speaks("High Commissioner for Human Rights", SpeakerRole.PANELLIST),
                    _speaks("Deputy Director-General, International Labour Organization", SpeakerRole.PANELLIST),
                    _speaks("Assistant High Commissioner for Protection, UNHCR", SpeakerRole.PANELLIST),
                ),
            ),
            Talk(
                number="2", title="Proposed framework for the regional reviews", starts=time(10, 50), ends=time(11, 30)
            ),
            Talk(number="3", title="Preparation of the Secretary-General's report", starts=time(11, 30), ends=time(12)),
            Talk(number="4", title="Interactive exchange", starts=time(12), ends=time(13), kind=SessionKind.DISCUSSION),
        ),
        next_steps=(
            "- Hold further briefings in two cities during the year.\n"
            "- Offer a checklist and templates for the regional reviews.\n"
            "- Consult informally while the report is drafted.\n"
        ),
    ),
    Meeting(
        slug="annual-2020",
        title="Second annual meeting",
        series="Annual meetings",
        kind=EventKind.ANNUAL_MEETING,
        modality=EventModality.ONLINE,
        summary=(
            "Two days online to look back on the first years of support to implementation, to work better with country "
            "and regional networks, and to see what is coming. Member States join on the second day."
        ),
        platform="Online meeting platform",
        days=(
            Held(date=date(2020, 12, 15), starts=time(14), ends=time(17), online=283),
            Held(date=date(2020, 12, 16), starts=time(14), ends=time(17, 30), online=364),
        ),
        states_from_day=1,
        talks=(
            Talk(
                number="1",
                title="Setting the scene: successes and challenges in supporting implementation",
                starts=time(14),
                ends=time(15, 30),
                questions=("What has worked, and why?", "Where has support not reached those it was meant for?"),
                speakers=(_speaks("Coordinator of the Network", SpeakerRole.OPENING),),
            ),
            Talk(
                number="2",
                title="Enhancing collaboration, including with country and regional networks",
                starts=time(15, 30),
                ends=time(17),
                questions=("How can stakeholders take part in country networks?",),
            ),
            Talk(
                number="3",
                title="Identifying emerging challenges and priorities",
                starts=time(14),
                ends=time(17, 15),
                day=1,
                questions=("Which challenges will shape the coming year?", "What should the next work plan put first?"),
                speakers=(_speaks("Deputy Secretary-General", SpeakerRole.OPENING),),
            ),
        ),
        next_steps="- Feed the answers to a standing survey into next year's work plan.\n",
    ),
    Meeting(
        slug="quarterly-2021-3",
        title="Third quarterly meeting with stakeholders and partners",
        series="Quarterly meetings",
        kind=EventKind.QUARTERLY_MEETING,
        modality=EventModality.ONLINE,
        summary=(
            "News from the Network, and the road to the review forum: who is accredited already (organisations in "
            "consultative status with ECOSOC, or accredited to the earlier process), how all others can apply, and how "
            "speakers and rapporteurs are chosen."
        ),
        platform="Zoom",
        days=(Held(date=date(2021, 9, 22), starts=time(15), ends=time(16, 30), online=151),),
        talks=(
            Talk(
                number="I",
                title="Network updates and inputs: demonstrating impact towards the review forum",
                starts=time(15),
                ends=time(15, 40),
            ),
            Talk(
                number="II",
                title="The road to the review forum and stakeholder engagement",
                starts=time(15, 40),
                ends=time(16, 30),
                parts=(
                    "Plans for the review forum",
                    "Accreditation and registration",
                    "Participation in preparatory activities",
                    "Key priorities and recommendations from stakeholders",
                ),
            ),
        ),
        next_steps="- Keep a public calendar of the consultations to come.\n",
    ),
)
