"""The first page: how much of the exposed bank is covered, and what is to be done."""
