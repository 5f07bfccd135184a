"""Levels against the alerts that they follow from."""

from graph.consistency.paging import Rule

WITHOUT_ALERT = Rule(
    "levels",
    "Complaint",
    "receivedKey",
    """
    WITH n WHERE n.ruleLevel IS NOT NULL
      AND NOT EXISTS { (n)<-[:RAISED_FOR|COVERS]-(:Alert) }
    RETURN 'no alert' AS detail
    """,
    repairable=False,
)
# An answered case keeps the level with which it was handled, and a person may set any.
BELOW_ALERTS = Rule(
    "levels",
    "Complaint",
    "receivedKey",
    """
    WITH n WHERE EXISTS {
      MATCH (n)<-[:RAISED_FOR|COVERS]-(a:Alert) WHERE NOT EXISTS { (a)-[:EXCLUDES]->(n) }
    } AND (
      n.ruleLevel IS NULL OR n.levelBy IS NULL AND n.status IN $open
        AND (n.ruleLevel = 'RED' AND n.level <> 'RED' OR n.level = 'GREEN'))
    RETURN 'below its alerts' AS detail
    """,
    repairable=False,
)
ABOUT_NOTHING = Rule(
    "alerts",
    "Alert",
    "id",
    """
    WITH n WHERE NOT EXISTS { (n)-[:RAISED_FOR|COVERS|CONCERNS]->() }
    RETURN 'about nothing' AS detail
    """,
    repairable=False,
)
