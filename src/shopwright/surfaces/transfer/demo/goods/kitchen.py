# ruff: noqa: E501  One line a field: a table is read down its columns.
from shopwright.surfaces.transfer.demo.goods.good import LARGE, MEDIUM, SMALL, Good, Question, Shelf, Size

FORGE = "Brook Forge"
TIMBER = "Alder & Son"

SHELF = Shelf(
    slug="kitchen",
    title=("Kitchen", "Küche"),
    text=("Tools that get better with use.", "Werkzeug, das mit dem Gebrauch besser wird."),
    questions=(
        Question("material", ("Material", "Material"), {"oak": ("Oak", "Eiche"), "steel": ("Steel", "Stahl"), "cast_iron": ("Cast iron", "Gusseisen"), "glass": ("Glass", "Glas"), "linen": ("Linen", "Leinen"), "stone": ("Stone", "Stein"), "paper": ("Paper", "Papier")}),
        Question("dishwasher_safe", ("Dishwasher safe", "Spülmaschinenfest")),
    ),
    goods=(
        Good(
            picture="board", brand=TIMBER, title=("Carving Board", "Tranchierbrett"), price=(3900, 3900), grams=900, colours=("oak",),
            sizes=(Size(SMALL), Size(MEDIUM, (1500, 1600), 500), Size(LARGE, (3500, 3600), 1300)), tags=("table",),
            text=("Cut from one piece of oak, oiled twice, with a handle to hang it up by.", "Aus einem Stück Eiche, zweimal geölt, mit einem Griff zum Aufhängen."),
            attributes={"material": "oak", "dishwasher_safe": False},
        ),
        Good(
            picture="mill", brand=TIMBER, title=("Pepper Mill", "Pfeffermühle"), price=(4200, 4400), grams=310, colours=("peat", "oak", "coal"), tags=("table", "gift"),
            text=("A ceramic grinder in turned ash. From dust to gravel in one turn of the knob.", "Ein Keramikmahlwerk in gedrechselter Esche. Von Staub bis Schrot mit einem Dreh."),
            attributes={"material": "oak", "dishwasher_safe": False}, is_new=True,
        ),
        Good(
            picture="knife", brand=FORGE, title=("Cook's Knife", "Kochmesser"), price=(7900, 8400), was=(9500, 9900), grams=190, colours=("coal",),
            sizes=(Size(("16 cm", "16 cm")), Size(("20 cm", "20 cm"), (1600, 1600), 40)), tags=("tools",),
            text=("Carbon steel, ground thin, with a walnut handle. It takes a patina and keeps an edge.", "Kohlenstoffstahl, dünn ausgeschliffen, mit Nussgriff. Setzt Patina an und bleibt scharf."),
            attributes={"material": "steel", "dishwasher_safe": False},
        ),
        Good(
            picture="spoons", brand=TIMBER, title=("Three Spoons", "Drei Löffel"), price=(2400, 2500), grams=220, colours=("oak", "peat"), tags=("tools", "gift"),
            text=("To stir, to turn and to taste. Olive wood, no two alike.", "Zum Rühren, Wenden und Kosten. Olivenholz, kein Stück wie das andere."),
            attributes={"material": "oak", "dishwasher_safe": False},
        ),
        Good(
            picture="jar", brand="Glashaus", title=("Pantry Jar", "Vorratsglas"), price=(1200, 1200), grams=480, colours=("oat", "ochre"),
            sizes=(Size(("0.7 l", "0,7 l")), Size(("1.4 l", "1,4 l"), (500, 600), 320), Size(("2.2 l", "2,2 l"), (900, 1000), 610)), tags=("storage",),
            text=("Thick glass, beech lid, silicone seal. Flour moths give up.", "Dickes Glas, Buchendeckel, Silikonring. Mehlmotten geben auf."),
            attributes={"material": "glass", "dishwasher_safe": True},
        ),
        Good(
            picture="moka", brand=FORGE, title=("Stovetop Espresso Maker", "Espressokocher"), price=(4500, 4600), grams=640, colours=("coal", "peat"),
            sizes=(Size(("3 cups", "3 Tassen")), Size(("6 cups", "6 Tassen"), (1400, 1400), 300)), tags=("coffee",),
            text=("Stainless steel, for every hob, induction too. Hums before it sings.", "Edelstahl, für jeden Herd, auch Induktion. Brummt, bevor sie singt."),
            attributes={"material": "steel", "dishwasher_safe": True},
        ),
        Good(
            picture="teatowel", brand="Loom House", title=("Linen Tea Towel", "Geschirrtuch aus Leinen"), price=(1400, 1500), grams=110, colours=("tide", "rust", "moss", "ochre"), tags=("linen", "gift"),
            text=("Half linen, woven tight. Dries glasses without a trace, and itself overnight.", "Halbleinen, dicht gewebt. Trocknet Gläser ohne Spur und sich selbst über Nacht."),
            attributes={"material": "linen", "dishwasher_safe": False},
        ),
        Good(
            picture="apron", brand="Loom House", title=("Workshop Apron", "Werkstattschürze"), price=(4900, 4900), was=(5900, 5900), grams=390, colours=("rust", "night", "moss"), tags=("linen",),
            text=("Washed linen with a pocket for the recipe and one for the towel. Ties in front.", "Gewaschenes Leinen mit einer Tasche fürs Rezept und einer fürs Tuch. Vorne zu binden."),
            attributes={"material": "linen", "dishwasher_safe": False},
        ),
        Good(
            picture="pan", brand=FORGE, title=("Cast Iron Skillet", "Gusseiserne Pfanne"), price=(5900, 6200), grams=1900, colours=("coal",),
            sizes=(Size(("20 cm", "20 cm")), Size(("26 cm", "26 cm"), (2000, 2000), 900)), tags=("tools",),
            text=("Seasoned three times before it leaves us. It will outlive the kitchen.", "Dreimal eingebrannt, bevor sie uns verlässt. Sie überlebt die Küche."),
            attributes={"material": "cast_iron", "dishwasher_safe": False}, is_new=True,
        ),
        Good(
            picture="mortar", brand=TIMBER, title=("Pestle and Mortar", "Mörser mit Stößel"), price=(3600, 3800), grams=2100, colours=("night", "sand"), tags=("tools",),
            text=("Rough inside, smooth outside, heavy enough to stay where it is.", "Innen rau, außen glatt und schwer genug, um zu bleiben, wo er steht."),
            attributes={"material": "stone", "dishwasher_safe": True},
        ),
        Good(
            picture="book", brand="Third Shelf Press", title=("A Year at the Table", "Ein Jahr bei Tisch"), price=(2800, 2900), grams=980, colours=("ochre",), tags=("book", "gift"), tax_class="reduced",
            text=("A hundred recipes for two, by season. Cloth-bound, opens flat beside the stove.", "Hundert Rezepte für zwei, nach Jahreszeit. In Leinen gebunden, bleibt neben dem Herd offen liegen."),
            attributes={"material": "paper", "dishwasher_safe": False},
        ),
    ),
)  # fmt: skip
