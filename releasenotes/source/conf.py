extensions = ['openstackdocstheme', 'reno.sphinxext']
project = 'zun_lite release notes'
copyright = 'zun_lite developers'  # noqa: A001
master_doc = 'index'
html_theme = 'openstackdocs'
openstackdocs_auto_name = False
openstackdocs_auto_version = False
version = release = ''
