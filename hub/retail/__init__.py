"""What a record means in the shop: the stock ledger now; reservations, returns and loyalty later. Pure.

In: observed levels, the ends of our own changes, and what is known of a (variant, location). Out: movements, balances, the
figures people see, and the changes that are due. Keeps invariants 4, 5 and 11; the rules are those of DESIGN section 7.
"""

from hub.retail.amounts import misfits
from hub.retail.count import count_level
from hub.retail.ledger import refresh, release
from hub.retail.outcome import apply_shift
from hub.retail.plan import asks_for, plan_quantities
from hub.retail.restored import forget_figures, settle_level
from hub.retail.shares import keep_back
from hub.retail.stock import follow_level, lose_level, meet_level
from hub.retail.summary import summarise, tags_of
from hub.retail.wanted import View, due_shift, view, views

__all__ = [
    "View",
    "apply_shift",
    "asks_for",
    "count_level",
    "due_shift",
    "follow_level",
    "forget_figures",
    "keep_back",
    "lose_level",
    "meet_level",
    "misfits",
    "plan_quantities",
    "refresh",
    "release",
    "settle_level",
    "summarise",
    "tags_of",
    "view",
    "views",
]
