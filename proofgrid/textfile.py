"""The one reader of text files that people hand to the command line: proofs, items, completions, models, matrices.

What all of them share: UTF-8, with or without a byte order mark; any other encoding is refused in one sentence rather
than read as something it is not. ``-`` is standard input. In files of lines (JSON lines, CSV) lines end at ``\\n`` or
``\\r\\n`` only, blank lines are skipped, and a line whose first character is ``#`` is a comment.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

from proofgrid.errors import UserError

LARGEST = 1 << 28
"""Bytes of a file that is read whole, unless its reader says otherwise."""
LONGEST_LINE = 1 << 28
"""Bytes of one line of a file that is read by lines."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class TextFileError(UserError):
    """A file that cannot be read as text; the message names it and says why."""


def read_text(file: str | Path, largest: int = LARGEST) -> str:
    """The whole text of a file, without its byte order mark. Raises TextFileError."""
    with _open(file) as stream:
        try:
            data = stream.read(largest + 1)
        except OSError as error:
            raise TextFileError(f"{file} cannot be read: {error.strerror or error}") from error
    if len(data) > largest:
        raise TextFileError(f"{file} cannot be read: it is larger than {largest:,} bytes")
    return _decode(_unmarked(data, file), file)


def read_lines(file: str | Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of every line that holds data, read as they are needed. Raises TextFileError."""
    for number, data in _lines(file):
        text = _decode(data, f"{file}, line {number}")
        if _holds_data(data):
            yield number, text


def read_byte_lines(file: str | Path) -> Iterator[tuple[int, bytes]]:
    """As :func:`read_lines` for a reader to whom a line that is not UTF-8 costs that line only."""
    return ((number, data) for number, data in _lines(file) if _holds_data(data))


def read_parquet_lines(file: str | Path) -> Iterator[tuple[int, bytes]]:
    """The rows of a Parquet file as :func:`read_byte_lines` would give them from JSON lines. Raises TextFileError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        for batch in pq.ParquetFile(file).iter_batches(1024):
            for row in batch.to_pylist():
                number += 1
                yield number, json.dumps(row, default=str).encode()
    except (OSError, pa.ArrowException) as error:
        raise TextFileError(f"{file} cannot be read as Parquet: {error}") from error


def file_digest(file: str | Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal. Raises TextFileError."""
    with _open(file) as stream:
        if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode) and os.path.realpath(file) != os.devnull:
            raise TextFileError(f"{file} cannot be read: it is a device")  # /dev/zero, or a link to it, has no end
        try:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
        except OSError as error:
            raise TextFileError(f"{file} cannot be read: {error.strerror or error}") from error


def _lines(file: str | Path) -> Iterator[tuple[int, bytes]]:
    with _open(file) as stream:
        number = 0
        while True:
            try:
                line = stream.readline(LONGEST_LINE + 1)
            except OSError as error:
                raise TextFileError(f"{file} cannot be read: {error.strerror or error}") from error
            if not line:
                return
            number += 1
            if len(line) > LONGEST_LINE:
                raise TextFileError(f"{file}, line {number} is longer than {LONGEST_LINE:,} bytes")
            if number == 1:
                line = _unmarked(line, file)
            yield number, line.removesuffix(b"\n").removesuffix(b"\r")


def _holds_data(line: bytes) -> bool:
    return bool(line.strip()) and not line.startswith(b"#")


def _open(file: str | Path) -> AbstractContextManager[IO[bytes]]:
    if str(file) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        # Without O_NONBLOCK a named pipe that nobody writes to would be waited for; with it, it is empty.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        if hasattr(os, "set_blocking"):
            os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except OSError as error:
        raise TextFileError(f"{file} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise TextFileError(f"{str(file)!r} cannot be read: {error}") from error


def _unmarked(data: bytes, file: str | Path) -> bytes:
    """The bytes after a UTF-8 byte order mark. Raises TextFileError if the mark is another encoding's."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            raise TextFileError(f"{file} is {encoding}: save it as UTF-8")
    return data.removeprefix(codecs.BOM_UTF8)


def _decode(data: bytes, where: str | Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextFileError(
            f"{where} is not UTF-8 (byte {error.start + 1:,} is 0x{data[error.start]:02x}): save it as UTF-8"
        ) from error
