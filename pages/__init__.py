"""The screens: each folder holds `page.py` (Streamlit only) and `view.py` (what it shows, without it)."""
