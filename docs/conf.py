"""How Sphinx builds the documentation: ``make docs``."""

import os
import sys
import warnings
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

import skae

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_ext"))
# Examples run as they would alone: no progress bars, no window.
os.environ.setdefault("TQDM_DISABLE", "1")
warnings.filterwarnings("ignore", message=".*is non-interactive, and thus cannot be shown")

project = "skae"
author = "the skae developers"
copyright = "2026, the skae developers"
release = version = skae.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "charts",
    "local_inventories",
    "measured",
    "public_members",
]

exclude_patterns = ["_build", "_templates", "auto_examples/**/*.ipynb", "inventories"]
templates_path = ["_templates"]
nitpicky = True
smartquotes = False
toc_object_entries_show_parents = "hide"
# Names in types, of packages whose inventories are not beside this file.
nitpick_ignore_regex = [
    ("py:.*", r"(torch|onnx|rich|pathlib|collections|matplotlib)\b.*"),
    ("py:.*", r"Path|optional|Loss|Level|Corrupt"),
]
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

copybutton_exclude = ".linenos, .gp, .go"

EXAMPLES = [
    "plot_pca_against_autoencoder.py",
    "plot_latent_map.py",
    "plot_supervised_map.py",
    "plot_grid_search.py",
    "plot_denoising.py",
    "plot_upsampling.py",
    "plot_convolutional.py",
    "plot_swap_noise.py",
    "plot_outliers.py",
    "plot_imputation.py",
    "plot_table.py",
    "plot_own_architecture.py",
    "plot_larger_than_memory.py",
    "plot_onnx.py",
    "plot_optuna.py",
]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": ExplicitOrder(EXAMPLES),
    "doc_module": ("skae",),
    "backreferences_dir": "api/examples",
    "inspect_global_variables": False,
    "reference_url": {"skae": None},
    "capture_repr": (),
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
    "download_all_examples": False,
    "remove_config_comments": True,
    "plot_gallery": "True",
    "matplotlib_animations": False,
    "reset_modules": ("matplotlib",),
    "min_reported_time": 1,
    "image_srcset": ["2x"],
}

html_theme = "pydata_sphinx_theme"
html_title = "skae"
html_static_path = ["_static"]
html_css_files = ["skae.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "header_links_before_dropdown": 7,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
}
html_sidebars: dict = {
    page: [] for page in ("index", "changelog", "benchmarks", "coming_from", "getting_started")
}
