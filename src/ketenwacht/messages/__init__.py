"""Turn codes into words: values, texts, alerts and view models. Pure.

* `formatter` and `privacy` say every value one way: a day, a segment, a count that may be shown.
* `texts` is the one catalogue, Dutch and English.
* `compose*` makes alerts of incidents; `views*` and `report` make what renderers lay out.
"""
