"""Mapping files and documents that the tests share; shapes as real systems have them."""

from __future__ import annotations

from typing import Any

SHOP = """\
mapping: 1
connector: shop
stream: customers
entity: customer
identity: id
changed_at: updated_at
created_at: created_at
empty: [null, ""]
fields:
  given_name: first_name
  family_name: last_name
  company: {path: company, case: upper, max_length: 8}
  email: {path: email, as: email, create_only: true, why: it is the login}
  email_verified: verified_email
  phone: {path: phone, as: phone}
  birth_date: birthday
  note: {path: note, clear: ""}
  locale: {path: locale, silent: true, clear: refuse}
  loyalty_tier: {path: tier, values: {gold: G, silver: S}, values_read: {AU: gold}, otherwise: leave}
  member_since: {path: created_at, as: instant, only: read}
  consent.email_marketing:
    path: email_consent.state
    values: {granted: subscribed, withdrawn: unsubscribed}
    absent: [not_subscribed]
    changed_at: email_consent.updated_at
  custom.size: {path: "meta[key=size].value"}
  custom.fit: {path: "meta[key=fit].value"}
  custom.source: {path: source_name, constant: hub}
  tags: {set: tags, separator: ", "}
  addresses:
    each: addresses
    identity: id
    match_by: [line1, postal_code, country_code]
    silent: true
    fields:
      line1: address1
      city: city
      postal_code: zip
      country_code: {path: country.code, as: country, write: country_code}
      phone: {path: phone, as: phone}
ignored: [orders_count, stats.*, addresses.formatted]
"""

SHOP_DOC: dict[str, Any] = {
    "id": 7,
    "first_name": "Anna",
    "last_name": "Berg",
    "company": "BERG AG",
    "email": "Anna@Example.com",
    "verified_email": True,
    "phone": "030 123456",
    "birthday": "1990-02-28",
    "note": None,
    "locale": "de",
    "tier": "AU",
    "created_at": "2023-01-01T01:00:00+01:00",
    "updated_at": "2024-05-01T00:00:00Z",
    "email_consent": {"state": "subscribed", "updated_at": "2024-01-01T00:00:00Z"},
    "meta": [{"id": 3, "key": "size", "value": "M"}, {"id": 4, "key": "fit", "value": "slim"}],
    "source_name": "web",
    "tags": "vip,new",
    "addresses": [
        {
            "id": 11,
            "address1": "Weg 1",
            "city": "Berlin",
            "zip": "10115",
            "country": {"code": "DE"},
            "phone": "",
            "formatted": "x",
        },
        {"id": 12, "address1": "Rue 2", "city": "Paris", "zip": 75001, "country": {"code": "FR"}, "phone": None},
    ],
    "orders_count": 3,
    "stats": {"a": 1},
}

TILL = """\
mapping: 1
connector: till
stream: customers
entity: customer
identity: id
version: version
birth: uid
empty: [null, "", missing]
deleted: {path: is_deleted, equals: true}
only_when: {kind: PERSON}
fields:
  [given_name, family_name]: {path: name, as: full_name, lossy: true}
  email: email_address
  note: {path: remark, clear: omit, max_length: 10}
  email_verified: {path: checked, values: {true: 1, false: 0}}
  tags: {set: groups}
  addresses: {each: address, fits: first, match_by: [line1], fields: {line1: line_1, city: locality, postal_code: postal_code}}
ignored: [is_deleted]
"""

TILL_DOC: dict[str, Any] = {
    "id": "C1",
    "uid": "u-1",
    "version": 4,
    "kind": "PERSON",
    "name": "Anna Maria Berg",
    "email_address": "anna@example.com",
    "remark": "likes tea",
    "checked": 1,
    "groups": ["vip"],
    "address": {"line_1": "Weg 1", "locality": "Berlin", "postal_code": "10115"},
}

CATALOG = """\
mapping: 1
connector: shop
stream: products
entity: product
identity: {path: id, as: gid}
changed_at: {path: updated, as: epoch_ms}
empty: [null]
fields:
  title: title
  status: {path: status, values: {active: ACTIVE, draft: DRAFT}, otherwise: reject}
parts:
  variants:
    each: variants
    stream: variants
    entity: variant
    identity: id
    version: rev
    fields:
      sku: sku
      price: {path: price, minor: major, currency: currency, tax: gross}
      compare_at_price: {path: was, minor: "2", currency: connection}
      tracked: tracked
    refs: {product: parent}
    parts:
      levels:
        each: levels
        stream: levels
        entity: inventory_level
        identity: {paths: [variant_id, location.id], join: ":"}
        fields: {on_hand: {path: quantity, only: read}}
        refs: {variant: parent, location: {path: location.id, stream: locations, as: gid}}
"""

CATALOG_DOC: dict[str, Any] = {
    "id": "gid://shop/Product/5",
    "updated": 1_714_521_600_250,
    "title": "Shirt",
    "status": "ACTIVE",
    "variants": [
        {
            "id": 51,
            "rev": "3",
            "sku": "S-1",
            "price": "12.30",
            "currency": "EUR",
            "was": 1500,
            "tracked": True,
            "levels": [{"variant_id": 51, "location": {"id": "gid://shop/Location/9"}, "quantity": 4}],
        },
        {"id": 52, "rev": 1, "sku": "S-2", "price": 9.5, "currency": "eur", "was": None, "tracked": False, "levels": []},
    ],
}
SETTINGS = {"country": "DE", "currency": "EUR"}
