"""The section where a file comes in: choose it, follow it, see what it would do, confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from pages.intake import desk, following, view
from pages.shell import downloads, grids
from pages.shell.blocks import empty
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from pages.door.desk import Viewer

TYPES: Final = ("xlsx", "csv", "txt", "geojson", "json", "gpkg", "zip", "kml", "kmz", "gpx")
DIGITS_MAX: Final = 15
JOB: Final = "job"
"""In the address, so that a receipt is found again after the browser was closed."""


def draw(viewer: Viewer) -> None:
    """Draw the file that is being followed, else the form; below it the viewer's own uploads."""
    number = st.query_params.get(JOB, "")
    sound = number.isascii() and number.isdecimal() and len(number) <= DIGITS_MAX
    found = desk.job(viewer, int(number)) if sound else None
    if found is not None and found.state != "cancelled":
        if st.button("← 导入另一个文件", key="intake-other"):
            del st.query_params[JOB]
            st.rerun()
        following.draw(viewer, found)
    else:
        if number:
            st.html(empty("没有这个文件", "可能已放弃，或不是用这个账号上传的。"))
        _form(viewer)
    _own(viewer, number)
    if found is None:
        downloads.templates(viewer)


def _form(viewer: Viewer) -> None:
    kinds = desk.allowed(viewer)
    if not kinds:
        st.html(empty("这个岗位没有可导入的种类", "如工作需要，请向本单位管理员申请。"))
        return
    limit = deployment().upload_max_mb
    given = st.file_uploader(
        f"选择文件（不超过 {limit:d} MB）：Excel、CSV、GeoJSON、GeoPackage、Shapefile 压缩包、KML/KMZ、GPX",
        type=list(TYPES),
        key="intake-file",
    )
    left, right = st.columns(2)
    kind = left.selectbox("种类", ["", *kinds], format_func=view.kind_title, key="intake-kind")
    crs = right.selectbox("坐标系", ["", *view.SYSTEMS], format_func=view.system_title, key="intake-crs")
    if (
        st.button("上传并检查（先不写入）", type="primary", disabled=given is None, key="intake-send")
        and given
    ):
        number = desk.leave(viewer, given.name, given.getvalue(), kind=kind or "", crs=crs or None)
        st.query_params[JOB] = str(number)
        st.rerun()


def _own(viewer: Viewer, current: str) -> None:
    jobs = desk.jobs(viewer)
    if jobs.empty or (current and len(jobs) == 1):
        return
    st.html("<h3>我上传的文件</h3>")
    picked = grids.show(view.job_table(jobs), "还没有上传过文件", "", key=f"intake-own-{current}")
    if picked is not None and str(jobs.index[picked]) != current:
        st.query_params[JOB] = str(jobs.index[picked])
        st.rerun()
