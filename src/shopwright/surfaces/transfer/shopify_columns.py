"""The columns of Shopify's product CSV: which are needed, which are understood, and which say what."""

OPTIONS = tuple((f"Option{number} Name", f"Option{number} Value") for number in (1, 2, 3))

#: Amount and unit of what a variant has, and of what its unit price is told per.
MEASURE = ("Unit Price Total Measure", "Unit Price Total Measure Unit")
BASE_MEASURE = ("Unit Price Base Measure", "Unit Price Base Measure Unit")

REQUIRED = ("Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price")

UNDERSTOOD = {
    *REQUIRED, *(column for pair in OPTIONS for column in pair), "Body (HTML)", "Vendor", "Type", "Tags", "Published",
    "Status", "Variant SKU", "Variant Grams", "Variant Inventory Qty", "Variant Compare At Price",
    "Variant Requires Shipping", "Variant Taxable", "Variant Barcode", "Image Src", "Image Position", "Image Alt Text",
    "Gift Card", "SEO Title", "SEO Description", "Variant Image", "Cost per item", *MEASURE, *BASE_MEASURE,
}  # fmt: skip

#: Left out without a word where they say what is the case here anyway. Grams are in a column of their own.
USUAL = {
    "Variant Inventory Policy": {"deny"},
    "Variant Fulfillment Service": {"manual"},
    "Variant Inventory Tracker": {"shopify"},
    "Variant Weight Unit": {"g", "kg", "oz", "lb"},
}

#: Where a fault that the catalog finds in a draft stands in the file.
FROM_POINTER = {
    "title": "Title", "description": "Body (HTML)", "brand": "Vendor", "tags": "Tags", "seo_title": "SEO Title",
    "seo_description": "SEO Description", "options": "Option1 Name", "variants": "Handle",
    "variants/option_values": "Option1 Value", "variants/sku": "Variant SKU", "variants/barcode": "Variant Barcode",
    "variants/weight_grams": "Variant Grams", "variants/image": "Variant Image", "media": "Image Src",
    "variants/measure": "Unit Price Base Measure Unit", "media/source": "Image Src", "media/alt": "Image Alt Text",
}  # fmt: skip
