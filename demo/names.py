"""What the demo retailer sells and who shops there. Data only."""

from __future__ import annotations

from typing import Final

RETAILER: Final = "Linden & Sons"
STORES: Final = (
    ("store-1", "Linden Mitte", "Torstraße 12", "10119", "Berlin"),
    ("store-2", "Linden Nord", "Osterstraße 40", "20259", "Hamburg"),
    ("store-3", "Linden Hafen", "Am Kai 3", "28217", "Bremen"),
)
"""Code, name in both systems, street, postal code, city."""
WAREHOUSE: Final = ("warehouse", "Warehouse", "Lagerweg 1", "39104", "Magdeburg")

GOODS: Final = (
    *(("MUG", "Mug", "Kitchen", 1290), ("CUP", "Espresso cup", "Kitchen", 890), ("BWL", "Bowl", "Kitchen", 1590)),
    *(("PLT", "Plate", "Kitchen", 1490), ("JUG", "Jug", "Kitchen", 3490), ("VAS", "Vase", "Living", 4290)),
    *(("CND", "Candle", "Living", 1890), ("TRY", "Tray", "Living", 2990), ("TWL", "Towel", "Bath", 2490)),
    *(("APR", "Apron", "Kitchen", 3290), ("CSH", "Cushion", "Living", 3990), ("BLK", "Blanket", "Living", 8900)),
    *(("TEE", "T-shirt", "Wear", 2500), ("SWT", "Sweater", "Wear", 7900), ("CAP", "Cap", "Wear", 2200)),
    *(("SCF", "Scarf", "Wear", 4900), ("SOC", "Socks", "Wear", 1200), ("BAG", "Shoulder bag", "Wear", 6900)),
    *(("TOT", "Tote", "Wear", 1900), ("NTB", "Notebook", "Desk", 1450), ("PEN", "Fountain pen", "Desk", 3900)),
    *(("CLK", "Wall clock", "Living", 5400), ("LMP", "Lamp", "Living", 9900), ("RUG", "Rug", "Living", 19900)),
    *(("BSK", "Basket", "Living", 3400), ("KNF", "Knife", "Kitchen", 4500), ("BRD", "Cutting board", "Kitchen", 3900)),
    *(("OIL", "Oil bottle", "Kitchen", 2100), ("SLT", "Salt cellar", "Kitchen", 1700), ("SOP", "Soap dish", "Bath", 1350)),
    *(("TEA", "Tea pot", "Kitchen", 4600), ("COF", "Coffee filter", "Kitchen", 2700), ("TIN", "Biscuit tin", "Kitchen", 1600)),
    *(("DIF", "Diffuser", "Living", 3100), ("MIR", "Mirror", "Living", 7400), ("HOK", "Coat hook", "Living", 1150)),
    *(("STL", "Stool", "Living", 8800), ("FRM", "Picture frame", "Living", 2600), ("KEY", "Key ring", "Wear", 990)),
    *(("WLT", "Wallet", "Wear", 5900), ("UMB", "Umbrella", "Wear", 3800), ("BTL", "Water bottle", "Kitchen", 2300)),
    *(("FLS", "Flask", "Kitchen", 3300), ("PAN", "Pan", "Kitchen", 6400), ("POT", "Stock pot", "Kitchen", 8200)),
    *(("WSK", "Whisk", "Kitchen", 1250), ("SPN", "Spoon", "Kitchen", 950), ("GLV", "Oven glove", "Kitchen", 1550)),
    *(("MAT", "Door mat", "Living", 2950), ("BRM", "Broom", "Bath", 2450), ("SHV", "Shaving bowl", "Bath", 2650)),
    *(("RBE", "Bathrobe", "Bath", 8700), ("SLP", "Slippers", "Wear", 3600), ("BLT", "Belt", "Wear", 4400)),
    *(("HAT", "Straw hat", "Wear", 4100), ("GLS", "Glass", "Kitchen", 1050), ("CRF", "Carafe", "Kitchen", 3150)),
    *(("NPK", "Napkin", "Kitchen", 1100), ("TBL", "Table cloth", "Kitchen", 5600), ("PLD", "Plaid", "Living", 7200)),
)
"""Code, title, category, price in cents."""
COLOURS: Final = (("GRN", "Green"), ("BLU", "Blue"), ("RED", "Red"), ("SND", "Sand"))

PEOPLE: Final = (
    (("Camille", "Louis", "Zoé", "François", "Élodie", "Théo"), ("Martin", "Lefèvre", "Dubois", "Noël", "Garçon", "Moreau")),
    (("Jürgen", "Anneliese", "Søren", "Åsa", "Björn"), ("Müller", "Groß", "Ødegård", "Ström", "Weiß")),
    (("José", "Inês", "Núria", "Siobhán", "Łukasz"), ("Peña", "Gonçalves", "O’Brien", "Wiśniewski", "Ibáñez-García")),
    (("Ольга", "Дмитрий", "Наталья", "Сергей"), ("Иванова", "Петров", "Ковальчук", "Шевченко")),
    (("Ελένη", "Νίκος", "Μαρία"), ("Παπαδοπούλου", "Γεωργίου", "Αγγελής")),
    (("美咲", "翔太", "さくら", "健一"), ("佐藤", "鈴木", "高橋", "渡辺")),
    (("伟", "秀英", "志强"), ("王", "李", "陈")),
    (("서연", "민준", "지우"), ("김", "박", "최")),
    (("فاطمة", "محمد", "ليلى"), ("الحسن", "العلي", "منصور")),
    (("נועה", "יוסף"), ("לוי", "כהן")),
    (("Nguyễn", "Thảo"), ("Trần", "Phạm")),
    (("प्रिया", "अर्जुन"), ("शर्मा", "पटेल")),
)
"""First and family names, by script or language."""
STREETS: Final = ("Lindenstraße", "Hauptstr.", "Am Markt", "rue de l’Église", "Schlossallee", "Grüner Weg", "ul. Długa")
CITIES: Final = (
    ("10115", "Berlin"),
    ("20095", "Hamburg"),
    ("50667", "Köln"),
    ("80331", "München"),
    ("28195", "Bremen"),
    ("01067", "Dresden"),
    ("90402", "Nürnberg"),
    ("24103", "Kiel"),
)
FLOORS: Final = ("2. OG", "Hinterhaus", "Apt 12", "c/o Leroy", "Aufgang B")
NOTES: Final = (
    "Prefers the morning",
    "Allergic to wool",
    "Gift wrap, always",
    "Calls before coming",
    "Collects the green series",
    "Ring twice ☎",
    "Aime le thé",
)
ADJECTIVES: Final = ("fine", "old", "new", "large", "small", "soft", "bright", "plain")
AGENTS: Final = ("Kim", "Ngozi", "Pavel")
QUESTIONS: Final = (
    ("Where is my parcel?", "It was to come yesterday. Can you look?"),
    ("Wrong colour", "I asked for the green one. What now?"),
    ("It arrived broken", "The box was fine, what is in it is not."),
    ("Can I bring it back to a store?", "I am in Hamburg next week."),
    ("Invoice", "My accountant asks for an invoice with our address."),
    ("Opening hours", "Are you open on the 24th?"),
    ("Größe?", "Fällt der Pullover klein aus?"),
)
"""Subject and first message of a ticket."""
ANSWERS: Final = (
    "I am looking into it.",
    "It leaves our warehouse today.",
    "Please bring it to any of our stores.",
    "Sorry about that!",
)
MEMOS: Final = ("Asked the warehouse.", "Second time this month.", "Offer a voucher?")
THANKS: Final = ("Thank you!", "And when will that be?", "Found it, it was at the neighbour's.")
