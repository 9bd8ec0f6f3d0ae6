import unittest

from zun_lite.wsproxy import origins

BASE = 'ws://zun.example:6784/'


class TestOrigins(unittest.TestCase):
    def check(self, origin, host='zun.example:6784', base=BASE, names=()):
        return origins.allowed(origin, host, base, names)

    def test_programs_send_none(self):
        self.assertTrue(self.check(None))
        self.assertTrue(self.check(''))

    def test_the_same_host(self):
        """Whatever the port: clients write the one of the URL, or None."""
        for origin in ('http://zun.example:6784', 'http://zun.example',
                       'http://ZUN.example:None', 'zun.example'):
            self.assertTrue(self.check(origin), origin)

    def test_the_host_that_was_asked(self):
        self.assertTrue(self.check('http://10.0.0.1:6784', '10.0.0.1:6784'))
        self.assertTrue(self.check('http://[::1]:6784', '[::1]:6784'))

    def test_another_host(self):
        for origin in ('http://evil.example', 'null', 'http://',
                       'http://zun.example.evil.example',
                       'http://zun.example@evil.example'):
            self.assertFalse(self.check(origin), origin)

    def test_those_that_are_listed(self):
        self.assertTrue(self.check('https://horizon.example',
                                   names=['Horizon.example']))

    def test_a_page_without_tls_opens_no_session_with_it(self):
        base = 'wss://zun.example/'
        self.assertFalse(self.check('http://zun.example', base=base))
        self.assertTrue(self.check('https://zun.example', base=base))
