"""Labels and fixed sentences of the Compare page."""

from ganviz.say import _

TITLE = _("Compare")
NO_RUNS = _(
    "No run is kept yet. Press Start on the Train page: every run is kept, and compared here."
)
PICK = _("Pick runs in the table to draw them together.")
SEARCH = _("Search")
SEARCH_HELP = _("In names, tags, notes, data, loss and settings; several words must all be found.")
STATUS = _("Status")
GROUP_BY = _("Group by")
GROUP_HELP = _("Runs that agree in it are one line, their mean, with a band.")
NO_GROUPS = _("no groups")
BY_SEEDS = _("all but the seed")
X_AXIS = _("Along")
SMOOTH = _("Smoothing")
DIFFERS = _("What differs")
SAME = _("These runs have the same settings.")
QUALITY = _("At the end, beside what real data read")
QUALITY_HELP = _(
    "★ marks the best value, where it is beyond the noise of the next one; ✓ those that cannot be "
    "told from real data."
)
NO_QUALITY = _("None of these runs was measured.")
RENAME = _("Name")
TAGS = _("Tags, separated by commas")
NOTES = _("Notes")
SAVE = _("Save")
DELETE = _("Delete")
OPEN = _("Open on the Train page")
DELETED = _("Deleted. Undo has them back for a minute.")
STORAGE = _("Storage and queue")
AT_ONCE = _("Runs that train at once")
AT_ONCE_HELP = _("Further ones wait for their turn. At first: one for each core.")
BUDGET = _("Room for kept runs, in GB")
BUDGET_HELP = _(
    "What is beyond it is never deleted by itself: the oldest untagged runs are offered."
)
COLUMNS = {
    "name": _("name"),
    "status": _("status"),
    "created": _("begun"),
    "step": _("iterations"),
    "dataset": _("data"),
    "loss": _("loss"),
    "penalty": _("penalty"),
    "seed": _("seed"),
    "value": _("V"),
    "error": _("G's error"),
    "real": _("like real"),
    "tags": _("tags"),
    "id": _("id"),
}
"""Of the table of runs."""
