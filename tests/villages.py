"""The city's stations and two villages' own, 3.3 km north and south of that of their town."""

from importlib.resources import files
from pathlib import Path

TOWN = "店下镇"
HALL, TANGXIA, GUANTIAN = (
    {"lat": lat, "lng": 115.6210, "datum": "wgs84"} for lat in (27.9120, 27.9420, 27.8820)
)


def villages(folder: Path) -> dict[str, str]:
    """Write the list; the GIGMARKET_ settings that use it."""
    head, *lines = files("gigmarket.travel").joinpath("zhangshu_stations.csv").read_text("utf-8").splitlines()
    lines = [f"{line}," for line in lines]
    for code, name, where in (("tangxia", "塘下", TANGXIA), ("guantian", "官田", GUANTIAN)):
        place = f"{where['lat']},{where['lng']}"
        lines.append(
            f"{code},{name}村零工驿站,{code.title()},{TOWN},village,{place},{name}村委会,true,{name}村"
        )
    path = folder / "stations.csv"
    path.write_text("\n".join([f"{head},village_zh", *lines]) + "\n", "utf-8")
    return {"GIGMARKET_STATIONS": str(path)}
