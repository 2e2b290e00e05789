"""Drafts that the tests begin with."""

from shopwright.commerce.catalog.drafts import MediaDraft, OptionDraft, OptionLabels, ProductDraft, VariantDraft
from shopwright.commerce.catalog.drafts import TranslationDraft as Text

GTIN = "4006381333931"


def pot() -> ProductDraft:
    """A published product in two languages, with two options and three variants."""
    return ProductDraft(
        title="Clay Plant Pot",
        description='<p onclick="x()">Thrown <script>alert(1)</script>by hand</p>',
        brand="Delft & Sons",
        tags=["garden", "clay", "garden"],
        options=[
            OptionDraft(
                name="Size", values=["Small", "Large"],
                labels={"de": OptionLabels(name="Größe", values={"Small": "Klein", "Large": "Groß"})},
            ),
            OptionDraft(name="Color"),
        ],
        variants=[
            VariantDraft(option_values=["Large", "Red"], sku="POT-LR", barcode=GTIN, weight_grams=900),
            VariantDraft(option_values=["Small", "Red"], image="https://pictures.example/small.jpg"),
            VariantDraft(option_values=["Small", "Blue"], tax_class="reduced"),
        ],
        media=[MediaDraft(source="https://pictures.example/pot.jpg", alt="A pot", alts={"de": "Ein Topf"})],
        translations={"de": Text(title="Blumentopf aus Ton", slug="blumentopf-aus-ton")},
        is_published=True,
    )  # fmt: skip
