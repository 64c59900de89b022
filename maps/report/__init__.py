"""The report: the text of the plan with its figures and tables, as a Word document and as a PDF of the same content."""
