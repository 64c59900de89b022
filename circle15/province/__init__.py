"""A province: a project whose counties are studied one by one, on one machine or on several, with the same results."""
