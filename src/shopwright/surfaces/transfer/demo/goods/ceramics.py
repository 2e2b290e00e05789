# ruff: noqa: E501  One line a field: a table is read down its columns.
from shopwright.surfaces.transfer.demo.goods.good import LARGE, MEDIUM, SMALL, Good, Question, Shelf, Size

POTTERY = "Salt & Kiln"

SHELF = Shelf(
    slug="ceramics",
    title=("Ceramics", "Keramik"),
    text=("Stoneware, thrown and glazed by hand.", "Steinzeug, von Hand gedreht und glasiert."),
    questions=(
        Question("material", ("Material", "Material"), {"stoneware": ("Stoneware", "Steinzeug"), "porcelain": ("Porcelain", "Porzellan"), "terracotta": ("Terracotta", "Terrakotta")}),
        Question("dishwasher_safe", ("Dishwasher safe", "Spülmaschinenfest")),
        Question("handmade", ("Made by hand", "Handgemacht")),
    ),
    goods=(
        Good(
            picture="mug", brand=POTTERY, title=("Harbour Mug", "Becher Hafen"), price=(2400, 2400), grams=380, is_new=True,
            colours=("tide", "rust", "sand", "night"), tags=("breakfast", "coffee"),
            text=("A mug with a wide handle and a bare clay foot that warms both hands. Holds 350 ml.", "Ein Becher mit breitem Henkel und unglasiertem Fuß, der beide Hände wärmt. Fasst 350 ml."),
            attributes={"material": "stoneware", "dishwasher_safe": True, "handmade": True},
        ),
        Good(
            picture="cup", brand=POTTERY, title=("Espresso Pair", "Espresso-Duo"), price=(3200, 3400), grams=520,
            colours=("rust", "night", "sage"), tags=("coffee", "gift"),
            text=("Two small cups with saucers, thick enough to keep the second sip as hot as the first.", "Zwei kleine Tassen mit Untertassen, dick genug, dass der zweite Schluck so heiß ist wie der erste."),
            attributes={"material": "porcelain", "dishwasher_safe": True, "handmade": False},
        ),
        Good(
            picture="bowl", brand=POTTERY, title=("Everyday Bowl", "Alltagsschale"), price=(1900, 1900), grams=450,
            colours=("sage", "sand", "tide"), sizes=(Size(SMALL), Size(LARGE, (1500, 1600), 650)), tags=("breakfast", "table"),
            text=("For porridge in the morning and ramen at night. Stacks neatly, chips rarely.", "Morgens für Haferbrei, abends für Ramen. Gut zu stapeln, schwer zu zerbrechen."),
            attributes={"material": "stoneware", "dishwasher_safe": True, "handmade": True},
        ),
        Good(
            picture="plate", brand=POTTERY, title=("Field Plate", "Teller Feld"), price=(2200, 2200), grams=620,
            colours=("ochre", "sand", "moss"), sizes=(Size(("21 cm", "21 cm")), Size(("27 cm", "27 cm"), (800, 900), 360)), tags=("table",),
            text=("A flat plate with a low rim and a glaze that breaks to copper at the edge.", "Ein flacher Teller mit niedrigem Rand, dessen Glasur an der Kante ins Kupferne bricht."),
            attributes={"material": "stoneware", "dishwasher_safe": True, "handmade": True},
        ),
        Good(
            picture="vase", brand=POTTERY, title=("Shoulder Vase", "Schultervase"), price=(4900, 5200), was=(5900, 6200), grams=980,
            colours=("night", "rust", "sand"), tags=("flowers", "gift"),
            text=("A narrow neck on broad shoulders: three stems are already a bouquet. 26 cm tall.", "Schmaler Hals auf breiten Schultern: Drei Stiele sind schon ein Strauß. 26 cm hoch."),
            attributes={"material": "stoneware", "dishwasher_safe": False, "handmade": True},
        ),
        Good(
            picture="teapot", brand=POTTERY, title=("Low Tide Teapot", "Teekanne Ebbe"), price=(6900, 7200), grams=1150, is_new=True,
            colours=("tide", "rose", "moss"), tags=("tea", "gift"),
            text=("Pours without a drip, with a bamboo handle that stays cool. 1.1 litres, sieve included.", "Gießt ohne zu tropfen, mit einem Bambusgriff, der kühl bleibt. 1,1 Liter, mit Sieb."),
            attributes={"material": "stoneware", "dishwasher_safe": False, "handmade": True},
        ),
        Good(
            picture="planter", brand="Terra Nova", title=("Window Planter", "Fenstertopf"), price=(1600, 1700), grams=700,
            colours=("sand", "rust", "sage"), sizes=(Size(SMALL), Size(MEDIUM, (800, 800), 500), Size(LARGE, (1900, 2000), 1400)), tags=("plants",),
            text=("A planter with its own saucer, glazed inside so that no ring is left on the sill.", "Ein Topf mit eigenem Untersetzer, innen glasiert, damit kein Rand auf der Fensterbank bleibt."),
            attributes={"material": "terracotta", "dishwasher_safe": False, "handmade": False},
        ),
        Good(
            picture="jug", brand=POTTERY, title=("Dairy Jug", "Milchkrug"), price=(3900, 3900), grams=820,
            colours=("peat", "sand", "tide"), sizes=(Size(("0.5 l", "0,5 l")), Size(("1 l", "1 l"), (1200, 1300), 450)), tags=("table", "breakfast"),
            text=("For milk, for lemonade, for the first dahlias of the year.", "Für Milch, für Limonade, für die ersten Dahlien im Jahr."),
            attributes={"material": "stoneware", "dishwasher_safe": True, "handmade": True},
        ),
        Good(
            picture="dish", brand=POTTERY, title=("Butter Dish", "Butterschale"), price=(2900, 2900), was=(3400, 3500), grams=560, colours=("tide", "ochre"), tags=("breakfast",),
            text=("Holds half a pound of butter at the temperature it should have: spreadable.", "Hält ein halbes Pfund Butter so, wie sie sein soll: streichzart."),
            attributes={"material": "stoneware", "dishwasher_safe": True, "handmade": True},
        ),
        Good(
            picture="cruet", brand="Terra Nova", title=("Olive Oil Cruet", "Ölkaraffe"), price=(2700, 2800), grams=610, colours=("rust", "moss", "sand"), tags=("kitchen", "gift"),
            text=("Opaque, as good oil likes it, with a steel spout that closes by itself.", "Lichtdicht, wie gutes Öl es mag, mit einem Stahlausgießer, der sich selbst schließt."),
            attributes={"material": "terracotta", "dishwasher_safe": True, "handmade": False},
        ),
    ),
)  # fmt: skip
