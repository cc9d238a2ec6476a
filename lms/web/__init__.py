"""The pages: one file per noun with a blueprint called ``blueprint``, its templates in ``templates/<noun>/``.

To add a page: write the view below ``@allow(...)`` (see ``guard.py``), extend ``layout.html`` in the template,
and append the blueprint of a new noun to ``BLUEPRINTS`` in ``lms/app.py``, its place in the menu to ``menu.py``.
"""
