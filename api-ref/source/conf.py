project = 'zun_lite API Reference'
copyright = 'zun_lite contributors'
extensions = ['os_api_ref', 'openstackdocstheme']
html_theme = 'openstackdocs'
html_theme_options = {'sidebar_mode': 'toc'}
openstackdocs_auto_name = False
pygments_style = 'native'
# What index.rst includes is not a page of its own.
include_patterns = ['index.rst']
