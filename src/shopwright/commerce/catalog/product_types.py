"""Product types: which questions a kind of product answers, and whether an answer is one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from shopwright.commerce.catalog.drafts import AttributeDraft
from shopwright.commerce.catalog.edits import flush
from shopwright.commerce.catalog.errors import AttributeKindFixed, StillInUse, UnknownProductType
from shopwright.commerce.catalog.events import ProductTypeChanged
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import Attribute, AttributeKind, ProductType
from shopwright.kit import conditional, ids
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.events import emit
from shopwright.kit.validation import Fault

LONGEST_TEXT = 500
LARGEST_NUMBER = 10**15


def everything() -> Sequence[ProductType]:
    """All product types with their attributes."""
    types = select(ProductType).options(selectinload(ProductType.attributes)).order_by(ProductType.name)
    return session.scalars(types).all()


def get(product_type_id: UUID, *, lock: Literal["none", "share", "update"] = "none") -> ProductType:
    """With its attributes. Raises `UnknownProductType`."""
    found = select(ProductType).where(ProductType.id == product_type_id).options(selectinload(ProductType.attributes))
    if lock != "none":
        is_shared = lock == "share"
        found = found.with_for_update(read=is_shared, key_share=is_shared).execution_options(populate_existing=True)
    product_type = session.scalar(found)
    if product_type is None:
        raise UnknownProductType()
    return product_type


def product_type(name: str) -> ProductType:
    """The type of this name, made without attributes if there is none. Two who ask at once get the same."""
    by_name = select(ProductType).where(ProductType.name == name)
    if found := session.scalar(by_name):
        return found
    made = insert(ProductType).values(id=ids.new(), name=name, version=1)
    session.execute(made.on_conflict_do_nothing(index_elements=[ProductType.name]))
    return session.scalars(by_name).one()


def create_product_type(name: str, attributes: Sequence[AttributeDraft]) -> ProductType:
    """Raises `NameTaken`, `ValidationFailed`."""
    new = ProductType(id=ids.new(), name=name, attributes=[])
    _ask(new, attributes)
    session.add(new)
    flush()
    emit(ProductTypeChanged(product_type_id=new.id))
    return new


def change_product_type(product_type_id: UUID, name: str, attributes: Sequence[AttributeDraft]) -> ProductType:
    """Have exactly this name and these attributes; answers to a question that is gone are no longer shown.

    Raises `UnknownProductType`, `NameTaken`, `ValidationFailed`, and `AttributeKindFixed` when a kind would change that
    products have answered in.
    """
    found = get(product_type_id, lock="update")
    conditional.check(found.version)
    _ask(found, attributes)
    # The name alone may be as it was: the new version is asked for, since attributes are part of the type.
    found.version += 1
    found.name = name
    flush()
    emit(ProductTypeChanged(product_type_id=found.id))
    return found


def delete_product_type(product_type_id: UUID) -> None:
    """Raises `UnknownProductType`, and `StillInUse` while a product is of this type."""
    found = get(product_type_id, lock="update")
    conditional.check(found.version)
    session.delete(found)
    try:
        session.flush()
    except IntegrityError as used:
        raise StillInUse() from used
    emit(ProductTypeChanged(product_type_id=product_type_id))


def check_answers(product_type_id: UUID | None, answers: Mapping[str, Any]) -> None:
    """Raises `ValidationFailed` naming every answer that its attribute does not take, `UnknownProductType`."""
    if not answers:
        return
    # Shared, so that the questions stand still until the answers are committed.
    asked = {each.code: each for each in get(product_type_id, lock="share").attributes} if product_type_id else {}
    faults: list[Fault] = []
    for code, answer in answers.items():
        attribute = asked.get(code)
        if attribute is None:
            faults.append({"pointer": f"/attributes/{code}", "detail": "The product type has no such attribute."})
        elif not _FITS[attribute.kind](answer, attribute):
            faults.append(
                {"pointer": f"/attributes/{code}", "detail": f"Not a {attribute.kind} that is accepted here."}
            )
    if faults:
        raise ValidationFailed(faults)


_FITS: dict[str, Callable[[Any, Attribute], bool]] = {
    AttributeKind.TEXT: lambda answer, _: isinstance(answer, str) and 0 < len(answer) <= LONGEST_TEXT,
    AttributeKind.NUMBER: lambda answer, _: _is_number(answer),
    AttributeKind.BOOLEAN: lambda answer, _: isinstance(answer, bool),
    AttributeKind.CHOICE: lambda answer, attribute: isinstance(answer, str) and answer in attribute.choices,
}


def _is_number(answer: Any) -> bool:
    return isinstance(answer, int | float) and not isinstance(answer, bool) and abs(answer) <= LARGEST_NUMBER


def _ask(product_type: ProductType, drafts: Sequence[AttributeDraft]) -> None:
    codes = [draft.code for draft in drafts]
    if len(set(codes)) < len(codes):
        raise ValidationFailed([{"pointer": "/attributes", "detail": "Two attributes have the same code."}])
    before = {attribute.code: attribute for attribute in product_type.attributes}
    turned = [draft.code for draft in drafts if draft.code in before and before[draft.code].kind != draft.kind]
    if any(_is_answered(product_type, code) for code in turned):
        raise AttributeKindFixed()
    product_type.attributes = [
        _attribute(before.get(draft.code) or Attribute(code=draft.code), position, draft)
        for position, draft in enumerate(drafts)
    ]


def _attribute(attribute: Attribute, position: int, draft: AttributeDraft) -> Attribute:
    attribute.position = position
    attribute.label = draft.label
    attribute.kind = draft.kind
    attribute.is_facetable = draft.is_facetable
    attribute.choices = {choice.code: choice.label for choice in draft.choices}
    attribute.labels = _labels(draft)
    return attribute


def _labels(draft: AttributeDraft) -> dict[str, Any]:
    """By locale, as `Attribute` keeps them; on the wire each label stands beside what it translates."""
    locales = {*draft.labels, *(locale for choice in draft.choices for locale in choice.labels)}
    return {
        locale: {
            "label": draft.labels.get(locale),
            "choices": {choice.code: choice.labels[locale] for choice in draft.choices if locale in choice.labels},
        }
        for locale in sorted(locales)
    }


def _is_answered(product_type: ProductType, code: str) -> bool:
    answered = exists().where(Product.product_type_id == product_type.id, Product.attributes.has_key(code))
    return bool(session.scalar(select(answered)))
