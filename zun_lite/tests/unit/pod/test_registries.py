import re
import unittest

from zun_lite.pod import registries


class Names(unittest.TestCase):
    def test_where_an_image_comes_from(self):
        for image, domain in (
                ('nginx', 'docker.io'), ('nginx:1.27', 'docker.io'),
                ('library/nginx', 'docker.io'),
                ('docker.io/library/nginx', 'docker.io'),
                ('index.docker.io/library/nginx', 'docker.io'),
                ('localhost/app', 'localhost'),
                ('127.0.0.1:5000/a/b@sha256:00', '127.0.0.1:5000'),
                ('corp.example/team/app:1', 'corp.example'),
                ('host:5000/app', 'host:5000')):
            self.assertEqual(domain, registries.domain_of(image), image)

    def test_an_image_of_a_registry(self):
        for image, name in (
                ('app:1', 'corp.example:5000/app:1'),
                ('team/app', 'corp.example:5000/team/app'),
                ('corp.example:5000/app', 'corp.example:5000/app'),
                ('other.example/app', 'other.example/app')):
            self.assertEqual(name, registries.qualified(
                image, 'corp.example:5000'))

    def test_domains(self):
        for domain, fits in (
                ('docker.io', True), ('localhost:5000', True), ('a', True),
                ('corp-1.example', True), ('10.0.0.1:443', True),
                ('https://corp.example', False), ('corp.example/', False),
                ('-a.example', False), ('a..b', False), ('a:b', False),
                ('a b', False), ('a\n', False)):
            self.assertEqual(
                fits, re.search(registries.DOMAIN, domain) is not None
                and not domain.endswith('\n'), domain)
