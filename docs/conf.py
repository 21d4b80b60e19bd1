"""The documentation site: `make docs`.

Its source folder is the root of the repository, so that links between pages, notebooks and the README are
the same on the site as in the tree. Pages of the Python reference are made from hartlab.__all__.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import api_pages  # noqa: E402

import hartlab  # noqa: E402

project = "hartlab"
author = "The hartlab authors"
release = version = hartlab.__version__

root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    "docs/**",
    "notebooks/**",
]
exclude_patterns = [
    *(".*", "build*", "dist", "src", "python", "tests", "tools", "cmake", "requirements", "examples"),
    *("benchmarks/*/**", "**/.ipynb_checkpoints", "docs/_*"),
]

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]  # a widget's; what stands beside it is shown

nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE.parent / "build" / "docs" / "notebooks")
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

default_role = "py:obj"  # `run` in a docstring is a link when something is called so
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc's Parameters say them
add_module_names = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "hartlab"
pygments_dark_style = "monokai"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_additional_pages = {"index": "to_the_first_page.html"}
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False

linkcheck_timeout = 20
linkcheck_anchors = False

# Pages that are lists of links, for readers of the tree, and get a table of contents on the site.
LISTS = {
    "docs/reference/README": "python/index\n../policies\nkernel-functions\nsystem-calls\n"
    "layout\ntables\ninstructions\n",
    "docs/adr/README": "0*\n",
}


def adapt(app, name, source):
    """Put the pages of a list behind it, and leave out the empty line that ends an example for doctest."""
    if os.fspath(app.env.doc2path(name)).endswith(".md"):
        source[0] = source[0].replace("\n\n```\n", "\n```\n")
    if name in LISTS:
        source[0] += f"\n```{{toctree}}\n:hidden:\n:glob:\n\n{LISTS[name]}```\n"


def setup(app):
    api_pages.write(HERE / "reference" / "python")
    app.connect("source-read", adapt)
