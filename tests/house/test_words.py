"""What the pages say: the same in both languages, and there wherever it is said."""

import re
from functools import cache
from pathlib import Path

import pytest

from gigmarket.edge.http.modules import files_of, modules_of

STATIC = Path(__file__).parents[2] / "static"
CHINESE = sorted((STATIC / "lib").glob("zh*.js"))
CLIENTS = ("worker", "kiosk", "employer", "staff", "home")
_ENTRY = re.compile(r'^  "([^"]+)": "(.*)",$', re.MULTILINE)
_SAID = re.compile(r"\bt\(([^()`]*)")
_KEY = re.compile(r'(?<!=== )"([a-z][\w.]*)"')
_BUILT = re.compile(r"\bt\(\s*`([^`$]*)\$\{")
_NAMES = re.compile(r"\{(\w+)\}")


@cache
def words_of(file: Path) -> dict[str, str]:
    """Keys and texts of one file of words. Fails for one that says a key twice."""
    entries = _ENTRY.findall(file.read_text("utf-8"))
    assert len(dict(entries)) == len(entries), file.name
    return dict(entries)


@pytest.mark.parametrize("file", CHINESE, ids=lambda file: file.stem)
def test_both_languages_say_the_same_keys_with_the_same_values(file: Path) -> None:
    chinese = words_of(file)
    english = words_of(file.with_name(file.name.replace("zh", "en", 1)))
    assert chinese.keys() == english.keys()
    assert {key: set(_NAMES.findall(text)) for key, text in chinese.items()} == {
        key: set(_NAMES.findall(text)) for key, text in english.items()
    }
    assert file.read_text("utf-8").count("\n") == len(chinese) + 3


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_new_kiosk_sends_staff_to_a_tab_that_there_is(lang: str) -> None:
    tab = words_of(STATIC / "lib" / f"{lang}-tasks.js")["part.stations"]
    assert f"“{tab}”" in words_of(STATIC / "lib" / f"{lang}-kiosk.js")["enrol.how"]


def test_no_key_stands_in_two_files() -> None:
    keys = [key for file in CHINESE for key in words_of(file)]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def unknown(modules: list[str]) -> set[tuple[str, str]]:
    """What these modules say for which none of them brings the words: (module, key)."""
    files = [STATIC / name for name in modules if not name.startswith("vendor/")]
    known = {key for file in files if file in CHINESE for key in words_of(file)}
    missing = set()
    for file in files:
        text = file.read_text("utf-8")
        said = {key for words in _SAID.findall(text) for key in _KEY.findall(words)}
        missing |= {(file.name, key) for key in said - known}
        missing |= {
            (file.name, start)
            for start in _BUILT.findall(text)
            if not any(key.startswith(start) for key in known)
        }
    return missing


@pytest.mark.parametrize("client", CLIENTS)
def test_a_page_has_words_for_all_it_says(client: str) -> None:
    folder = "" if client == "home" else client
    modules = files_of(STATIC, folder)
    assert len(modules) > 15
    assert unknown([name for name in modules if name.endswith(".js")]) == set()


@pytest.mark.parametrize("client", ["worker", "kiosk"])
def test_the_door_has_words_before_anything_else_came(client: str) -> None:
    page = (STATIC / client / "index.html").read_text("utf-8")
    assert "lib/zh.js" in modules_of(STATIC, page)
    assert unknown([*modules_of(STATIC, page), f"{client}/app.js"]) == set()
