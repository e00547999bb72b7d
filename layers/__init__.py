"""What a reader sees: frames turned into map layers, legends, printed sheets, workbooks and reports."""
