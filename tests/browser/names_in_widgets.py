"""A script that names each kind of widget by each hostile name (`?raw`: as it is; `?many`: buttons alone)."""

from __future__ import annotations

import streamlit as st

from layers.text import plain_label
from tests.hostile import ALL, PAIRED, SIGNED, strewn

STREWN = 500

many = "many" in st.query_params
for number, name in enumerate(strewn(STREWN) if many else ALL + SIGNED + PAIRED):
    label = plain_label(name)
    with st.container(key=f"name-{number}"):
        if many:
            st.button(label, key=f"many-{number}")
            continue
        if "raw" in st.query_params:
            st.button(name, key=f"raw-{number}")
            continue
        st.button(label, key=f"button-{number}")
        st.checkbox(label, key=f"checkbox-{number}")
        st.selectbox(label, [name], key=f"selectbox-{number}")
        st.multiselect(label, [name], default=[name], key=f"multiselect-{number}")
        st.radio(label, [name], format_func=plain_label, key=f"radio-{number}")
        st.segmented_control(label, [name], format_func=plain_label, key=f"segments-{number}")
        st.text_input(label, value=name, key=f"text-{number}")
        st.file_uploader(label, key=f"file-{number}")
        st.progress(0.5, text=label)
        st.tabs([label])
        st.expander(label)
        st.popover(label)
        with st.form(f"form-{number}", border=False):
            st.form_submit_button(label)
st.html('<p id="drawn"></p>')
