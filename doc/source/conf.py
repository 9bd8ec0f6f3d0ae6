extensions = [
    'openstackdocstheme',
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
    'oslo_policy.sphinxpolicygen',
]
project = 'zun_lite'
copyright = 'zun_lite developers'  # noqa: A001
master_doc = 'index'
html_theme = 'openstackdocs'
html_static_path = ['style']
html_css_files = ['tables.css']
openstackdocs_auto_name = False
openstackdocs_auto_version = False
version = release = ''
config_generator_config_file = '../../etc/zun_lite/config-generator.conf'
sample_config_basename = '_static/zun_lite'
policy_generator_config_file = '../../etc/zun_lite/policy-generator.conf'
sample_policy_basename = '_static/zun_lite'
