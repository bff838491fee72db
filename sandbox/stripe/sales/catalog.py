"""Products and prices.

Endpoints, called within a transaction. A price's amount never changes; a lookup key may move from
one price to another.
"""

from typing import Any

from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import StripeError, invalid
from sandbox.stripe.core.listing import matching, page
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.catalog import price, product


def create_product(account: Account, params: Params) -> Object:
    """POST /v1/products."""
    product_id = params.text("id") or account.new_id("prod")
    if account.find("product", product_id):
        raise invalid("Product already exists.", "id", "resource_already_exists")
    made = product(product_id, account.now(), params.need("name"))
    made = account.put({**made, **_product_fields(params, made)})
    if (data := params.below("default_price_data")) is not None:
        first = account.put(_new_price(account, data, product_id))
        account.emit("price.created", first)
        made = account.change(made, default_price=first["id"])
    account.emit("product.created", made)
    return made


def update_product(account: Account, params: Params, product_id: str) -> Object:
    """POST /v1/products/{id}."""
    before = account.get("product", product_id)
    fields = _product_fields(params, before)
    if name := params.text("default_price"):
        fields["default_price"] = account.get("price", name, "default_price")["id"]
    if name := params.text("name"):
        fields["name"] = name
    made = account.change(before, **fields, updated=account.now())
    account.emit("product.updated", made, before)
    return made


def products(account: Account, params: Params) -> Object:
    """GET /v1/products."""
    rows = matching(params, account.all("product"), "active")
    if ids := params.texts("ids"):
        rows = [row for row in rows if row["id"] in ids]
    return page(params, rows, "/v1/products")


def delete_product(account: Account, _: Params, product_id: str) -> Object:
    """DELETE /v1/products/{id}, while it has no prices."""
    made = account.get("product", product_id)
    if any(one["product"] == product_id for one in account.all("price")):
        raise invalid(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    account.drop(made)
    account.emit("product.deleted", made)
    return {"id": product_id, "object": "product", "deleted": True}


def create_price(account: Account, params: Params) -> Object:
    """POST /v1/prices."""
    data = params.below("product_data")
    if data is not None:
        named = product(account.new_id("prod"), account.now(), data.need("name"))
        account.put({**named, "metadata": data.metadata()})
        account.emit("product.created", account.get("product", named["id"]))
        product_id = named["id"]
    else:
        product_id = account.get("product", params.need("product"), "product")["id"]
    made = account.put(_new_price(account, params, product_id))
    account.emit("price.created", made)
    return made


def update_price(account: Account, params: Params, price_id: str) -> Object:
    """POST /v1/prices/{id}: everything but the amount."""
    before = account.get("price", price_id)
    fields: Object = {
        "lookup_key": _lookup_key(account, params, before["lookup_key"], price_id),
        "metadata": params.metadata(before["metadata"]),
        "nickname": params.text_or("nickname", before["nickname"]),
    }
    if (active := params.flag("active")) is not None:
        fields["active"] = active
    made = account.change(before, **fields)
    account.emit("price.updated", made, before)
    return made


def prices(account: Account, params: Params) -> Object:
    """GET /v1/prices, also by lookup keys."""
    rows = matching(params, account.all("price"), "active", "currency", "product", "type")
    if keys := params.texts("lookup_keys"):
        rows = [row for row in rows if row["lookup_key"] in keys]
    if (recurring := params.below("recurring")) is not None:
        interval = recurring.text("interval")
        rows = [
            row for row in rows if row["recurring"] and row["recurring"]["interval"] == interval
        ]
    return page(params, rows, "/v1/prices")


def _product_fields(params: Params, made: Object) -> Object:
    fields: dict[str, Any] = {
        name: params.text_or(name, made[name])
        for name in ("description", "statement_descriptor", "tax_code", "unit_label", "url")
    }
    active = params.flag("active")
    params.choice("type", "service")
    features = [{"name": one.need("name")} for one in params.each("marketing_features")]
    return {
        **fields,
        "active": made["active"] if active is None else active,
        "images": params.texts("images") or made["images"],
        "marketing_features": features or made["marketing_features"],
        "metadata": params.metadata(made["metadata"]),
    }


def _new_price(account: Account, params: Params, product_id: str) -> Object:
    amount = params.integer("unit_amount")
    if amount is None or amount < 0:
        raise invalid(
            "Invalid unit_amount: the sandbox needs a whole number of the smallest unit.",
            params.path("unit_amount"),
        )
    given = params.below("recurring")
    recurring = None
    if given is not None:
        given.ignore("usage_type")
        given.need("interval")
        recurring = {
            "interval": given.choice("interval", "month", "day", "week", "year"),
            "interval_count": given.integer("interval_count") or 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        }
    active = params.flag("active")
    price_id = account.new_id("price")
    return price(
        price_id,
        account.now(),
        active=True if active is None else active,
        currency=params.need("currency").lower(),
        lookup_key=_lookup_key(account, params, None, price_id),
        metadata=params.metadata(),
        nickname=params.text_or("nickname", None),
        product=product_id,
        recurring=recurring,
        tax_behavior=params.choice("tax_behavior", "unspecified", "exclusive", "inclusive"),
        unit_amount=amount,
    )


def _lookup_key(account: Account, params: Params, current: str | None, price_id: str) -> str | None:
    key, transfer = params.text_or("lookup_key", current), params.flag("transfer_lookup_key")
    for other in account.all("price"):
        if key and other["lookup_key"] == key and other["id"] != price_id:
            if not transfer:
                raise StripeError(
                    400,
                    f"A price (`{other['id']}`) already uses that lookup key.",
                    param="lookup_key",
                )
            moved = account.change(other, lookup_key=None)
            account.emit("price.updated", moved, other)
    return key
