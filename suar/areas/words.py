"""Words as they are compared: without case, accents, abbreviations and old spelling."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"(?<![\d.])\d{2}\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?(?![\d.])")

# What people write short, and what is told apart in writing only.
_LONG = {
    "jl": "jalan", "jln": "jalan", "jalan": "jalan", "gg": "gang", "kec": "kecamatan", "kel": "kelurahan",
    "ds": "desa", "kab": "kabupaten", "perum": "perumahan", "komp": "kompleks", "komplek": "kompleks",
    "psr": "pasar", "tmn": "taman", "ps": "pasar", "mesjid": "masjid", "st": "stasiun", "bdr": "bandar",
    "rs": "rumah sakit", "rsu": "rumah sakit umum", "rsud": "rumah sakit rsud", "rsia": "rumah sakit rsia",
    "pkm": "puskesmas", "spbu": "pom bensin spbu", "univ": "universitas", "sma": "sma", "smu": "sma",
    "no": "nomor", "blk": "blok", "sby": "surabaya", "prov": "provinsi", "dr": "dr", "dokter": "dr",
}  # fmt: skip
# Spelling before 1972, as names of people and streets still have it.
_OLD = (("oe", "u"), ("tj", "c"), ("dj", "j"))
_KINDS = {"kelurahan", "desa", "kecamatan", "distrik", "kota", "kabupaten", "administrasi", "adm"}


def words_of(text: str) -> list[str]:
    """Return a text's words, folded: ``Jl. Dr. Soetomo`` is ``jalan dr sutomo``; a code is one word."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _CODE.sub(lambda code: code[0].replace(".", ""), plain)
    plain = plain.replace("'", "").replace("’", "").replace("`", "")
    return [modern(long) for word in _WORD.findall(plain) for long in _LONG.get(word, word).split()]


def modern(word: str) -> str:
    """Return a word in today's spelling."""
    for old, new in _OLD:
        word = word.replace(old, new)
    return word


def same_name(name: str) -> str:
    """Return what ``Kel. Karang Pilang`` and ``KARANGPILANG`` have in common: an area's bare name."""
    return "".join(word for word in words_of(name) if word not in _KINDS)
