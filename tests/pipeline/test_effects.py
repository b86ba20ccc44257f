"""What a new raw client does to code for the old one: found without importing either."""

from __future__ import annotations

from pathlib import Path

import pytest
from regeneration.effects import effects

from .conftest import PROJECT

PACKAGE = PROJECT / "generated" / "tavus_api"
FILES = {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in PACKAGE.rglob("*") if path.is_file()}
REQUEST = "models/create_replica_request.py"
LIST = "api/replicas/list_replicas.py"
KIND = "models/list_replicas_replica_type.py"


def found(name: str, *edits: tuple[str, str]) -> list[tuple[str, str, str]]:
    """What an edited module means: owner and member, kind, text."""
    source = FILES[name].decode()
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    return [(f"{e.owner} {e.member}".strip(), e.kind, e.text) for e in effects(FILES, {**FILES, name: source.encode()})]


def test_the_same_package_has_no_effects() -> None:
    assert effects(FILES, FILES) == []


def test_a_field_that_is_gone_is_an_argument_that_is_gone() -> None:
    text = "parameter `consent_video_url` of `models.CreateReplicaRequest` is gone"
    assert found(REQUEST, ("    consent_video_url: str | Unset = UNSET\n", "")) == [
        ("createreplicarequest consentvideourl", "breaking", text)
    ]


def test_a_field_that_became_optional_says_its_type() -> None:
    text = "parameter `train_video_url` of `models.CreateReplicaRequest` became optional, `str | Unset`"
    assert found(REQUEST, ("    train_video_url: str\n", "    train_video_url: str | Unset = UNSET\n")) == [
        ("createreplicarequest trainvideourl", "more", text)
    ]


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("    replica_name: str | Unset = UNSET\n", "    replica_name: str\n", "depends", "became required"),
        ("    train_video_url: str\n", "    train_video_url: str\n    added: str\n", "depends", "is new and required"),
        (
            "    model_name: str | Unset",
            "    added: str | Unset = UNSET\n    model_name: str | Unset",
            "more",
            "is new",
        ),
        ("    train_video_url: str\n", "    train_video_url: int\n", "depends", "is `str` → `int`"),
    ],
)
def test_fields_are_judged(old: str, new: str, kind: str, said: str) -> None:
    ((_, verdict, text),) = found(REQUEST, (old, new))
    assert (verdict, said in text) == (kind, True)


def test_the_four_functions_of_an_operation_say_it_once() -> None:
    assert found(LIST, ("    page: int | Unset = UNSET,\n", "    page: int,\n")) == [
        ("listreplicas page", "breaking", "parameter `page` of `api.replicas.list_replicas` became required")
    ]


def test_what_an_operation_answers_is_told() -> None:
    ((_, kind, text),) = found(LIST, ("-> ErrorBody | MessageBody | ReplicaPage | None", "-> ReplicaPage | None"))
    expected = (
        "`api.replicas.list_replicas` answers `ErrorBody | MessageBody | ReplicaPage | None` → `ReplicaPage | None`"
    )
    assert (kind, text) == ("depends", expected)


def test_the_order_of_a_union_is_no_effect() -> None:
    assert found(LIST, ("-> ErrorBody | MessageBody | ReplicaPage", "-> ReplicaPage | MessageBody | ErrorBody")) == []


def test_members_of_an_enum_are_told() -> None:
    assert found(KIND, ('    USER = "user"\n', '    STOCK = "stock"\n')) == [
        ("listreplicasreplicatype stock", "more", "`models.ListReplicasReplicaType.STOCK` is new"),
        ("listreplicasreplicatype user", "breaking", "`models.ListReplicasReplicaType.USER` is gone"),
    ]


def test_an_operation_that_is_gone_is_told_with_its_module() -> None:
    rest = {name: data for name, data in FILES.items() if name != LIST}
    assert [(e.kind, e.text) for e in effects(FILES, rest)] == [("breaking", "`api.replicas.list_replicas` is gone")]


def test_a_new_folder_of_operations_is_told_operation_by_operation() -> None:
    more = {name.replace("replicas/", "voices/"): data for name, data in FILES.items() if name.startswith("api/repl")}
    texts = [effect.text for effect in effects(FILES, {**FILES, **more})]
    assert "`api.voices.list_replicas` is new" in texts
    assert len(texts) == 5


def test_nothing_is_imported(tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    evil = f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n".encode()
    effects(FILES, {name: evil + data if name.endswith(".py") else data for name, data in FILES.items()})
    assert not marker.exists()
