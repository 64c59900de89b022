"""The house: imports run one way, and the public names are the ones that are listed."""

import ast
from pathlib import Path

import pytest

import circle15

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "gis": {"gis"},
    "policy": {"policy", "gis"},
    "optimise": {"optimise", "gis"},
    "maps": {"maps", "optimise", "policy", "gis"},
    "circle15": {"circle15", "maps", "optimise", "policy", "gis"},
}
FROM_GIS = {
    "policy": {"gis.tables", "gis.errors", "gis.words", "gis.ledger"},
    "optimise": {"gis.tables", "gis.errors", "gis.words", "gis.shown"},
}


def imports(module: Path) -> set[str]:
    """Return what a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_run_one_way(package: str) -> None:
    modules = list((ROOT / package).glob("**/*.py"))
    assert modules
    for module in modules:
        for name in imports(module):
            ours = name.partition(".")[0]
            if ours in ALLOWED:
                assert ours in ALLOWED[package], f"{module} imports {name}"
            if ours == "gis" and package in FROM_GIS:
                assert name in FROM_GIS[package], f"{module} imports {name}"


def test_no_module_imports_in_a_circle() -> None:
    graph = {}
    for package in ALLOWED:
        for module in (ROOT / package).glob("**/*.py"):
            name = ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            top = {
                node.module
                for node in ast.parse(module.read_text(encoding="utf-8")).body
                if isinstance(node, ast.ImportFrom) and node.module
            }
            graph[name] = {other for other in top if other.partition(".")[0] in ALLOWED}
    done: set[str] = set()
    while len(done) < len(graph):
        free = {name for name, needs in graph.items() if name not in done and needs & graph.keys() <= done}
        assert free, f"a circle among {sorted(graph.keys() - done)}"
        done |= free


def test_public_names_exist_are_documented_and_are_listed_once() -> None:
    assert len(circle15.__all__) == len(set(circle15.__all__))
    for name in circle15.__all__:
        assert getattr(circle15, name).__doc__ or not callable(getattr(circle15, name)), name
    shown = {name for name in vars(circle15) if not name.startswith("_")}
    modules = {path.stem for path in (ROOT / "circle15").glob("*.py")}
    modules |= {path.parent.name for path in (ROOT / "circle15").glob("*/__init__.py")}
    assert shown - set(circle15.__all__) - modules == set()


def test_every_package_is_typed() -> None:
    for package in ALLOWED:
        assert (ROOT / package / "py.typed").is_file()
