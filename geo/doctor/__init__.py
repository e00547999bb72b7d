"""The coordinate doctor: in which system the numbers of a file were written, by row, with its evidence."""
