"""Messages for members, a catalog for each language (Project Fluent).

`en.ftl` is the pattern of all others: codes of errors, and what there is to tell of
each as variables. Points are whole numbers of minor units, as everywhere in the API.
"""
