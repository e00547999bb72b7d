"""Workbooks that are written without a file: openpyxl puts every sheet in the system's temporary folder."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

if TYPE_CHECKING:
    from openpyxl import Workbook


def sheet(book: Workbook, name: str) -> Any:  # noqa: ANN401 - known to openpyxl's types in part alone
    """Return a new sheet of a write-only workbook that keeps its rows in memory."""
    made = _Sheet(book, name)
    owner: Any = book
    owner._add_sheet(made)  # noqa: SLF001 - what create_sheet does, for a class of its own
    return made


def saved(book: Workbook) -> bytes:
    """Return the file of a workbook whose sheets are all of `sheet`."""
    out = io.BytesIO()
    ExcelWriter(book, _Archive(out, "w", zipfile.ZIP_DEFLATED)).save()
    return out.getvalue()


class _Writer(WorksheetWriter):
    def __init__(self, held: WriteOnlyWorksheet) -> None:
        self._kept = io.BytesIO()
        super().__init__(held, out=self._kept)

    def cleanup(self) -> None:
        self._kept.close()


class _Sheet(WriteOnlyWorksheet):
    _writer: Any

    def _get_writer(self) -> None:
        if self._writer is None:
            self._writer = _Writer(self)
            self._writer.write_top()


class _Archive(zipfile.ZipFile):
    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:  # noqa: ANN401 - as it is inherited
        """Take in a sheet, which is no file."""
        self.writestr(arcname, filename.getbuffer())
