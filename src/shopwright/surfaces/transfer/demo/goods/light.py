# ruff: noqa: E501  One line a field: a table is read down its columns.
from shopwright.surfaces.transfer.demo.goods.good import LARGE, SMALL, Good, Question, Shelf, Size

WAX = "Wick & Wren"
LAMPS = "Lumen Works"

SHELF = Shelf(
    slug="light-and-scent",
    title=("Light & Scent", "Licht & Duft"),
    text=("For the hours after sunset.", "Für die Stunden nach Sonnenuntergang."),
    questions=(
        Question("scent", ("Scent", "Duft"), {"cedar": ("Cedar", "Zeder"), "fig": ("Fig", "Feige"), "rain": ("Rain", "Regen"), "lavender": ("Lavender", "Lavendel"), "none": ("None", "Ohne")}),
        Question("burn_hours", ("Burns for (hours)", "Brenndauer (Stunden)"), is_number=True),
        Question("dimmable", ("Dimmable", "Dimmbar")),
    ),
    goods=(
        Good(
            picture="candle", brand=WAX, title=("Cedar Candle", "Kerze Zeder"), price=(2800, 2900), grams=420, colours=("night", "moss", "rust"),
            sizes=(Size(SMALL), Size(LARGE, (1600, 1700), 380)), tags=("gift", "cosy"), is_new=True,
            text=("Rapeseed wax, cotton wick, the scent of a pencil just sharpened. The glass becomes a cup.", "Rapswachs, Baumwolldocht und der Duft eines frisch gespitzten Stifts. Das Glas wird zum Becher."),
            attributes={"scent": "cedar", "burn_hours": 50},
        ),
        Good(
            picture="tapers", brand=WAX, title=("Dinner Tapers", "Tafelkerzen"), price=(1200, 1300), grams=240, colours=("rose", "sage", "ochre", "sand"), tags=("table", "gift"),
            text=("Three candles, dyed through, that neither drip nor soot. Seven hours of dinner each.", "Drei durchgefärbte Kerzen, die weder tropfen noch rußen. Je sieben Stunden Abendessen."),
            attributes={"scent": "none", "burn_hours": 7},
        ),
        Good(
            picture="tablelamp", brand=LAMPS, title=("Pebble Lamp", "Lampe Kiesel"), price=(11900, 12900), was=(13900, 14900), grams=1900, colours=("sand", "tide", "rust"), tags=("lamp",),
            text=("A stoneware foot, a linen shade and a dimmer in the cord. Bulb included, warm white.", "Fuß aus Steinzeug, Schirm aus Leinen, Dimmer in der Schnur. Mit Leuchtmittel, warmweiß."),
            attributes={"scent": "none", "dimmable": True},
        ),
        Good(
            picture="pendant", brand=LAMPS, title=("Foundry Pendant", "Pendelleuchte Gießerei"), price=(14900, 15900), grams=1700, colours=("peat", "coal", "moss"),
            sizes=(Size(("35 cm", "35 cm")), Size(("50 cm", "50 cm"), (5000, 5500), 900)), tags=("lamp",),
            text=("Spun steel, enamelled inside for a soft white light over the whole table.", "Gedrückter Stahl, innen emailliert, für weiches Licht über dem ganzen Tisch."),
            attributes={"scent": "none", "dimmable": True},
        ),
        Good(
            picture="lantern", brand=LAMPS, title=("Porch Lantern", "Verandalaterne"), price=(4400, 4500), grams=1300, colours=("tide", "coal", "sand"), tags=("garden", "cosy"),
            text=("Galvanised and powder-coated, with a door that closes against the wind.", "Verzinkt und pulverbeschichtet, mit einer Tür, die dem Wind trotzt."),
            attributes={"scent": "none", "dimmable": False},
        ),
        Good(
            picture="diffuser", brand=WAX, title=("Reed Diffuser", "Duftstäbchen"), price=(3200, 3400), was=(3900, 3900), grams=390, colours=("rust", "sage", "rose"), tags=("gift",),
            text=("Fig leaf and milk, for three months. Turn the reeds when guests come.", "Feigenblatt und Milch, für drei Monate. Stäbchen wenden, wenn Gäste kommen."),
            attributes={"scent": "fig"},
        ),
        Good(
            picture="incense", brand=WAX, title=("Rain Incense", "Räucherwerk Regen"), price=(1900, 2000), grams=280, colours=("sage", "night"), tags=("gift", "cosy"),
            text=("Forty sticks and a stoneware tray. It smells of warm stone after a shower.", "Vierzig Stäbchen und eine Schale aus Steinzeug. Riecht nach warmem Stein nach dem Regen."),
            attributes={"scent": "rain", "burn_hours": 1},
        ),
        Good(
            picture="matches", brand=WAX, title=("Long Matches", "Lange Streichhölzer"), price=(700, 800), grams=60, colours=("ochre", "rust", "tide"), tags=("gift",),
            text=("Sixty matches of ten centimetres, with coloured heads and a striker on the box.", "Sechzig Hölzer von zehn Zentimetern, mit farbigen Köpfen und Reibfläche an der Dose."),
            attributes={"scent": "none"},
        ),
        Good(
            picture="fairylights", brand=LAMPS, title=("Garden String Lights", "Lichterkette Garten"), price=(3900, 4200), grams=850, colours=("night", "ochre"),
            sizes=(Size(("5 m", "5 m")), Size(("10 m", "10 m"), (2600, 2700), 700)), tags=("garden",),
            text=("Shatterproof bulbs on a cloth cord, for rain, wind and long evenings.", "Bruchfeste Birnen an der Textilschnur, für Regen, Wind und lange Abende."),
            attributes={"scent": "none", "dimmable": True}, is_new=True,
        ),
        Good(
            picture="soap", brand=WAX, title=("Lavender Soap", "Lavendelseife"), price=(900, 1000), grams=140, colours=("rose", "sage", "oat"), tags=("bath", "gift"),
            text=("Cold-stirred from olive and shea, cured for six weeks, cut by wire.", "Kalt gerührt aus Olive und Shea, sechs Wochen gereift, mit Draht geschnitten."),
            attributes={"scent": "lavender"},
        ),
    ),
)  # fmt: skip
