# ruff: noqa: E501, RUF001  One line a field: a table is read down its columns.
from shopwright.surfaces.transfer.demo.goods.good import LARGE, MEDIUM, SMALL, Good, Question, Shelf, Size

LOOM = "Loom House"
FLOCK = "Hill Flock"

SHELF = Shelf(
    slug="textiles",
    title=("Textiles", "Textilien"),
    text=("Wool, linen and cotton to live with.", "Wolle, Leinen und Baumwolle zum Leben."),
    questions=(
        Question("material", ("Material", "Material"), {"wool": ("Wool", "Wolle"), "linen": ("Linen", "Leinen"), "cotton": ("Cotton", "Baumwolle"), "felt": ("Felt", "Filz")}),
        Question("washable_at", ("Washable at (°C)", "Waschbar bei (°C)"), is_number=True),
        Question("organic", ("Organic", "Bio")),
    ),
    goods=(
        Good(
            picture="throw", brand=FLOCK, title=("Lambswool Throw", "Lammwolldecke"), price=(8900, 9200), was=(11900, 12500), grams=900, colours=("moss", "rust", "oat", "night"), tags=("cosy", "gift"),
            text=("New wool, brushed soft, with fringes twisted by hand. 130 by 190 cm, enough for two.", "Schurwolle, weich aufgeraut, mit handgedrehten Fransen. 130 mal 190 cm, genug für zwei."),
            attributes={"material": "wool", "washable_at": 30, "organic": True},
        ),
        Good(
            picture="cushion", brand=LOOM, title=("Linen Cushion", "Leinenkissen"), price=(3400, 3500), grams=520, colours=("ochre", "sage", "rose", "sand"),
            sizes=(Size(("40 × 40", "40 × 40")), Size(("50 × 50", "50 × 50"), (1000, 1000), 260)), tags=("cosy",),
            text=("Stone-washed linen with a feather filling and a hidden zip.", "Stonewashed-Leinen mit Federfüllung und verdecktem Reißverschluss."),
            attributes={"material": "linen", "washable_at": 40, "organic": False},
        ),
        Good(
            picture="towels", brand=LOOM, title=("Waffle Towel", "Waffelhandtuch"), price=(1800, 1900), grams=240, colours=("night", "sage", "sand"),
            sizes=(Size(("Hand 50 × 90", "Handtuch 50 × 90")), Size(("Bath 80 × 150", "Badetuch 80 × 150"), (2400, 2500), 320)), tags=("bath",),
            text=("Light, thirsty and dry again before the next shower.", "Leicht, saugstark und trocken, bevor wieder geduscht wird."),
            attributes={"material": "cotton", "washable_at": 60, "organic": True}, is_new=True,
        ),
        Good(
            picture="bedding", brand=LOOM, title=("Linen Bed Set", "Bettwäsche aus Leinen"), price=(14900, 15500), was=(17900, 18500), grams=1600, colours=("rose", "tide", "sand"),
            sizes=(Size(("Single", "135 × 200")), Size(("Double", "200 × 220"), (6000, 6500), 900)), tags=("sleep",),
            text=("Washed until it feels like the third summer. Cool in July, warm in January.", "So lange gewaschen, bis es sich wie der dritte Sommer anfühlt. Kühl im Juli, warm im Januar."),
            attributes={"material": "linen", "washable_at": 60, "organic": True},
        ),
        Good(
            picture="rug", brand=FLOCK, title=("Diamond Runner", "Läufer Raute"), price=(11900, 12500), grams=3400, colours=("oat", "rust", "night"),
            sizes=(Size(("60 × 120", "60 × 120")), Size(("70 × 200", "70 × 200"), (6000, 6500), 2400)), tags=("floor",),
            text=("A flat-woven runner in undyed and dyed wool. Both sides are the right one.", "Ein flach gewebter Läufer aus gefärbter und ungefärbter Wolle. Beide Seiten sind die richtige."),
            attributes={"material": "wool", "washable_at": 30, "organic": False},
        ),
        Good(
            picture="tote", brand=LOOM, title=("Market Tote", "Marktbeutel"), price=(2200, 2400), grams=280, colours=("peat", "sage", "night"), tags=("bag", "gift"),
            text=("Heavy cotton canvas, wide handles, a flat base: two bottles and a loaf stand upright.", "Schwerer Baumwollkanvas, breite Henkel, flacher Boden: Zwei Flaschen und ein Brot stehen aufrecht."),
            attributes={"material": "cotton", "washable_at": 40, "organic": True},
        ),
        Good(
            picture="hotwater", brand=FLOCK, title=("Hot Water Bottle", "Wärmflasche"), price=(2900, 3000), grams=450, colours=("tide", "rose", "moss"), tags=("cosy", "gift"),
            text=("Natural rubber in a knitted jumper of merino. Holds the heat until you sleep.", "Naturkautschuk im Strickpullover aus Merino. Hält die Wärme, bis du schläfst."),
            attributes={"material": "wool", "washable_at": 30, "organic": False},
        ),
        Good(
            picture="napkins", brand=LOOM, title=("Four Napkins", "Vier Servietten"), price=(2600, 2700), grams=210, colours=("rust", "sage", "ochre"), tags=("table", "linen"),
            text=("Washed linen with mitred corners. No ironing, that is the point.", "Gewaschenes Leinen mit Briefecken. Nicht bügeln, genau darum geht es."),
            attributes={"material": "linen", "washable_at": 60, "organic": True},
        ),
        Good(
            picture="socks", brand=FLOCK, title=("Cabin Socks", "Hüttensocken"), price=(1700, 1800), grams=120, colours=("moss", "rust", "night"),
            sizes=(Size(("36–39", "36–39")), Size(("40–43", "40–43"), (0, 0), 10), Size(("44–47", "44–47"), (0, 0), 20)), tags=("cosy", "gift"),
            text=("Thick merino with a terry sole. For floors that are colder than the view is beautiful.", "Dickes Merino mit Frotteesohle. Für Böden, die kälter sind, als die Aussicht schön ist."),
            attributes={"material": "wool", "washable_at": 30, "organic": True}, is_new=True,
        ),
        Good(
            picture="slippers", brand=FLOCK, title=("Felt Slippers", "Filzpantoffeln"), price=(3900, 4200), was=(4600, 4900), grams=360, colours=("ochre", "tide"),
            sizes=(Size(SMALL), Size(MEDIUM, (0, 0), 30), Size(LARGE, (0, 0), 60)), tags=("cosy",),
            text=("Felted in one piece, with a suede sole that makes no sound at night.", "In einem Stück gefilzt, mit einer Velourssohle, die nachts keinen Laut macht."),
            attributes={"material": "felt", "washable_at": 20, "organic": False},
        ),
    ),
)  # fmt: skip
