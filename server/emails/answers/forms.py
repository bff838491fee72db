"""The form that Inbound Parse posts, read as it comes: fields are kept, attachments are dropped.

Nothing of a file is held, so a form may be as large as the mail company lets one be (SendGrid,
"Inbound Email Parse Webhook": 30 MB). Pure; knows no sockets.
"""

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

MOST_FIELDS = 500
MOST_READ = 200_000  # bytes of one field; strangers write them, and reading must end soon
_MOST_MAIL = 2_000_000  # of the whole mail, where it is posted as it came


class FormReader:
    """Takes a multipart form in pieces. Raises ValueError for what is none."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise ValueError("not a multipart form")
        self._decoder = MultipartDecoder(boundary.encode("latin-1"), max_parts=MOST_FIELDS)
        self._current: bytearray | None = None
        self._most = MOST_READ
        self._is_over = False
        self.fields: dict[str, bytearray] = {}

    def feed(self, piece: bytes) -> None:
        """Take the next piece; an empty one is the end. Raises ValueError for a broken form."""
        if self._is_over:
            return
        self._decoder.receive_data(piece or None)
        while not isinstance(event := self._decoder.next_event(), NeedData):
            if isinstance(event, Epilogue):
                self._is_over = True
                return
            if isinstance(event, Field):
                self._current = bytearray()
                self._most = _MOST_MAIL if event.name == "email" else MOST_READ
                self.fields.setdefault(event.name, self._current)
            elif isinstance(event, File):
                self._current = None
            elif isinstance(event, Data) and self._current is not None:
                self._current += event.data[: self._most - len(self._current)]


def form_fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a whole form. Raises ValueError for what is none."""
    reader = FormReader(content_type)
    reader.feed(body)
    reader.feed(b"")
    return {name: bytes(value) for name, value in reader.fields.items()}
