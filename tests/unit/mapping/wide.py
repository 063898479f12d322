"""Mapping files that use every word of the language, and documents that they read: the base of the golden files."""

from __future__ import annotations

from typing import Any, Final

HEAD: Final = "mapping: 1\nconnector: crm\nstream: {stream}\nentity: {entity}\nidentity: id\n"

PEOPLE: Final = """\
mapping: 1
connector: crm
stream: people
entity: customer
identity: {paths: [shop.id, number], join: "-"}
version: meta.rev
created_at: {path: meta.born, as: epoch_s}
deleted: {path: gone, equals: 1}
only_when: {kind: null}
projection: true
empty: [null, "", "n/a", 0, false, missing]
fields:
  [given_name, family_name]: {path: name, as: full_name, lossy: true, required: true, absent: [unknown], why: one text there}
  company: {path: firm, write: firm_in, absent: [none, missing], max_length: 5, clear: null}
  email: {path: mail, as: email, only: create, required: true}
  email_verified: {path: checked, values: {true: 1, false: 2}, values_read: {3: true}, otherwise: reject}
  phone: {path: "contact[type=phone].value", as: phone, clear: omit}
  birth_date: {path: "dates[0].day", only: read}
  locale: {write: lang, case: lower, clear: refuse}
  note: {path: remark, only: write}
  loyalty_tier:
    path: tier
    values: {gold: G, silver: null}
    values_read: {AU: gold}
    values_write: {bronze: null}
    silent: true
    changed_at: {path: tier_at, as: utc}
  custom.level: {path: level, as: number_id}
  custom.weight: {path: weight, as: decimal}
  custom.origin: {path: origin, constant: 7}
  summary.orders: {path: stats.orders, as: count}
  summary.spent: {path: stats.spent, minor: iso, currency: stats.currency, tax: net}
  summary.context: {path: about, yields: true}
  addresses:
    each: "places[kind=home]"
    fits: first
    lossy: true
    clear: ""
    fields:
      [given_name, family_name]: {path: person, as: full_name, lossy: true}
      line1: street
      country_code: {path: nation, as: country}
      phone: {path: tel, as: phone, only: read}
      company: {path: role, constant: hub}
    why: the one they have
  contact_points:
    each: points
    fits: 3
    match_by: [kind, value]
    only: read
    fields: {kind: k, value: v, verified: {path: sure, values: {true: Y, false: N}}}
  tags: {set: labels, separator: " | ", silent: true, lossy: true, only: read, why: theirs}
ignored: [etag, "places[kind=home].note", points.x.y, "raw.*"]
"""

SALES: Final = """\
mapping: 1
connector: crm
stream: sales
entity: order
identity: {path: gid, as: gid}
birth: token
changed_at: {path: at.changed, as: epoch_us}
created_at: at.made
fields:
  number: no
  state: {path: st, values_read: {OPEN: open, DONE: completed}, only: read}
  payment_state: {path: pay, values: {paid: P}, absent: [""], clear: ""}
  total: {path: sum, minor: "2", currency: EUR, tax: gross}
  tax_total: {path: tax, minor: major, currency: connection}
  email: {path: mail, as: email, write: m.mail}
  custom.ref: {path: ref, as: gid, gid: shop/Order}
  custom.old: {path: old, as: gid, only: read}
  custom.made: {path: t.u, as: utc}
  custom.seen: {path: t.s, as: epoch_s}
  lines:
    each: lines
    identity: uid
    match_by: [sku, title]
    fits: all
    silent: true
    fields:
      sku: sku
      title: {path: name, required: true}
      quantity: {path: n, as: count}
      total: {path: t, minor: iso, currency: cur}
  discounts: {each: cuts, fits: 2, fields: {code: c}, clear: omit}
  taxes: {each: "tax_rows[0].rows", fields: {title: t}}
  tags: {set: words}
refs:
  customer: {path: who, stream: people}
  location: {path: place.gid, stream: places, as: gid}
parts:
  payments:
    each: money.in
    stream: payments
    entity: payment
    identity: id
    empty: [null]
    fields: {state: {path: s, values: {paid: ok, failed: bad}}, amount: {path: a, minor: iso, currency: c}}
    refs: {order: parent}
  notes:
    each: talk
    stream: tickets
    entity: ticket
    identity: id
    fields: {subject: s}
    refs: {order: {path: order_no, by: number}, customer: {path: who, stream: people}}
"""

BARE: Final = HEAD.format(stream="spots", entity="location") + "fields: {code: c, active: on}\n"

TEXTS: Final = {"people": PEOPLE, "sales": SALES, "bare": BARE}

PERSON: Final[dict[str, Any]] = {
    "shop": {"id": "s"},
    "number": 7,
    "meta": {"rev": 3, "born": 1_600_000_000},
    "gone": 0,
    "kind": None,
    "name": "Ada Byron",
    "firm": "Engines",
    "firm_in": "Engines",
    "mail": " Ada@Example.ORG ",
    "checked": 1,
    "contact": [{"type": "fax", "value": "1"}, {"type": "phone", "value": "030 123456"}],
    "dates": [{"day": "1815-12-10T00:00:00"}],
    "lang": "en",
    "remark": "ours",
    "tier": "AU",
    "tier_at": "2024-01-01T00:00:00",
    "level": 12,
    "weight": 1.5,
    "origin": 7,
    "stats": {"orders": "4", "spent": 1200, "currency": "eur"},
    "about": "words",
    "places": [{"kind": "home", "person": "Ada Byron", "street": "Weg 1", "nation": "gb", "tel": "030 1", "role": "hub"}],
    "points": [{"k": "chat", "v": "@ada", "sure": "Y"}],
    "labels": "vip|new | vip",
    "etag": "x",
}

SALE: Final[dict[str, Any]] = {
    "gid": "gid://shop/Order/9?x=1",
    "token": 5,
    "at": {"changed": 1_700_000_000_000_000, "made": "2024-01-01T01:00:00+01:00"},
    "no": 1001,
    "st": "OPEN",
    "pay": "P",
    "sum": 1999,
    "tax": "3.19",
    "mail": "a@b.c",
    "m": {},
    "ref": "gid://shop/Order/3",
    "old": 4,
    "t": {"u": "2024-02-29T12:30:00", "s": "1700000000"},
    "lines": [{"uid": 1, "sku": "A", "name": "Tee", "n": 2, "t": "1998", "cur": "EUR"}],
    "cuts": [{"c": "TEN"}],
    "tax_rows": [{"rows": [{"t": "VAT"}]}],
    "words": ["a", " b "],
    "who": "7",
    "place": {"gid": "gid://shop/Location/2"},
    "money": {"in": [{"id": 1, "s": "ok", "a": 1999, "c": "EUR"}, {"id": 2, "s": "bad", "a": 5, "c": "EUR"}]},
    "talk": {"id": 8, "s": "Where is it?", "order_no": "#1001", "who": 0},
}

SPOT: Final[dict[str, Any]] = {"id": 1, "c": "B1", "on": True}

WHOLE: Final = {"people": PERSON, "sales": SALE, "bare": SPOT}

PATCHES: Final[dict[str, list[dict[str, Any]]]] = {
    "people": [
        {},
        {"shop": None},
        {"shop": []},
        {"shop": 5},
        {"number": True},
        {"number": " "},
        {"meta": None},
        {"meta": {"rev": "12", "born": "x"}},
        {"meta": {"rev": "x", "born": ""}},
        {"meta": {"rev": True, "born": True}},
        {"meta": {"rev": 1.5, "born": 1.5}},
        {"meta": ""},
        {"meta": "x"},
        {"gone": 1},
        {"gone": True},
        {"kind": "FIRM"},
        {"name": "unknown"},
        {"name": "Byron"},
        {"name": 5},
        {"name": "n/a"},
        {"name": False},
        {"name": 0},
        {"name": []},
        {"firm": "none"},
        {"firm": ""},
        {"mail": "no mail"},
        {"checked": 3},
        {"checked": 9},
        {"checked": "1"},
        {"contact": None},
        {"contact": "x"},
        {"contact": [{"type": "phone"}]},
        {"contact": [{"type": "phone", "value": "+49 30 5"}, {"type": "phone", "value": "x"}, {"type": "new", "value": 1}, 5]},
        {"dates": None},
        {"dates": []},
        {"dates": [5]},
        {"dates": [{"day": "1815-12-10T12:00:00"}]},
        {"tier": "G", "tier_at": "2024-01-01T00:00:00Z"},
        {"tier": None, "tier_at": None},
        {"tier": "X", "tier_at": "soon"},
        {"tier": ["G"]},
        {"level": "x", "weight": "1,5"},
        {"stats": {"orders": 4.0, "spent": "1200.5", "currency": "eur"}},
        {"stats": {"orders": 4.5, "spent": 1200}},
        {"places": []},
        {"places": None},
        {"places": [{"kind": "work", "street": "x"}]},
        {"places": [{"kind": "home", "street": None, "nation": "", "note": 1, "more": 2}]},
        {"places": [{"kind": "home", "nation": "Germany"}]},
        {"points": None},
        {"points": 0},
        {"points": "x"},
        {"points": [{"k": 1, "sure": "M", "x": {"y": 1, "z": 2}}]},
        {"points": {"k": "a", "v": "b"}},
        {"labels": None},
        {"labels": ""},
        {"labels": 5},
        {"labels": " | "},
        {"raw": {"a": 1}, "fresh": {"b": 2}},
        {"origin": 8, "about": None, "lang": None, "remark": 5},
    ],
    "sales": [
        {},
        {"gid": 12},
        {"gid": "  "},
        {"gid": None},
        {"gid": "gid://shop/Order/"},
        {"token": None},
        {"at": {"changed": "1700000000000000", "made": None}},
        {"at": {"changed": True, "made": "2024-01-01"}},
        {"at": {"changed": 1.5}},
        {"st": "X", "pay": ""},
        {"st": None, "pay": None},
        {"sum": "20.5", "tax": 3.195},
        {"sum": None, "tax": ""},
        {"old": {"a": 1}, "ref": "gid://shop/Order/"},
        {"t": {"u": "x", "s": 1.5}},
        {"t": {"u": "2024-02-29T12:30:00z", "s": True}},
        {"lines": None},
        {"lines": []},
        {"lines": [{"uid": None, "n": 1.0, "t": 5}, {"sku": 7, "name": "", "cur": "E", "t": 5}]},
        {"lines": ["x"]},
        {"lines": {"sku": "B"}},
        {"lines": {"sku": None}},
        {"cuts": ""},
        {"tax_rows": [], "words": None},
        {"tax_rows": {"rows": []}, "words": [1]},
        {"words": "a,b"},
        {"words": ["", "a", "a"]},
        {"who": 0},
        {"who": "0"},
        {"who": ""},
        {"who": True},
        {"who": {}, "place": {"gid": "gid://shop/Location/"}},
        {"place": {}},
        {"place": None},
        {"money": {"in": {"id": 3, "s": "ok"}}},
        {"money": {"in": [5, {"id": 4, "s": ""}]}},
        {"money": {"in": [{"s": "ok"}]}},
        {"money": None},
        {"talk": None},
        {"talk": [{"id": 1, "order_no": 0}, {"id": 2, "order_no": {}, "new": 1}]},
    ],
    "bare": [{}, {"on": None}, {"on": ""}, {"c": 5.5}, {"c": False}, {"c": {}}, {"on": 1}],
}
"""Documents by what is different in them."""
