"""Collect what PyInstaller cannot see in the imports: modules by name, and the fake's specification."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

hiddenimports = collect_submodules("tavus_api")
datas = collect_data_files("tavus_api", includes=["*.json"])
