"""PostGIS beside the files: the same figures from a table, results whole or not at all, every failure in words."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pyogrio
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from postgres import ADMIN, OFFICE, PASSWORDS, READER, Cluster
from psycopg import sql
from shapely.testing import assert_geometries_equal
from town import made_town, without_maps

import circle15 as c15
from circle15.verify import verify
from gis.address import Address, is_address, read_address, without_passwords
from gis.errors import InputError, OutputError
from gis.secrets import redacted
from gis.tables import COMMUNITIES, FACILITIES, RESIDENTS
from maps.geopackage import GEOMETRIES, layers, write_geopackage
from maps.layer_looks import aliases
from maps.postgis import MANIFEST_TABLE, refuse_schema, stored_differences, write_postgis

ROOT = Path(__file__).parents[1]
ATLAS = made_town()
CRS = "EPSG:4547"
RUN = "a" * 64


def schema(base: Cluster, name: str = "results", *, user: str = OFFICE, lock_s: int = 1) -> Address:
    """Return an empty schema to write to, with its password."""
    base.do(f"DROP SCHEMA IF EXISTS {name} CASCADE", f"CREATE SCHEMA {name} AUTHORIZATION {OFFICE}")
    return Address("127.0.0.1", "plan", name, None, base.port, user, PASSWORDS[user], 5, lock_s)


def load(base: Cluster, place: str, frame: pd.DataFrame) -> None:
    """Put a table into the database by other means than ours: a number for each row, its columns, its shapes."""
    where, name = place.split(".")
    shaped = isinstance(frame, gpd.GeoDataFrame)
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name) if shaped else frame)
    kinds = ["bigint" if d.kind == "i" else "double precision" if d.kind == "f" else "text" for d in cells.dtypes]
    fields = [sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(k)) for n, k in zip(cells, kinds, strict=True)]
    fields += [sql.SQL("geom geometry")] if shaped else []
    srid = frame.crs.to_epsg() if shaped else 0
    rows = cells.astype(object).where(cells.notna(), None).to_numpy().tolist()
    if shaped:
        rows = [[*row, *shapely.to_wkb([shape])] for row, shape in zip(rows, frame.geometry, strict=True)]
    marks = [sql.SQL("%s")] * len(cells.columns) + [sql.SQL("ST_GeomFromWKB(%s, {})").format(srid)] * shaped
    table = sql.Identifier(where, name)
    with base.connect(OFFICE) as connection:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        connection.execute(
            sql.SQL("CREATE TABLE {} (fid serial PRIMARY KEY, {})").format(table, sql.SQL(", ").join(fields))
        )
        names = sql.SQL(", ").join(map(sql.Identifier, [*cells, *(["geom"] * shaped)]))
        into = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, sql.SQL(", ").join(marks))
        connection.cursor().executemany(into, rows)


def code_of(error: pytest.ExceptionInfo[Any]) -> str:
    """Return the one code of a refusal, which is said in both languages and never with a password."""
    (finding,) = error.value.findings
    for line in (finding.line("zh"), finding.line("en"), str(error.value), repr(error.value.findings)):
        assert not any(word in line for word in PASSWORDS.values())
    assert finding.line("zh") != finding.line("en")
    return str(finding.code)


# --- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "postgis://h/d",
        "postgis://h/d/s",
        "postgis://h/d/s.t.u",
        "postgis:///d/s.t",
        "postgis://h,evil/d/s.t",
        "postgis://h/d/s.t?host=evil",
        "postgis://h/d?service=x/s.t",
        'postgis://h/d/s."t"',
        "postgis://h/d/s.t;drop",
        "postgis://h:0/d/s.t",
        "postgis://h:70000/d/s.t",
        "postgis://h/d/s." + "名" * 22,
        "postgresql://h/d/s.t",
    ],
)
def test_only_one_table_of_one_plain_host_is_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="postgis://host"):
        read_address(text)


@given(st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text and "%" not in text and text != "***"))
def test_whatever_a_password_is_it_is_not_shown(password: str) -> None:
    """As it is typed, signs of an address among it."""
    typed = f"postgis://office:{password}@10.0.0.1/d/s.t"
    shown, kept = without_passwords({"inputs": [{"path": typed}]})
    (said,) = kept
    assert kept[said] == password
    assert shown == {"inputs": [{"path": "postgis://office:***@10.0.0.1/d/s.t"}]}
    address = read_address(said)
    assert (address.user, address.password, str(address)) == ("office", None, "postgis://10.0.0.1/d/s.t")
    assert "password" not in repr(address)
    if not any(sign.isspace() for sign in password):
        assert redacted(f"no way to {typed}", {}) == f"no way to {said}"


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample with its results."""
    town = c15.copy_sample(tmp_path_factory.mktemp("files") / "town")
    few_documents(town)
    c15.comply(town)
    return town


def few_documents(town: Path) -> None:
    """Let a sample be judged by one document alone, which is quicker."""
    file = without_maps(town) / "project.toml"
    said = re.sub(r"packs = \[.*\]", 'packs = ["hebi_2020"]', file.read_text(encoding="utf-8"))
    file.write_text(said.replace('choices = { phasing = "first_or_half" }', ""), encoding="utf-8")


def stored_inputs(base: Cluster, town: Path) -> dict[str, str]:
    """Load tables of the sample into the schema `work`, and return what their lines in the project file become."""
    changed = {}
    for name in ("communities", "candidates"):
        load(base, f"work.{name}", pyogrio.read_dataframe(town / f"{name}.gpkg"))
        changed[f'{name} = "{name}.gpkg"'] = f"{name} = {json.dumps(base.address(f'work.{name}'))}"
    for name in ("residents", "gates"):
        load(base, f"work.{name}", pd.read_csv(town / f"{name}.csv", dtype=str))
        changed[f'path = "{name}.csv"'] = f"path = {json.dumps(base.address(f'work.{name}'))}"
    return changed


@pytest.fixture(scope="module")
def stored(base: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample, its tables in PostGIS and its results there too."""
    town = c15.copy_sample(tmp_path_factory.mktemp("base") / "town")
    few_documents(town)
    schema(base)
    file = town / "project.toml"
    said = file.read_text(encoding="utf-8")
    for before, after in stored_inputs(base, town).items():
        assert before in said
        said = said.replace(before, after)
    said = said.replace('folder = "成果"', f'folder = "成果"\npostgis = {json.dumps(base.address("results"))}')
    file.write_text(said, encoding="utf-8")
    c15.comply(town)
    return town


def test_the_same_figures_to_the_byte(sample: Path, stored: Path) -> None:
    """Of layers and of answers; elsewhere the names of the tables stand where those of the files stood."""
    for name in ("plan.gpkg", "verdicts.json", "核查意见.html"):
        assert (sample / "成果" / name).read_bytes() == (stored / "成果" / name).read_bytes()
    page = (stored / "成果" / "index.html").read_text(encoding="utf-8")
    for name, file in (("communities", "communities.gpkg!communities"), ("candidates", "candidates.gpkg!candidates"),
                       ("residents", "residents.csv"), ("gates", "gates.csv")):  # fmt: skip
        page = page.replace(f"work.{name}", file)
    assert "postgis" not in page
    assert abs(len(page) - len((sample / "成果" / "index.html").read_text(encoding="utf-8"))) < 400  # names of places


def test_the_results_stand_in_the_schema_and_are_verified(base: Cluster, stored: Path) -> None:
    assert verify(stored / "成果") == ()
    tables = {name for (name,) in base.do("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace ="
                                          " 'results'::regnamespace")}  # fmt: skip
    assert tables == {*GEOMETRIES, MANIFEST_TABLE}
    for name in GEOMETRIES:
        rows = pyogrio.read_info(stored / "成果" / "plan.gpkg", layer=name)["features"]
        assert base.do(f"SELECT count(*) FROM results.{name}") == [(rows,)]  # noqa: S608
    base.do("UPDATE results.homes SET elders = elders + 1 WHERE fid = 7")
    (found,) = verify(stored / "成果")
    assert (found.code, found.place.rpartition(".")[2]) == ("RESULT_CHANGED", "homes")
    base.do("UPDATE results.homes SET elders = elders - 1 WHERE fid = 7")
    assert verify(stored / "成果") == ()


def test_what_the_database_refuses_leaves_the_folder_as_it_was_too(base: Cluster, stored: Path) -> None:
    """The tables change last and the folder after them: neither is new without the other."""
    before = {path.name: path.read_bytes() for path in (stored / "成果").iterdir()}
    project = c15.load_project(stored)
    done = c15.study(c15.read_city(project), siting=False)
    base.do("CREATE VIEW results.ours AS SELECT * FROM results.plan")
    with pytest.raises(OutputError) as error:
        c15.write_outputs(done, times={})
    assert code_of(error) == "POSTGIS_NEEDED"
    base.do("DROP VIEW results.ours")
    assert {path.name: path.read_bytes() for path in (stored / "成果").iterdir()} == before
    assert verify(stored / "成果") == ()


def test_a_run_is_computed_anew_from_the_same_tables_only(base: Cluster, stored: Path) -> None:
    """Without writing to the database; a table that changed is named."""
    before = base.do("SELECT max(xmin::text::bigint) FROM results.homes")
    assert [f for f in c15.replay(stored / "成果") if f.severity == "reject"] == []
    assert base.do("SELECT max(xmin::text::bigint) FROM results.homes") == before
    base.do("UPDATE work.candidates SET geom = ST_Translate(geom, 1, 0) WHERE fid = 1")
    with pytest.raises(InputError, match="INPUT_CHANGED") as error:
        c15.replay(stored / "成果")
    assert "work.candidates" in str(error.value)
    base.do("UPDATE work.candidates SET geom = ST_Translate(geom, -1, 0) WHERE fid = 1")


def test_no_password_stands_in_any_result(stored: Path) -> None:
    words = [word.encode() for word in PASSWORDS.values()]
    files = [path for path in (stored / "成果").rglob("*") if path.is_file()]
    assert len(files) >= 8
    for path in files:
        assert not any(word in path.read_bytes() for word in words), path.name
    project = c15.load_project(stored)
    told = [repr(project), project.model_dump_json(), str(c15.read_city(project).findings)]
    assert not any(word in text for word in PASSWORDS.values() for text in told)
    manifest = json.loads((stored / "成果" / "manifest.json").read_text(encoding="utf-8"))
    assert [name for name in manifest["inputs"] if is_address(name)] == [
        f"postgis://127.0.0.1:{manifest['project']['output']['postgis'].split(':')[3].split('/')[0]}/plan/work.{name}"
        for name in ("candidates", "communities", "gates", "residents")
    ]


def test_columns_of_every_kind_are_read_as_a_geopackage_gives_them(base: Cluster) -> None:
    base.do(
        "DROP TABLE IF EXISTS work.kinds",
        "CREATE TABLE work.kinds (ogc_fid serial PRIMARY KEY, 设施编号 varchar(9), 设施名称 text, 类型 text,"
        " 建成日期 date, 投用日期 timestamptz, 建筑面积 numeric(9,2), 床位 smallint, 非营利 boolean, 备注 jsonb,"
        " geom geometry(PointZ, 4490))",
        "INSERT INTO work.kinds (设施编号, 设施名称, 类型, 建成日期, 投用日期, 建筑面积, 床位, 非营利, geom) VALUES"
        " ('F2', '乙', '日间照料', '2019-05-01', '2020-01-01 00:00+08', 350.50, NULL, true,"
        " ST_SetSRID(ST_MakePoint(114.29, 35.75, 60), 4490)), ('F1', '甲', '日间照料', NULL, NULL, 12, 7, NULL, NULL)",
        user=OFFICE,
    )
    read = c15.read_table(base.address("work.kinds"), FACILITIES, crs=CRS)
    frame = read.frame
    assert frame.index.tolist() == ["F2", "F1"]  # by the key of the table
    assert (frame["built"]["F2"], frame["opened"]["F2"]) == (pd.Timestamp(2019, 5, 1), pd.Timestamp(2020, 1, 1))
    assert frame["floor_area_m2"].tolist() == [350.5, 12.0]
    assert (frame["beds"]["F1"], frame["non_profit"]["F2"]) == (7, True)
    assert frame[["beds", "non_profit"]].isna().to_numpy().tolist() == [[True, False], [False, True]]
    assert frame.geometry.isna().tolist() == [False, True]
    assert not frame.geometry["F2"].has_z
    assert {f.code for f in read.findings} == {"COLUMN_UNUSED", "GEOMETRY_NULL"}


def test_a_view_has_the_same_order_every_time_and_degrees_in_columns_need_their_datum(base: Cluster) -> None:
    base.do(
        "DROP TABLE IF EXISTS work.heap CASCADE",
        "CREATE TABLE work.heap AS SELECT n::text AS 编号, 114.2 + n / 1000.0 AS 经度, 35.75 AS 纬度, 10 AS 总人口,"
        ' 3 AS "60岁以上人口" FROM generate_series(1, 9) AS n',
        "CREATE VIEW work.homes AS SELECT * FROM work.heap",
        user=OFFICE,
    )
    address = base.address("work.homes")
    first = c15.read_table(address, RESIDENTS, crs=CRS, datum="wgs84")
    base.do("UPDATE work.heap SET 总人口 = 10 WHERE 编号 = '3'")  # now last on the disk
    again = c15.read_table(address, RESIDENTS, crs=CRS, datum="wgs84")
    assert_frame_equal(first.frame, again.frame)
    assert first.sha256 == again.sha256
    assert first.frame.geometry.notna().all()
    with pytest.raises(InputError) as error:
        c15.read_table(address, RESIDENTS, crs=CRS)
    assert code_of(error) == "DATUM_MISSING"


def test_what_is_in_the_way_of_reading_is_said(base: Cluster) -> None:
    base.do(
        "DROP TABLE IF EXISTS work.f CASCADE", "DROP TABLE IF EXISTS work.two, work.none, work.odd, work.mixed",
        "CREATE TABLE work.f (设施编号 text, 设施名称 text, 类型 text, geom geometry)",
        "CREATE TABLE work.two (设施编号 text, a geometry(Point, 4547), b geometry(Point, 4547))",
        "CREATE TABLE work.none AS TABLE work.f", "CREATE TABLE work.mixed AS TABLE work.f",
        "INSERT INTO work.none VALUES ('F1', '甲', '日间照料', ST_MakePoint(526000, 3957000))",
        "INSERT INTO work.mixed VALUES ('F1', '甲', '日间照料', ST_SetSRID(ST_MakePoint(526000, 3957000), 4547)),"
        " ('F2', '乙', '日间照料', ST_SetSRID(ST_MakePoint(114.2, 35.7), 4326))",
        f"GRANT USAGE ON SCHEMA work TO {READER}",
        user=OFFICE,
    )  # fmt: skip
    base.do("CREATE TABLE work.odd AS TABLE work.none", "DELETE FROM spatial_ref_sys WHERE srid = 4528")
    base.do(f"ALTER TABLE work.odd OWNER TO {OFFICE}", "UPDATE work.odd SET geom = ST_SetSRID(geom, 4528)")
    good = base.address("work.f")
    cases = {
        good.replace(str(base.port), "9"): "POSTGIS_REFUSED",
        good.replace("127.0.0.1", "nowhere.invalid"): "POSTGIS_REFUSED",
        base.address("work.f", password="Falsch-1122"): "POSTGIS_LOGIN",  # noqa: S106 - made up
        base.address("work.f", user="nobody", password="x"): "POSTGIS_LOGIN",  # noqa: S106 - made up
        base.address("work.f", database="keine"): "POSTGIS_NO_DATABASE",
        base.address("work.f", database="bare"): "POSTGIS_NO_EXTENSION",
        base.address("work.F"): "POSTGIS_NO_TABLE",
        base.address("works.f"): "POSTGIS_NO_TABLE",
        base.address("work.f", user=READER): "POSTGIS_NO_RIGHT",
        base.address("work.two"): "POSTGIS_SHAPES",
        base.address("work.none"): "POSTGIS_SRID",
        base.address("work.odd"): "POSTGIS_SRID",
        base.address("work.mixed"): "POSTGIS_SRID",
        "postgis://127.0.0.1/plan": "PARAM_RANGE",
    }
    for address, code in cases.items():
        with pytest.raises(InputError) as error:
            c15.read_table(address, FACILITIES, crs=CRS)
        assert code_of(error) == code, address
        assert "Falsch" not in str(error.value)
    with base.connect() as other, other.transaction():
        other.execute("LOCK TABLE work.f IN ACCESS EXCLUSIVE MODE")
        waits = Address(**{**vars(read_address(good)), "lock_s": 1})
        with pytest.raises(InputError) as error:
            c15.read_table(waits, FACILITIES, crs=CRS)
        assert code_of(error) == "POSTGIS_LOCKED"


def test_only_the_host_of_the_address_is_asked(base: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says of other hosts; and reading cannot write."""
    base.do("CREATE SCHEMA IF NOT EXISTS evil", "CREATE OR REPLACE FUNCTION evil.st_srid(public.geometry)"
            " RETURNS int LANGUAGE sql AS 'SELECT 4326'", "GRANT USAGE ON SCHEMA evil TO PUBLIC")  # fmt: skip
    load(base, "work.own", gpd.GeoDataFrame({"社区代码": ["1"], "社区名称": ["甲"]},
                                            geometry=[shapely.box(5e5, 39e5, 501e3, 3901e3)], crs=CRS))  # fmt: skip
    for name, value in (("PGHOSTADDR", "10.255.255.1"), ("PGHOST", "10.255.255.1"),
                        ("PGOPTIONS", "-c search_path=evil,public")):  # fmt: skip
        monkeypatch.setenv(name, value)
    frame = c15.read_table(base.address("work.own"), COMMUNITIES, crs=CRS).frame
    assert frame.geometry.iloc[0].bounds == (5e5, 39e5, 501e3, 3901e3)
    monkeypatch.delenv("PGOPTIONS")
    base.do("CREATE OR REPLACE FUNCTION work.writes() RETURNS text LANGUAGE plpgsql AS"
            " $$ BEGIN CREATE TABLE work.written (a int); RETURN 'x'; END $$",
            "CREATE OR REPLACE VIEW work.trap AS SELECT work.writes() AS 社区代码, 'x'::text AS 社区名称",
            "GRANT SELECT ON work.trap TO PUBLIC")  # fmt: skip
    with pytest.raises(InputError) as error:
        c15.read_table(base.address("work.trap"), COMMUNITIES, crs=CRS)
    assert code_of(error) == "POSTGIS_FAILED"


def test_who_names_no_database_loads_no_driver() -> None:
    """So nothing of the tool could open a connection."""
    code = "import sys, circle15, maps.geopackage; assert not {'psycopg', 'sqlalchemy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


# --- the project file -------------------------------------------------------------------------------------------------


def changed(tmp_path: Path, *lines: tuple[str, str], more: str = "") -> Path:
    """Return the sample with some lines of its project file changed."""
    town = c15.copy_sample(tmp_path / "town")
    file = town / "project.toml"
    said = file.read_text(encoding="utf-8")
    for before, after in lines:
        assert before in said
        said = said.replace(before, after)
    file.write_text(said + more, encoding="utf-8")
    return town


OUTPUT = 'folder = "成果"'


@pytest.mark.parametrize(
    ("line", "more", "code"),
    [
        (('"streets.osm.pbf"', '"postgis://h/d/s.t"'), "", "FILE_NOT_LOCAL"),
        (('"communities.gpkg"', '{ path = "postgis://h/d/s.t", sheet = "x" }'), "", "PARAM_RANGE"),
        (('"communities.gpkg"', '"postgis://h/d/s"'), "", "PARAM_RANGE"),
        ((OUTPUT, OUTPUT + '\npostgis = "postgis://h/d/s.t"'), "", "PARAM_RANGE"),
        ((OUTPUT, OUTPUT + '\npostgis = "成果"'), "", "PARAM_RANGE"),
        ((OUTPUT, OUTPUT), '\n[postgis]\npassword_env = "PATH"', "PARAM_RANGE"),
        ((OUTPUT, OUTPUT), '\n[postgis]\npassword = "Geheim-7788"', "PARAM_UNKNOWN"),
        ((OUTPUT, OUTPUT), "\n[postgis]\nconnect_s = 0", "PARAM_RANGE"),
        ((OUTPUT, OUTPUT), "\n[passwords]\na = 'Geheim-7788'", "PARAM_UNKNOWN"),
    ],
)
def test_what_the_project_file_may_not_say(tmp_path: Path, line: tuple[str, str], more: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        c15.load_project(changed(tmp_path, line, more=more))
    assert [finding.code for finding in error.value.findings] == [code]
    assert "Geheim" not in str(error.value)


def test_results_do_not_take_the_place_of_the_inputs(tmp_path: Path) -> None:
    town = changed(tmp_path, ('"communities.gpkg"', '"postgis://a@h/d/s.communities"'),
                   (OUTPUT, OUTPUT + '\npostgis = "postgis://b@h/d/s"'))  # fmt: skip
    with pytest.raises(InputError, match="OUTPUT_INPUT"):
        c15.load_project(town)


def test_user_and_password_may_stand_in_the_environment(
    base: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"postgis://127.0.0.1:{base.port}/plan/work.own"
    load(base, "work.own", gpd.GeoDataFrame({"社区代码": ["1"], "社区名称": ["甲"]},
                                            geometry=[shapely.box(5e5, 39e5, 501e3, 3901e3)], crs=CRS))  # fmt: skip
    named = '\n[postgis]\nuser_env = "PLAN_DB_USER"\npassword_env = "PLAN_DB_PASSWORD"\nlock_s = 3'
    town = changed(tmp_path, ('"communities.gpkg"', json.dumps(address)), more=named)
    project = c15.load_project(town)
    with pytest.raises(InputError, match="PLAN_DB_USER"):
        project.address(project.inputs.communities.path)
    monkeypatch.setenv("PLAN_DB_USER", OFFICE)
    monkeypatch.setenv("PLAN_DB_PASSWORD", PASSWORDS[OFFICE])
    found = project.address(project.inputs.communities.path)
    assert (found.user, found.password, found.lock_s) == (OFFICE, PASSWORDS[OFFICE], 3)
    assert len(c15.read_table(found, COMMUNITIES, crs=CRS).frame) == 1
    monkeypatch.setenv("PGUSER", OFFICE)
    monkeypatch.setenv("PGPASSWORD", PASSWORDS[OFFICE])
    assert len(c15.read_table(address, COMMUNITIES, crs=CRS).frame) == 1
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "words"))
    (tmp_path / "words").write_text(f"127.0.0.1:*:plan:{OFFICE}:{PASSWORDS[OFFICE].replace(':', chr(92) + ':')}\n")
    (tmp_path / "words").chmod(0o600)
    assert len(c15.read_table(address, COMMUNITIES, crs=CRS).frame) == 1


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_wrong_password_stands_in_no_message_and_no_trace(base: Cluster, tmp_path: Path, command: str) -> None:
    wrong = "Falsch/1@2:33"
    town = changed(tmp_path, ('"communities.gpkg"', json.dumps(base.address("work.own", password=wrong))),
                   (OUTPUT, f"{OUTPUT}\npostgis = {json.dumps(base.address('results', password=wrong))}"))  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", "from circle15.cli import main; main()", command, str(town), "--debug"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == (2 if command == "check" else 1)
    assert ran.stderr.count("POSTGIS_LOGIN") == 2  # once in each language
    assert wrong not in ran.stdout + ran.stderr
    assert not (town / "成果").exists()


# --- writing ----------------------------------------------------------------------------------------------------------


def test_every_layer_is_a_table_with_its_cells_its_grid_its_index_and_its_names(base: Cluster, tmp_path: Path) -> None:
    where = schema(base)
    write_postgis(ATLAS, where, run=RUN)
    write_geopackage(ATLAS, tmp_path / "plan.gpkg")
    engine = sa.create_engine(
        sa.URL.create("postgresql+psycopg", OFFICE, PASSWORDS[OFFICE], "127.0.0.1", base.port, "plan")
    )
    for name, frame in layers(ATLAS).items():
        before = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer=name)
        if GEOMETRIES[name] == "Unknown":
            table = pd.read_sql_table(name, engine, schema="results").drop(columns="fid")
        else:
            table = gpd.read_postgis(f"SELECT * FROM results.{name} ORDER BY fid", engine).drop(columns="fid")  # noqa: S608
            declared = base.do(f"SELECT type, srid FROM geometry_columns WHERE f_table_schema = 'results'"  # noqa: S608
                               f" AND f_table_name = '{name}'")  # fmt: skip
            assert declared == [(GEOMETRIES[name].upper(), 4547)]
            assert_geometries_equal(table.geometry, before.geometry)
            table = pd.DataFrame(table.drop(columns="geom"))
            (index,) = base.do(f"SELECT indexdef FROM pg_indexes WHERE schemaname = 'results' AND tablename = '{name}'"  # noqa: S608
                               " AND indexdef LIKE '%gist%'")  # fmt: skip
            assert "(geom)" in str(index)
        told = base.do(f"SELECT column_name::text, col_description('results.{name}'::regclass, ordinal_position::int)"  # noqa: S608
                       f" FROM information_schema.columns WHERE table_schema = 'results' AND table_name = '{name}'"
                       " ORDER BY ordinal_position")  # fmt: skip
        names = [str(column) for column in table]
        assert [words for column, words in told if column in names] == [*aliases(name, frame, ATLAS).values()]
        cells = pd.DataFrame(before.drop(columns="geometry", errors="ignore"))
        assert names == [str(column) for column in cells]
        for column in names:
            now = pd.to_datetime(table[column]) if cells[column].dtype.kind == "M" else table[column]
            assert [None if pd.isna(c) else c for c in now] == [None if pd.isna(c) else c for c in cells[column]], (
                column
            )
    (words,) = base.do("SELECT obj_description('results.communities'::regclass)")
    assert words == ("社区（村）及覆盖情况",)
    engine.dispose()


def everything(base: Cluster) -> list[object]:
    """Return what the schema of results holds: the tables as they are and the run that wrote them."""
    tables = base.do("SELECT oid, relname::text FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace ="
                     " 'results'::regnamespace ORDER BY 2")  # fmt: skip
    return [*tables, *base.do(f"SELECT layer, rows, sha256, run FROM results.{MANIFEST_TABLE} ORDER BY 1")]  # noqa: S608


def blocked_code(action: Callable[[], None]) -> str:
    with pytest.raises(OutputError) as error:
        action()
    return code_of(error)


def test_what_is_in_the_way_of_writing_is_said_and_the_old_tables_stay(base: Cluster) -> None:
    where = schema(base)
    write_postgis(ATLAS, where, run=RUN)
    before = everything(base)

    def write(address: Address = where) -> str:
        return blocked_code(lambda: write_postgis(ATLAS, address, run="b" * 64))

    reader = Address(**{**vars(where), "user": READER, "password": PASSWORDS[READER]})
    nowhere = Address(**{**vars(where), "schema": "nirgends"})
    for address, code in ((reader, "POSTGIS_NO_RIGHT"), (nowhere, "POSTGIS_NO_SCHEMA")):
        assert write(address) == code
        assert blocked_code(lambda address=address: refuse_schema(address, crs=CRS)) == code
    with base.connect() as other, other.transaction():  # somebody edits a table
        other.execute("LOCK TABLE results.plan IN ROW EXCLUSIVE MODE")
        assert write() == "POSTGIS_LOCKED"
    with base.connect() as other, other.transaction():  # another run
        other.execute("SELECT pg_advisory_xact_lock(15, hashtext('results'))")
        assert write() == "POSTGIS_LOCKED"
    base.do("CREATE VIEW results.ours AS SELECT * FROM results.plan")
    assert write() == "POSTGIS_NEEDED"
    base.do("DROP VIEW results.ours", f"ALTER SCHEMA results OWNER TO {ADMIN}",
            f"GRANT USAGE, CREATE ON SCHEMA results TO {OFFICE}",
            f"ALTER TABLE results.trust OWNER TO {ADMIN}")  # fmt: skip
    assert write() == "POSTGIS_NO_RIGHT"
    base.do(f"ALTER TABLE results.trust OWNER TO {OFFICE}", "DELETE FROM spatial_ref_sys WHERE srid = 4547")
    assert write() == "POSTGIS_SRID"
    assert blocked_code(lambda: refuse_schema(where, crs=CRS)) == "POSTGIS_SRID"
    assert everything(base) == before
    assert [f.code for f in stored_differences(where, run="b" * 64)] == ["POSTGIS_OTHER_RUN"]
    base.do("INSERT INTO spatial_ref_sys SELECT 4547, 'EPSG', 4547, srtext, proj4text FROM spatial_ref_sys"
            " WHERE srid = 4326")  # fmt: skip
    base.do("DROP TABLE results.trust")
    assert [f.code for f in stored_differences(where, run=RUN)] == ["RESULT_MISSING"]
    base.do(f"DELETE FROM results.{MANIFEST_TABLE} WHERE layer = 'plan'")  # now it is somebody else's  # noqa: S608
    assert write() == "POSTGIS_TAKEN"
    assert blocked_code(lambda: refuse_schema(where, crs=CRS)) == "POSTGIS_TAKEN"


def test_who_could_read_the_old_results_can_read_the_new(base: Cluster) -> None:
    where = schema(base)
    write_postgis(ATLAS, where, run=RUN)
    base.do(f"GRANT USAGE ON SCHEMA results TO {READER}", f"GRANT SELECT ON results.plan TO {READER}")
    write_postgis(ATLAS, where, run=RUN)
    assert base.do("SELECT count(*) FROM results.plan", user=READER) == [(2,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        base.do("SELECT count(*) FROM results.homes", user=READER)
    assert stored_differences(where, run=RUN) == []


WRITER = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
from gis.address import read_address
from maps.postgis import write_postgis
from town import made_town
atlas, where = made_town(), read_address(sys.argv[2], of_table=False)
for number in range(1000):
    print(number, flush=True)
    write_postgis(atlas, where, run=f"{number:064d}")
"""


def test_killed_at_any_moment_the_old_or_the_new_tables_are_whole(base: Cluster) -> None:
    """Three kills of one that writes over and over; every state left is one run's, and the next run takes its place."""
    where = schema(base, lock_s=20)
    chance = random.Random(15)  # noqa: S311
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(ROOT), base.address("results")], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(2):
            writer.stdout.readline()
        time.sleep(chance.random() * 0.6)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        deadline = time.monotonic() + 20  # till the server has noticed
        while base.do("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'circle15'") != [(0,)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        runs = {str(run) for (run,) in base.do(f"SELECT DISTINCT run FROM results.{MANIFEST_TABLE}")}  # noqa: S608
        (run,) = runs
        assert stored_differences(where, run=run) == []
        tables = base.do("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'results'::regnamespace")
        assert tables == [(len(GEOMETRIES) + 1,)]
