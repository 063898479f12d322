"""Customers of an online shop, as its REST API writes them: about 1.6 KB each, from nine countries. Same seed, same bytes.

Everybody has an e-mail of their own, so that a second system with the same people matches all of them. Phones are written the
ways tills and shops write them: half with country code, the rest the national way, with blanks, dots and brackets.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

SEED = 7
PAGE = 250
"""Records a page, in the file for programs that read pages."""
EPOCH = datetime(2022, 1, 1, tzinfo=UTC)
DAYS = 1500


@dataclass(frozen=True, slots=True)
class Country:
    """What addresses, names and phones of a country look like. `#` is a digit."""

    code: str
    name: str
    dial: str
    currency: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    cities: tuple[tuple[str, str | None, str], ...]
    street: str
    national: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTRIES = (
    Country("US", "United States", "1", "USD", _words("Amelia Ben David Emma Grace Liam Noah Olivia Paul Rosa"),
            _words("Smith Jones Brown Taylor Wilson Evans Nguyen Patel"),
            (("Portland", "OR", "972##"), ("Austin", "TX", "787##"), ("Chicago", "IL", "606##")), "{n} {w} Street",
            ("503 2## ####", "512 3## ####", "312 4## ####")),
    Country("GB", "United Kingdom", "44", "GBP", _words("Oliver Harriet Rhys Fiona Alfie Imogen Callum Bronwen"),
            _words("Walsh Byrne Davies Hughes Murphy O'Neill Clarke Singh"),
            (("London", "ENG", "SW# #AA"), ("Leeds", "ENG", "LS# #BT"), ("Cardiff", "WLS", "CF# #XY")), "{n} {w} Road",
            ("7700 9#####", "7911 1#####", "7812 3#####")),
    Country("DE", "Germany", "49", "EUR", _words("Jürgen Anke Björn Käthe Lukas Mia Uwe Zoë"),
            _words("Müller Weiß Schmidt Weber Fischer Hoffmann Köhler Becker"),
            (("Berlin", None, "10###"), ("Köln", None, "50###"), ("München", None, "80###")), "{w}straße {n}",
            ("151 2#######", "160 9######", "171 3######")),
    Country("FR", "France", "33", "EUR", _words("Chloé Hugo Inès Léa Gaël Élodie Noémie François"),
            _words("Dupont Moreau Dubois Lefèvre Garçon Béranger Petit Roux"),
            (("Paris", None, "750##"), ("Lyon", None, "690##")), "{n} rue {w}", ("6 ## ## ## ##", "7 5# ## ## ##")),
    Country("NL", "Netherlands", "31", "EUR", _words("Sanne Daan Femke Joris Maartje Thijs"),
            _words("deVries Jansen Bakker Visser Smit Mulder"),
            (("Utrecht", None, "35## AB"), ("Rotterdam", None, "30## CD")), "{w}gracht {n}", ("6 ########",)),
    Country("ES", "Spain", "34", "EUR", _words("Lucía José Íñigo Marta Ángel Begoña"),
            _words("Martínez Hernández Pérez Núñez Gómez Ibáñez"),
            (("Madrid", "M", "280##"), ("Sevilla", "SE", "410##")), "Calle {w} {n}", ("6## ## ## ##",)),
    Country("IT", "Italy", "39", "EUR", _words("Giulia Carlo Niccolò Chiara Enea Zeno"),
            _words("Rossi Bianchi D'Angelo Esposito Ferrari Conti"),
            (("Milano", "MI", "201##"), ("Roma", "RM", "001##")), "Via {w} {n}", ("34# ### ####",)),
    Country("SE", "Sweden", "46", "SEK", _words("Åsa Björn Linnéa Göran Ebba Sören"),
            _words("Svensson Åkesson Lindström Öberg Nilsson Sjögren"),
            (("Stockholm", None, "11# ##"), ("Göteborg", None, "41# ##")), "{w}gatan {n}", ("70 ### ## ##",)),
    Country("PL", "Poland", "48", "PLN", _words("Łukasz Małgorzata Zofia Paweł Agnieszka Stanisław"),
            _words("Kowalski Wójcik Nowak Zieliński Dąbrowska Pawłowski"),
            (("Warszawa", None, "00-###"), ("Kraków", None, "30-###")), "ul. {w} {n}", ("50# ### ###", "60# ### ###")),
)  # fmt: skip
SHARES = (30, 18, 15, 10, 7, 6, 6, 4, 4)
WORDS = _words("Station Church Mill Park Victoria Garten Market Linden Kings Harbour Castle Verde")
DOMAINS = _words("gmail.com Gmail.com googlemail.com outlook.com yahoo.co.uk web.de orange.fr example.com icloud.com proton.me")
TAGS = _words("vip newsletter wholesale loyalty-gold loyalty-silver b2b pos web birthday-june returns staff student press")
NOTES = ("by e-mail", "by phone", "parcel shop", "gift wrap")
PLAIN = str.maketrans("áàâäãåéèêëíìîïñóòôöõøúùûüçßłąęńśźżŁÅÉÍÖÁ", "aaaaaaeeeeiiiinoooooouuuucslaenszzLAEIOA")


@dataclass(frozen=True, slots=True)
class Files:
    """The same customers as lines, as pages, and as lines with a share of them edited."""

    lines: Path
    pages: Path
    changed: Path


def customer(number: int, *, edited: bool = False) -> dict[str, Any]:
    """Return one customer. `edited`: with another phone, a tag more, a moved first address, and a later `updated_at`."""
    chance = random.Random(f"{SEED}:{number}")
    ident = 6_000_000_000_000 + number * 7
    country = chance.choices(COUNTRIES, SHARES)[0]
    given, family = chance.choice(country.given), chance.choice(country.family)
    born_s = chance.randrange(DAYS * 86_400)
    created, updated = _time(born_s), _time(born_s + chance.randrange(90 * 86_400))
    email = f"{given}.{family}{number}@{chance.choice(DOMAINS)}".translate(PLAIN)
    email = email.lower() if chance.random() < 0.7 else email
    phone = _phone(chance, country) if chance.random() < 0.8 else None
    addresses = [
        _address(chance, ident, place, given, family, country, phone) for place in range(1 if chance.random() < 0.8 else 2)
    ]
    tags = chance.sample(TAGS, chance.randrange(5))
    orders = chance.randrange(40)
    subscribed = chance.random() < 0.6
    note = f"Prefers {chance.choice(NOTES)}; size {chance.randrange(36, 46)}" if chance.random() < 0.25 else None
    if edited:
        updated = _time((DAYS + 100) * 86_400 + chance.randrange(86_400))
        phone = _phone(chance, country)
        tags = [*tags, "re-engaged"]
        addresses[0] = _address(chance, ident, 0, given, family, country, phone)
    email_consent = {
        "state": "subscribed" if subscribed else "not_subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": created if subscribed else None,
    }
    sms_consent = {
        "state": "not_subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": None,
        "consent_collected_from": "OTHER",
    }
    return {
        "id": ident,
        "email": email,
        "created_at": created,
        "updated_at": updated,
        "first_name": given,
        "last_name": family,
        "orders_count": orders,
        "state": "enabled" if chance.random() < 0.5 else "disabled",
        "total_spent": f"{chance.randrange(400_000) / 100:.2f}",
        "last_order_id": 5_000_000_000_000 + number * 11 if orders else None,
        "note": note,
        "verified_email": chance.random() < 0.9,
        "multipass_identifier": None,
        "tax_exempt": chance.random() < 0.03,
        "tags": ", ".join(tags),
        "last_order_name": f"#{1000 + number}" if orders else None,
        "currency": country.currency,
        "phone": phone,
        "addresses": addresses,
        "tax_exemptions": [],
        "email_marketing_consent": email_consent,
        "sms_marketing_consent": None if phone is None else sms_consent,
        "admin_graphql_api_id": f"gid://shopify/Customer/{ident}",
        "default_address": addresses[0],
    }


def _address(
    chance: random.Random, owner: int, place: int, given: str, family: str, country: Country, phone: str | None
) -> dict[str, Any]:
    city, province, code = chance.choice(country.cities)
    return {
        "id": owner * 4 + place,
        "customer_id": owner,
        "first_name": given,
        "last_name": family,
        "company": f"{family} & Co" if chance.random() < 0.2 else None,
        "address1": country.street.format(n=chance.randrange(1, 240), w=chance.choice(WORDS)),
        "address2": f"Flat {chance.randrange(1, 40)}" if chance.random() < 0.3 else None,
        "city": city,
        "province": province,
        "country": country.name,
        "zip": _fill(chance, code),
        "phone": phone,
        "name": f"{given} {family}",
        "province_code": province,
        "country_code": country.code,
        "country_name": country.name,
        "default": place == 0,
    }


def _phone(chance: random.Random, country: Country) -> str:
    national = _fill(chance, chance.choice(country.national))
    style = chance.random()
    if style < 0.5:
        return f"+{country.dial}{national.replace(' ', '')}"
    if style < 0.8:
        return f"00{country.dial} {national}" if country.dial != "1" else f"({national[:3]}) {national[4:]}"
    return f"+{country.dial} {national.replace(' ', '-')}"


def _fill(chance: random.Random, pattern: str) -> str:
    return "".join(str(chance.randrange(10)) if letter == "#" else letter for letter in pattern)


def _time(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def make(folder: Path, count: int, changed_share: float = 0.01) -> Files:
    """Write the files for `count` customers, unless they are there already."""
    files = Files(*(folder / f"customers-{count}{kind}.jsonl" for kind in ("", ".pages", ".changed")))
    if all(path.exists() for path in (files.lines, files.pages, files.changed)):
        return files
    folder.mkdir(parents=True, exist_ok=True)
    pick = random.Random(f"{SEED}:changed")
    parts = [path.with_suffix(".part") for path in (files.lines, files.pages, files.changed)]
    with parts[0].open("wb") as lines, parts[1].open("wb") as pages, parts[2].open("wb") as changed:
        page: list[bytes] = []
        for number in range(count):
            line = orjson.dumps(customer(number))
            lines.write(line + b"\n")
            edit = pick.random() < changed_share
            changed.write((orjson.dumps(customer(number, edited=True)) if edit else line) + b"\n")
            page.append(line)
            if len(page) == PAGE or number == count - 1:
                pages.write(b'{"customers":[' + b",".join(page) + b"]}\n")
                page.clear()
    for part, path in zip(parts, (files.lines, files.pages, files.changed), strict=True):
        part.replace(path)
    return files
