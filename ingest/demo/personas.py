"""The people of the demo bank as whom one may sign in: one for each role."""

from dataclasses import dataclass

from graph.domain.access import Identity, Method, Reach, Role
from graph.domain.vocabulary import Label


@dataclass(frozen=True, slots=True)
class Persona:
    """``code`` stands in addresses; ``about`` says what there is to try."""

    code: str
    identity: Identity
    about: Label


def _persona(code: str, name: str, role: Role, reach: Reach, about: Label) -> Persona:
    identity = Identity(
        actor=f"demo-{code}",
        name=name,
        roles=frozenset({role}),
        reach=reach,
        method=Method.SESSION,
    )
    return Persona(code, identity, about)


PERSONAS = (
    _persona(
        "handler",
        "林越 Lin Yue",
        Role.HANDLER,
        Reach(branches=("ANLAN-NANHU-LAKE",)),
        Label(
            "安澜分行南湖路网点经办人：办理本网点的投诉。",
            "Handler at the South Lake Outlet in Anlan: works on the outlet's cases.",
        ),
    ),
    _persona(
        "supervisor",
        "沈可 Shen Ke",
        Role.SUPERVISOR,
        Reach(branches=("ANLAN",)),
        Label(
            "安澜分行主管：负责分行辖内全部网点。",
            "Supervisor of the Anlan branch: answers for all its outlets.",
        ),
    ),
    _persona(
        "analyst",
        "方宁 Fang Ning",
        Role.ANALYST,
        Reach(everything=True),
        Label(
            "总行分析人员：面向全行，查找大量投诉背后的原因。",
            "Analyst at head office: looks for what stands behind many cases, over the whole bank.",
        ),
    ),
    _persona(
        "auditor",
        "邱然 Qiu Ran",
        Role.AUDITOR,
        Reach(everything=True),
        Label(
            "审计人员：查看谁做过什么、谁看过什么。", "Auditor: reads what was done and by whom."
        ),
    ),
    _persona(
        "administrator",
        "何一 He Yi",
        Role.ADMINISTRATOR,
        Reach(everything=True),
        Label("管理员：维护系统。", "Administrator: keeps the service."),
    ),
)
