"""The people of the demo bank as whom one may sign in: one for each role."""

from dataclasses import dataclass

from graph.domain.access import Identity, Method, Reach, Role


@dataclass(frozen=True, slots=True)
class Persona:
    """``code`` stands in addresses; ``description`` says what there is to try."""

    code: str
    identity: Identity
    name_zh: str
    description: str


def _persona(
    code: str, names: tuple[str, str], role: Role, reach: Reach, description: str
) -> Persona:
    identity = Identity(
        actor=f"demo-{code}",
        name=names[0],
        roles=frozenset({role}),
        reach=reach,
        method=Method.SESSION,
    )
    return Persona(code, identity, names[1], description)


PERSONAS = (
    _persona(
        "handler",
        ("Lin Yue", "林越"),
        Role.HANDLER,
        Reach(branches=("ANLAN-NANHU-LAKE",)),
        "Handler at the South Lake Outlet in Anlan: works on the outlet's cases.",
    ),
    _persona(
        "supervisor",
        ("Shen Ke", "沈可"),
        Role.SUPERVISOR,
        Reach(branches=("ANLAN",)),
        "Supervisor of the Anlan branch: answers for all its outlets.",
    ),
    _persona(
        "analyst",
        ("Fang Ning", "方宁"),
        Role.ANALYST,
        Reach(everything=True),
        "Analyst at head office: looks for what stands behind many cases, over the whole bank.",
    ),
    _persona(
        "auditor",
        ("Qiu Ran", "邱然"),
        Role.AUDITOR,
        Reach(everything=True),
        "Auditor: reads what was done and by whom.",
    ),
    _persona(
        "administrator",
        ("He Yi", "何一"),
        Role.ADMINISTRATOR,
        Reach(everything=True),
        "Administrator: keeps the service.",
    ),
)
