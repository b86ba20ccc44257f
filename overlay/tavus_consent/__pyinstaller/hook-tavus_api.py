"""Collect what PyInstaller cannot see in the imports: modules by name, and the specification that the fake is held to."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

hiddenimports = collect_submodules("tavus_api")
datas = collect_data_files("tavus_api", includes=["*.json"])
