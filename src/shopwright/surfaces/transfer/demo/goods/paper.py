# ruff: noqa: E501  One line a field: a table is read down its columns.
from shopwright.commerce.catalog.measures import BaseMeasure, Measure, Unit
from shopwright.surfaces.transfer.demo.goods.good import LARGE, SMALL, Good, Question, Shelf, Size

PRESS = "Third Shelf Press"
DESK = "Nib & Ledger"

SHELF = Shelf(
    slug="stationery",
    title=("Stationery", "Papeterie"),
    text=("For lists, letters and second thoughts.", "Für Listen, Briefe und zweite Gedanken."),
    questions=(
        Question("material", ("Material", "Material"), {"paper": ("Paper", "Papier"), "brass": ("Brass", "Messing"), "steel": ("Steel", "Stahl"), "wood": ("Wood", "Holz"), "felt": ("Felt", "Filz"), "glass": ("Glass", "Glas")}),
        Question("recycled", ("Recycled", "Recycelt")),
    ),
    goods=(
        Good(
            picture="notebook", brand=PRESS, title=("Field Notebook", "Feldbuch"), price=(1600, 1700), grams=260, colours=("tide", "rust", "moss", "coal"),
            sizes=(Size(("A6", "A6")), Size(("A5", "A5"), (600, 600), 140)), tags=("writing", "gift"), is_new=True,
            text=("Sewn, cloth-bound, with 160 dotted pages that take ink on both sides.", "Fadengeheftet, in Leinen, mit 160 Punktseiten, die beidseitig Tinte vertragen."),
            attributes={"material": "paper", "recycled": True},
        ),
        Good(
            picture="pen", brand=DESK, title=("Brass Fountain Pen", "Füllfeder Messing"), price=(5900, 6200), was=(6900, 7200), grams=42, colours=("rust", "night", "sage"), tags=("writing", "gift"),
            text=("A steel nib in a lacquered brass barrel. Heavy enough to slow you down a little.", "Eine Stahlfeder im lackierten Messingschaft. Gerade schwer genug, um etwas langsamer zu schreiben."),
            attributes={"material": "brass", "recycled": False},
        ),
        Good(
            picture="pencils", brand=DESK, title=("Five Pencils", "Fünf Bleistifte"), price=(900, 900), grams=40, colours=("sage", "tide", "peat"), tags=("writing", "gift"),
            text=("Cedar, graphite, nothing else. From 2H for plans to 4B for skies.", "Zeder, Graphit, sonst nichts. Von 2H für Pläne bis 4B für Himmel."),
            attributes={"material": "wood", "recycled": False},
        ),
        Good(
            picture="cards", brand=PRESS, title=("Botanical Cards", "Karten Botanik"), price=(1400, 1500), grams=150, colours=("ochre", "moss", "rose"), tags=("letters", "gift"),
            text=("Eight folded cards, printed on a hand press, with envelopes in the same tone.", "Acht Klappkarten von der Handpresse, mit Umschlägen im selben Ton."),
            attributes={"material": "paper", "recycled": True},
        ),
        Good(
            picture="calendar", brand=PRESS, title=("Mountain Wall Calendar", "Wandkalender Berge"), price=(2400, 2600), grams=420, colours=("night", "moss"), tags=("wall",),
            text=("Twelve landscapes on heavy paper, hung from a strip of oak. The prints outlive the year.", "Zwölf Landschaften auf schwerem Papier an einer Eichenleiste. Die Drucke überdauern das Jahr."),
            attributes={"material": "paper", "recycled": True},
        ),
        Good(
            picture="deskpad", brand=DESK, title=("Felt Desk Pad", "Schreibunterlage Filz"), price=(3500, 3600), grams=480, colours=("rose", "night", "moss"),
            sizes=(Size(SMALL), Size(LARGE, (1400, 1500), 320)), tags=("desk",),
            text=("Wool felt, three millimetres. Quiets the keyboard and the room with it.", "Wollfilz, drei Millimeter. Macht die Tastatur leise und den Raum gleich mit."),
            attributes={"material": "felt", "recycled": True},
        ),
        Good(
            picture="boxes", brand=PRESS, title=("Archive Boxes", "Archivschachteln"), price=(2900, 2900), was=(3500, 3600), grams=860, colours=("sand", "tide", "rust"), tags=("storage",),
            text=("A set of three, covered in paper cloth, for photographs, cables and letters kept.", "Drei im Satz, mit Papiergewebe bezogen, für Fotos, Kabel und aufgehobene Briefe."),
            attributes={"material": "paper", "recycled": True},
        ),
        Good(
            picture="tape", brand=PRESS, title=("Paper Tapes", "Papierbänder"), price=(800, 900), grams=90, colours=("peat", "sage", "rose"), tags=("wrapping",),
            text=("Three rolls of rice paper tape that hold, peel off and never leave a mark.", "Drei Rollen Reispapierband, die halten, sich lösen und keine Spur lassen."),
            attributes={"material": "paper", "recycled": False},
        ),
        Good(
            picture="scissors", brand=DESK, title=("Paper Scissors", "Papierschere"), price=(2200, 2300), grams=130, colours=("tide", "coal", "rust"), tags=("desk", "tools"),
            text=("Forged, hollow-ground, adjusted by ear. A long cut in one go.", "Geschmiedet, hohl geschliffen, nach Gehör eingestellt. Ein langer Schnitt in einem Zug."),
            attributes={"material": "steel", "recycled": False},
        ),
        Good(
            picture="ink", brand=DESK, title=("Garden Ink", "Gartentinte"), price=(1500, 1600), grams=210, colours=("rust", "moss", "night", "rose"), tags=("writing", "gift"),
            text=("Fifty millilitres of ink the colour of wet bark, ivy or late evening. Washes out.", "Fünfzig Milliliter Tinte in der Farbe von nasser Rinde, Efeu oder spätem Abend. Auswaschbar."),
            attributes={"material": "glass", "recycled": False}, is_new=True, measure=Measure(amount=50, unit=Unit.MILLILITRE, per=BaseMeasure(amount=100, unit=Unit.MILLILITRE)),
        ),
        Good(
            picture="book", brand=PRESS, title=("Garden Birds", "Vögel im Garten"), price=(1900, 1900), grams=420, colours=("moss",), tags=("book", "gift"), tax_class="reduced",
            text=("Sixty birds, painted life-size where the page allows, and when to listen for them.", "Sechzig Vögel, wo die Seite reicht in Lebensgröße gemalt, und wann man auf sie hört."),
            attributes={"material": "paper", "recycled": True},
        ),
        Good(
            picture="giftcard", brand=PRESS, title=("Gift Card", "Geschenkgutschein"), price=(2500, 2500), grams=0, colours=("rust",), is_gift_card=True,
            sizes=(Size(("25", "25")), Size(("50", "50"), (2500, 2500)), Size(("100", "100"), (7500, 7500))), tags=("gift",),
            text=("Leaves the choice to somebody else. Its code is shown as soon as the order is paid.", "Überlässt anderen die Wahl. Der Code wird gezeigt, sobald die Bestellung bezahlt ist."),
        ),
    ),
)  # fmt: skip
