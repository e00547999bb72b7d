"""Rows about flood-season inspections and the register of hazards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.importers.reading import Reading

if TYPE_CHECKING:
    from data.importers.registers import Tables
    from data.importers.rows import Record, Row


def inspection(row: Row) -> Tables:
    """Return the inspection of one institution in one round; its area is that of the institution."""
    reading = Reading(row)
    done_on = reading.day("done_on")
    state = reading.choice("state", "inspection_state", "done" if done_on else "planned")
    if state == "done" and done_on is None:
        reading.refuse("done_on", "已查的须写明完成日期")
    record: Record = {
        "_round_code": reading.code("round_code"),
        "_institution_code": reading.code("institution_code"),
        "state": state,
        "done_on": done_on,
        "_row": row,
    }
    if "planned_on" in row.headers:
        record["planned_on"] = reading.day("planned_on")
    for column in ("team", "note"):
        if column in row.headers:
            record[column] = reading.name(column, required=False)
    record |= {"source_sheet": row.sheet, "source_row": row.number}
    return {"inspection": [reading.finish(record)]}


def hazard(row: Row) -> Tables:
    """Return the hazard of a row; one that is closed says when, one that is not cannot."""
    reading = Reading(row)
    geom, method = reading.point()
    state = reading.choice("state", "hazard_state", "registered")
    found_on, closed_on = reading.day("found_on"), reading.day("closed_on")
    if found_on is None:
        reading.refuse("found_on", "缺少发现日期")
    if state == "closed" and closed_on is None:
        reading.refuse("closed_on", "已销号的须写明销号日期")
    elif state != "closed" and closed_on is not None:
        reading.refuse("closed_on", "没有销号却写了销号日期", "请改正办理状态，或清空这一格")
    elif closed_on is not None and found_on is not None and closed_on < found_on:
        reading.refuse("closed_on", "早于发现日期")
    record: Record = {
        "code": reading.code(),
        "title": reading.name("title"),
        "domain": reading.choice("domain", "hazard_domain"),
        "grade": reading.choice("grade", "hazard_grade", "general"),
        "state": state,
        "origin": "register",
        "geom": geom,
        "found_on": found_on,
        "closed_on": closed_on,
        "_institution_code": reading.code("institution_code", required=False),
        "_water_code": reading.code("water_code", required=False),
    }
    reading.name("water_name", required=False)
    if "deadline" in row.headers:
        record["deadline"] = reading.day("deadline")
    for column in ("responsible_unit", "responsible_person"):
        if column in row.headers:
            record[column] = reading.name(column, required=False)
    record |= reading.places() | reading.provenance(method)
    return {"hazard": [reading.finish(record)]}
