"""What each flag says to people, in Indonesian and English, and how much it matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suar.location.flags import Flag, Weight


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a flag says to people."""

    weight: Weight
    indonesian: str
    english: str

    def text(self, language: Literal["id", "en"]) -> str:
        """The sentence, in Indonesian or English."""
        return self.indonesian if language == "id" else self.english


_NOTE, _FORGIVEN, _DOUBT = Weight.NOTE, Weight.FORGIVEN, Weight.DOUBT

MEANINGS: dict[Flag, Meaning] = {
    Flag.BYTE_ORDER_MARK: Meaning(
        _NOTE, "Diawali tanda urutan bita (BOM).", "Begins with a byte order mark."
    ),
    Flag.ENCODING_WRONG: Meaning(
        _FORGIVEN,
        "Pengodean huruf bukan seperti yang dinyatakan.",
        "The characters are not encoded as it says.",
    ),
    Flag.CONTROL_CHARACTERS: Meaning(
        _FORGIVEN, "Karakter kendali dibuang.", "Control characters were dropped."
    ),
    Flag.SPACE_BEFORE_DOCUMENT: Meaning(
        _FORGIVEN, "Ada spasi sebelum deklarasi XML.", "White space stands before the XML declaration."
    ),
    Flag.JUNK_AFTER_DOCUMENT: Meaning(
        _FORGIVEN,
        "Ada isi lain setelah dokumen; diabaikan.",
        "Something follows the document; it was ignored.",
    ),
    Flag.BARE_AMPERSAND: Meaning(
        _FORGIVEN, "Tanda & tidak ditulis sebagai &amp;.", "An & is not written as &amp;."
    ),
    Flag.XML_BROKEN_OFF: Meaning(
        _DOUBT,
        "XML rusak atau terpotong; hanya elemen utuh sebelum kerusakan yang dipakai.",
        "The XML is broken or cut off; only whole elements before the damage were used.",
    ),
    Flag.DECODED_HEX: Meaning(_NOTE, "Ditulis sebagai heksadesimal.", "Was written as hexadecimal digits."),
    Flag.DECODED_BASE64: Meaning(_NOTE, "Ditulis sebagai base64.", "Was written as base64."),
    Flag.DECODED_SEPTETS: Meaning(
        _NOTE, "Dikemas sebagai huruf GSM 7 bit.", "Was packed as GSM 7-bit characters."
    ),
    Flag.NAMESPACE_MISSING: Meaning(_FORGIVEN, "Elemen tanpa namespace.", "An element has no namespace."),
    Flag.NAMESPACE_UNDECLARED: Meaning(
        _FORGIVEN,
        "Awalan namespace tidak dideklarasikan.",
        "A namespace prefix is used without being declared.",
    ),
    Flag.NAMESPACE_WRONG: Meaning(
        _FORGIVEN, "Namespace elemen tidak sesuai standar.", "An element is in the wrong namespace."
    ),
    Flag.NAMESPACE_OLD: Meaning(
        _NOTE,
        "Namespace lama (civicLoc, RFC 4119).",
        "The namespace is the old one (civicLoc, RFC 4119).",
    ),
    Flag.ELEMENT_CASE: Meaning(
        _FORGIVEN, "Huruf besar-kecil nama elemen keliru.", "An element's name has the wrong case."
    ),
    Flag.STRUCTURE_UNUSUAL: Meaning(
        _FORGIVEN,
        "Elemen tidak berada di tempat yang ditentukan.",
        "An element does not stand where it belongs.",
    ),
    Flag.BARE_LOCATION: Meaning(
        _DOUBT,
        "Lokasi berdiri sendiri, tanpa dokumen presence.",
        "The location stands alone, without a presence document.",
    ),
    Flag.COMPOUND: Meaning(
        _NOTE,
        "Satu tempat dinyatakan dengan beberapa cara (RFC 5491).",
        "One place is described in several ways (RFC 5491).",
    ),
    Flag.SEVERAL_LOCATIONS: Meaning(
        _NOTE,
        "Satu elemen geopriv memuat beberapa location-info.",
        "One geopriv element has several location-info.",
    ),
    Flag.COMMA_IN_POSITION: Meaning(
        _FORGIVEN,
        "Koordinat dipisahkan koma atau titik koma.",
        "The coordinates are separated by a comma or semicolon.",
    ),
    Flag.DECIMAL_COMMA: Meaning(
        _DOUBT, "Angka memakai koma desimal.", "The numbers are written with a decimal comma."
    ),
    Flag.SPACE_IN_NUMBER: Meaning(_DOUBT, "Ada spasi di dalam angka.", "White space stands inside a number."),
    Flag.DEGREES_MINUTES_SECONDS: Meaning(
        _NOTE,
        "Ditulis dalam derajat, menit, detik atau dengan huruf mata angin.",
        "Written in degrees, minutes and seconds, or with a letter for the hemisphere.",
    ),
    Flag.GML_COORDINATES: Meaning(
        _NOTE,
        "Memakai gml:coordinates yang sudah usang.",
        "Uses gml:coordinates, which is deprecated.",
    ),
    Flag.LAT_LON_SWAPPED: Meaning(
        _DOUBT,
        "Lintang mustahil; lintang dan bujur dianggap tertukar.",
        "The latitude is impossible; latitude and longitude were taken as swapped.",
    ),
    Flag.LONGITUDE_FIRST: Meaning(
        _NOTE,
        "Sistem koordinatnya menulis bujur dahulu (CRS84).",
        "Its reference system has the longitude first (CRS84).",
    ),
    Flag.LONGITUDE_WRAPPED: Meaning(
        _FORGIVEN,
        "Bujur di atas 180 derajat dikembalikan ke rentangnya.",
        "A longitude beyond 180 degrees was brought back into its range.",
    ),
    Flag.SRS_MISSING: Meaning(
        _FORGIVEN,
        "srsName tidak ada; dianggap WGS 84, lintang dahulu.",
        "There is no srsName; taken as WGS 84, latitude first.",
    ),
    Flag.SRS_SPELLING: Meaning(
        _FORGIVEN,
        "srsName ditulis tidak sesuai RFC 5491.",
        "The srsName is not written as RFC 5491 asks.",
    ),
    Flag.SRS_DIMENSION: Meaning(
        _FORGIVEN,
        "Jumlah angka tidak sesuai dengan dimensi srsName.",
        "There are more or fewer numbers than the srsName's dimensions.",
    ),
    Flag.SRS_NEAR_WGS84: Meaning(
        _NOTE,
        "Datum lain yang berbeda kurang dari beberapa meter dari WGS 84.",
        "Another datum, within a few metres of WGS 84.",
    ),
    Flag.WHOLE_DEGREES: Meaning(
        _DOUBT,
        "Koordinat tanpa angka desimal: hanya teliti sampai puluhan kilometer.",
        "The coordinates have no decimals: they are good to tens of kilometres.",
    ),
    Flag.UOM_MISSING: Meaning(
        _FORGIVEN,
        "Satuan tidak ada; dianggap meter atau derajat.",
        "The unit is missing; taken as metres, or degrees.",
    ),
    Flag.UOM_SPELLING: Meaning(
        _FORGIVEN, "Satuan ditulis tidak sesuai RFC 5491.", "The unit is not written as RFC 5491 asks."
    ),
    Flag.UOM_CONVERTED: Meaning(
        _NOTE, "Satuan lain diubah ke meter atau derajat.", "Converted to metres, or degrees."
    ),
    Flag.UOM_WRONG: Meaning(
        _DOUBT,
        "Satuan tidak mungkin atau tidak dikenal.",
        "The unit cannot be, or is not known.",
    ),
    Flag.RADIUS_UNUSABLE: Meaning(
        _DOUBT,
        "Radius tidak dapat dipakai; hanya titiknya yang disimpan, ketidakpastian tidak diketahui.",
        "The radius cannot be used; only the point is kept, its uncertainty is not known.",
    ),
    Flag.RADIUS_ZERO: Meaning(
        _DOUBT,
        "Radius nol: ketidakpastian sebenarnya tidak diketahui.",
        "The radius is zero: the uncertainty is in truth not known.",
    ),
    Flag.AXES_SWAPPED: Meaning(
        _FORGIVEN,
        "Sumbu pendek lebih panjang dari sumbu panjang; ditukar.",
        "The minor axis is longer than the major one; they were swapped.",
    ),
    Flag.AXIS_MISSING: Meaning(
        _DOUBT,
        "Satu ukuran bentuk hilang; diganti bentuk yang lebih luas.",
        "A measure of the shape is missing; a shape that holds it was taken.",
    ),
    Flag.ANGLE_MISSING: Meaning(
        _DOUBT,
        "Sudut tidak ada; diganti bentuk yang lebih luas.",
        "An angle is missing; a shape that holds it was taken.",
    ),
    Flag.ANGLE_WRAPPED: Meaning(
        _FORGIVEN,
        "Sudut di luar 0 sampai 360 derajat dikembalikan ke rentangnya.",
        "An angle outside 0 to 360 degrees was brought back into its range.",
    ),
    Flag.BAND_SIMPLIFIED: Meaning(
        _DOUBT,
        "Busur tidak lengkap; diganti lingkaran yang memuatnya.",
        "The arc band is incomplete; the circle that holds it was taken.",
    ),
    Flag.RING_OPEN: Meaning(
        _FORGIVEN,
        "Poligon tidak ditutup ke titik pertama.",
        "The ring does not come back to its first point.",
    ),
    Flag.RING_CLOCKWISE: Meaning(_NOTE, "Titik poligon searah jarum jam.", "The ring's points go clockwise."),
    Flag.RING_UNLEVEL: Meaning(
        _NOTE, "Titik poligon tidak sama tinggi.", "The ring's points are not at one height."
    ),
    Flag.RING_POINT_REPEATED: Meaning(
        _FORGIVEN, "Titik poligon berulang; sekali saja disimpan.", "A point follows itself; kept once."
    ),
    Flag.INTERIOR_IGNORED: Meaning(
        _NOTE, "Lubang pada poligon diabaikan.", "Holes in the polygon were ignored."
    ),
    Flag.HEIGHT_UNUSABLE: Meaning(
        _DOUBT,
        "Tinggi bentuk tidak dapat dipakai; hanya dasarnya yang disimpan.",
        "The shape's height cannot be used; only its base is kept.",
    ),
    Flag.ALTITUDE_UNUSABLE: Meaning(
        _FORGIVEN, "Ketinggian tidak dapat dipakai.", "The altitude cannot be used."
    ),
    Flag.CIVIC_UNKNOWN_ELEMENT: Meaning(
        _NOTE, "Alamat memuat elemen yang tidak dikenal.", "The address has an element that is not known."
    ),
    Flag.CIVIC_COUNTRY: Meaning(
        _FORGIVEN,
        "Kode negara bukan dua huruf besar.",
        "The country is not two capital letters.",
    ),
    Flag.CIVIC_COUNTRY_ONLY: Meaning(
        _DOUBT, "Alamat hanya memuat negara.", "The address says no more than the country."
    ),
    Flag.CIVIC_REPEATED: Meaning(
        _NOTE, "Satu unsur alamat muncul beberapa kali.", "A part of the address is there more than once."
    ),
    Flag.CIVIC_TOO_LONG: Meaning(
        _FORGIVEN, "Unsur alamat terlalu panjang; dipotong.", "A part of the address is too long; cut."
    ),
    Flag.CONFIDENCE_FRACTION: Meaning(
        _FORGIVEN,
        "Keyakinan ditulis sebagai pecahan, bukan persen.",
        "The confidence is a fraction, not a percentage.",
    ),
    Flag.CONFIDENCE_PERCENT: Meaning(
        _FORGIVEN,
        "Keyakinan ditulis sebagai persen, bukan pecahan.",
        "The confidence is a percentage where a fraction belongs.",
    ),
    Flag.CONFIDENCE_UNUSABLE: Meaning(
        _FORGIVEN, "Keyakinan tidak dapat dipakai.", "The confidence cannot be used."
    ),
    Flag.METHOD_UNKNOWN: Meaning(
        _NOTE, "Cara penentuan lokasi tidak dikenal.", "How the place was found is not a known word."
    ),
    Flag.TIME_MISSING: Meaning(
        _NOTE, "Waktu penentuan lokasi tidak disebutkan.", "It does not say when the place was found."
    ),
    Flag.TIME_UNUSABLE: Meaning(
        _DOUBT, "Waktu penentuan lokasi tidak dapat dibaca.", "The time of the fix cannot be read."
    ),
    Flag.TIME_SPELLING: Meaning(
        _FORGIVEN, "Waktu tidak ditulis sesuai RFC 3339.", "The time is not written as RFC 3339 asks."
    ),
    Flag.TIME_ZONE_MISSING: Meaning(
        _DOUBT, "Waktu tanpa zona; dianggap UTC.", "The time has no zone; taken as UTC."
    ),
    Flag.TIME_IN_FUTURE: Meaning(
        _DOUBT,
        "Waktu penentuan lokasi ada di masa depan.",
        "The time of the fix is in the future.",
    ),
    Flag.RETENTION_EXPIRED: Meaning(
        _NOTE,
        "Batas penyimpanan yang diminta pengirim sudah lewat.",
        "The sender's limit for keeping it has passed.",
    ),
    Flag.MOTION_UNUSABLE: Meaning(
        _FORGIVEN, "Kecepatan atau arah tidak dapat dipakai.", "The speed or heading cannot be used."
    ),
    Flag.RULES_UNUSABLE: Meaning(
        _FORGIVEN,
        "Aturan pemakaian tidak dapat dibaca; dianggap tidak boleh diteruskan.",
        "The usage rules cannot be read; taken as not to be passed on.",
    ),
    Flag.LINE_ENDINGS: Meaning(_NOTE, "Akhir baris bukan CRLF.", "The lines do not end in CRLF."),
    Flag.INDENTED_MESSAGE: Meaning(
        _FORGIVEN, "Seluruh pesan menjorok ke dalam.", "The whole message is indented."
    ),
    Flag.HEADER_UNUSABLE: Meaning(_FORGIVEN, "Satu header tidak dapat dibaca.", "A header cannot be read."),
    Flag.BARE_URI: Meaning(_FORGIVEN, "URI tidak diapit < dan >.", "A URI is not between < and >."),
    Flag.CID_UNRESOLVED: Meaning(
        _DOUBT,
        "Header menunjuk ke bagian pesan yang tidak ada.",
        "A header points to a part of the message that is not there.",
    ),
    Flag.CID_SPELLING: Meaning(
        _FORGIVEN,
        "Content-ID tidak persis sama dengan yang ditunjuk.",
        "The Content-ID is not written just as the header has it.",
    ),
    Flag.NOT_REFERENCED: Meaning(
        _NOTE,
        "Lokasi ada di badan pesan, tanpa header yang menunjuknya.",
        "The location is in the body and no header points to it.",
    ),
    Flag.MULTIPART_UNCLOSED: Meaning(
        _FORGIVEN, "Badan pesan tidak ditutup.", "The multipart body is not closed."
    ),
    Flag.CONTENT_TYPE_WRONG: Meaning(
        _FORGIVEN,
        "Content-Type tidak sesuai dengan isinya.",
        "The Content-Type is not what the part is.",
    ),
    Flag.CONTENT_LENGTH_WRONG: Meaning(_FORGIVEN, "Content-Length keliru.", "The Content-Length is wrong."),
    Flag.ROUTING_NOT_ALLOWED: Meaning(
        _NOTE,
        "Pengirim tidak mengizinkan lokasi dipakai untuk perutean (Geolocation-Routing: no).",
        "The sender does not allow routing by this location (Geolocation-Routing: no).",
    ),
    Flag.CELL_NOT_CONFIRMED: Meaning(
        _NOTE,
        "Tidak dinyatakan bahwa sel berasal dari jaringan: mungkin ditulis oleh ponsel.",
        "It is not said that the network provides the cell: the phone may have written it.",
    ),
    Flag.AML_DAMAGED: Meaning(
        _DOUBT,
        "Pesan AML rusak; yang masih terbaca dipakai.",
        "The AML message is damaged; what can be read was used.",
    ),
    Flag.AML_LENGTH_WRONG: Meaning(
        _DOUBT,
        "Panjang pesan AML tidak sesuai dengan ml: mungkin terpotong atau berubah.",
        "The AML message is not as long as its ml says: it may be cut or changed.",
    ),
    Flag.AML_HEADER_MISSING: Meaning(_DOUBT, 'Pesan AML tanpa A"ML=.', 'The AML message has no A"ML=.'),
    Flag.AML_KEY_UNKNOWN: Meaning(
        _NOTE, "Pesan AML memuat kunci yang tidak dikenal.", "The AML message has a key that is not known."
    ),
    Flag.AML_KEY_REPEATED: Meaning(
        _DOUBT,
        "Satu kunci AML muncul beberapa kali; yang pertama dipakai.",
        "A key is there more than once; the first was used.",
    ),
    Flag.AML_OLD_FIELD: Meaning(
        _NOTE,
        "Memakai location_certainty dari versi lama.",
        "Uses location_certainty, from an older version.",
    ),
    Flag.AML_TEST: Meaning(
        _DOUBT,
        "Membawa lokasi pembanding: pesan uji coba.",
        "Carries a ground truth: a test message.",
    ),
    Flag.AML_NOT_AUTHENTICATED: Meaning(
        _NOTE,
        "HMAC pesan belum diperiksa.",
        "The message's HMAC has not been checked.",
    ),
    Flag.AML_CAR_CRASH: Meaning(
        _NOTE, "Ponsel melaporkan kecelakaan mobil.", "The phone reports a car crash."
    ),
    Flag.LOCATION_URI_EXPIRED: Meaning(
        _DOUBT, "URI lokasi sudah kedaluwarsa.", "The location URI has expired."
    ),
}


def meaning(code: str) -> Meaning:
    """What a code means. Raises KeyError or ValueError for what is no flag."""
    return MEANINGS[Flag(code)]


def weight(code: str) -> Weight:
    """How much a flag matters."""
    return meaning(code).weight
