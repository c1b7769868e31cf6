"""Making examples: pictures and sounds of short texts, each a pure function of a seed and its number.

`captcha` and `audio` say what is made, `workers` makes it in processes of its own, `folder` writes it as
files. The drawing and the voices are the ``captcha`` package's; `repeatable` makes them come out the
same again. Nothing here knows of tables: `hornbook.make.source` makes a source of examples of it.
"""
