# ruff: noqa: E501  One line a field: a table is read down its columns.
from shopwright.surfaces.transfer.demo.goods.good import Good, Question, Shelf, Size

TRAIL = "Northway"
GARDEN = "Terra Nova"

SHELF = Shelf(
    slug="outdoor",
    title=("Outdoor", "Draußen"),
    text=("From the balcony to the far side of the lake.", "Vom Balkon bis ans andere Ufer."),
    questions=(
        Question("material", ("Material", "Material"), {"canvas": ("Canvas", "Kanvas"), "steel": ("Steel", "Stahl"), "wool": ("Wool", "Wolle"), "wood": ("Wood", "Holz"), "enamel": ("Enamel", "Emaille")}),
        Question("waterproof", ("Waterproof", "Wasserdicht")),
    ),
    goods=(
        Good(
            picture="backpack", brand=TRAIL, title=("Day Pack", "Tagesrucksack"), price=(9900, 10500), was=(12900, 13500), grams=980, colours=("oat", "moss", "night"), tags=("bag", "hiking"), is_new=True,
            text=("Waxed canvas, leather straps and 22 litres that swallow a weekend.", "Gewachster Kanvas, Lederriemen und 22 Liter, in die ein Wochenende passt."),
            attributes={"material": "canvas", "waterproof": True},
        ),
        Good(
            picture="flask", brand=TRAIL, title=("Trail Flask", "Trinkflasche Pfad"), price=(2900, 3000), grams=330, colours=("peat", "moss", "tide", "ochre"),
            sizes=(Size(("0.5 l", "0,5 l")), Size(("0.75 l", "0,75 l"), (600, 600), 90)), tags=("hiking", "gift"),
            text=("Double-walled steel: tea for twelve hours, ice for a day.", "Doppelwandiger Stahl: Tee für zwölf Stunden, Eis für einen Tag."),
            attributes={"material": "steel", "waterproof": True},
        ),
        Good(
            picture="enamel", brand=TRAIL, title=("Campfire Mug", "Lagerfeuerbecher"), price=(1400, 1500), grams=140, colours=("tide", "rust", "moss", "sand"), tags=("camping", "gift"),
            text=("Enamel on steel with a rolled rim. Every chip will be a story.", "Emaille auf Stahl mit gerolltem Rand. Jede Macke wird eine Geschichte."),
            attributes={"material": "enamel", "waterproof": True},
        ),
        Good(
            picture="picnic", brand=TRAIL, title=("Picnic Blanket", "Picknickdecke"), price=(5900, 6200), grams=1500, colours=("rust", "moss", "tide"), tags=("summer", "gift"),
            text=("Wool above, waxed cotton below, rolled up in leather straps. 150 by 200 cm.", "Oben Wolle, unten gewachste Baumwolle, gerollt in Lederriemen. 150 mal 200 cm."),
            attributes={"material": "wool", "waterproof": True},
        ),
        Good(
            picture="stool", brand=TRAIL, title=("Folding Stool", "Klapphocker"), price=(4900, 5200), was=(5900, 6200), grams=1400, colours=("moss", "rust", "night"), tags=("camping",),
            text=("Beech legs and a canvas seat. Folds flat, carries 120 kilograms and one coffee.", "Buchenbeine und Kanvassitz. Flach zu falten, trägt 120 Kilo und einen Kaffee."),
            attributes={"material": "wood", "waterproof": False},
        ),
        Good(
            picture="wateringcan", brand=GARDEN, title=("Watering Can", "Gießkanne"), price=(3900, 4200), grams=1100, colours=("ochre", "moss", "tide"),
            sizes=(Size(("3 l", "3 l")), Size(("6 l", "6 l"), (1600, 1600), 500)), tags=("garden",),
            text=("Balanced when full, with a brass rose as fine as summer rain.", "Auch voll im Gleichgewicht, mit einer Messingbrause so fein wie Sommerregen."),
            attributes={"material": "steel", "waterproof": True}, is_new=True,
        ),
        Good(
            picture="beanie", brand="Hill Flock", title=("Fisherman Beanie", "Fischermütze"), price=(2600, 2700), grams=90, colours=("night", "rust", "moss", "oat"), tags=("winter", "gift"),
            text=("Ribbed merino, knitted in the round. Short enough for town, warm enough for the ferry.", "Geripptes Merino, rund gestrickt. Kurz genug für die Stadt, warm genug für die Fähre."),
            attributes={"material": "wool", "waterproof": False},
        ),
        Good(
            picture="lunchbox", brand=TRAIL, title=("Lunch Tin", "Brotdose"), price=(2400, 2500), grams=380, colours=("rose", "tide", "sage"),
            sizes=(Size(("0.8 l", "0,8 l")), Size(("1.2 l", "1,2 l"), (600, 700), 120)), tags=("hiking",),
            text=("Steel with clips that click. Keeps the sandwich and the peach apart.", "Stahl mit Klammern, die klicken. Hält Brot und Pfirsich auseinander."),
            attributes={"material": "steel", "waterproof": True},
        ),
        Good(
            picture="trowels", brand=GARDEN, title=("Trowel and Fork", "Schaufel und Gabel"), price=(3200, 3400), grams=620, colours=("rust", "moss"), tags=("garden", "tools", "gift"),
            text=("Stainless heads on ash handles, for beds, pots and stubborn dandelions.", "Edelstahl an Eschengriffen, für Beete, Töpfe und sturen Löwenzahn."),
            attributes={"material": "steel", "waterproof": True},
        ),
        Good(
            picture="birdfeeder", brand=GARDEN, title=("Bird House Feeder", "Futterhaus"), price=(3600, 3800), was=(4200, 4400), grams=1250, colours=("peat", "moss", "tide"), tags=("garden", "gift"),
            text=("A larder on a string: refill it from the top, watch from the kitchen.", "Eine Speisekammer am Faden: von oben zu füllen, von der Küche aus zu beobachten."),
            attributes={"material": "wood", "waterproof": True},
        ),
    ),
)  # fmt: skip
