import urllib.parse

from zun_lite.api import paging
from zun_lite.tests.unit.api import samples


class Size(samples.ApiTest):

    def test_more_than_the_limit_is_the_limit(self):
        self.override('max_limit', 5)
        self.assertEqual([5, 5, 2], [paging.size(n) for n in (None, 9, 2)])


class Cut(samples.ApiTest):

    def test_the_marker_is_the_last_of_the_page(self):
        self.assertEqual(([1, 2], 2), paging.cut([1, 2, 3], 2))

    def test_the_last_page_says_so(self):
        self.assertEqual(([1, 2], None), paging.cut([1, 2], 2))


class Pages(samples.ApiTest):

    def setUp(self):
        super().setUp()
        self.names = [f'p{n}' for n in range(7)]
        for name in self.names:
            self.pod(name=name, labels={'app': 'x y'.replace(' ', '-')})

    def follow(self, path):
        found = []
        while path:
            page = self.api.get(path).json
            found.append([p['metadata']['name'] for p in page['items']])
            self.assertEqual(page['next'] is None,
                             'continue' not in page['metadata'])
            path = page['next'] and page['next'].removeprefix(
                'http://api.test:9517')
        return found

    def test_pages_join_to_the_whole(self):
        pages = self.follow('/v1/pods?limit=3')
        self.assertEqual([3, 3, 1], [len(page) for page in pages])
        self.assertEqual(self.names, sum(pages, []))

    def test_a_full_last_page_has_no_next(self):
        self.assertEqual([7], [len(p) for p in
                               self.follow('/v1/pods?limit=7')])

    def test_next_asks_for_the_same_again(self):
        page = self.api.get('/v1/pods?limit=2&labelSelector=app%3Dx-y'
                            '&desired=running&all_projects=true').json
        query = urllib.parse.parse_qs(
            urllib.parse.urlsplit(page['next']).query)
        self.assertEqual({
            'limit': ['2'], 'labelSelector': ['app=x-y'],
            'desired': ['running'], 'all_projects': ['true'],
            'marker': [page['metadata']['continue']]}, query)

    def test_an_unknown_marker_is_400(self):
        found = self.api.get(
            '/v1/pods?marker=00000000-0000-0000-0000-000000000000')
        self.assertEqual((400, ['marker']), (found.status, found.paths))

    def test_bad_numbers_are_400(self):
        for limit in ('0', '-1', 'x', '1.0', '1_0', '', '+1', '9' * 30):
            with self.subTest(limit):
                found = self.api.get(f'/v1/pods?limit={limit}')
                self.assertEqual((400, ['limit']),
                                 (found.status, found.paths))

    def test_filters(self):
        self.pod(name='done', phase='Succeeded')
        for query, names in (
                ('phase=Succeeded', ['done']), ('name=p3', ['p3']),
                ('name=nobody', []), ('name=UPPER', []), ('host=h', []),
                ('phase=Succeeded&name=p3', []),
                ('desired=stopped', []), ('labelSelector=!app', ['done'])):
            with self.subTest(query):
                self.assertEqual([names], self.follow(f'/v1/pods?{query}'))

    def test_bad_queries_name_every_fault(self):
        found = self.api.get('/v1/pods?phase=x&foo=1&all_projects=maybe')
        self.assertEqual(400, found.status)
        self.assertEqual({'phase', 'foo', 'all_projects'}, set(found.paths))

    def test_twice_is_a_fault(self):
        found = self.api.get('/v1/pods?limit=1&limit=2')
        self.assertEqual((400, ['limit']), (found.status, found.paths))

    def test_a_bad_selector_is_400(self):
        found = self.api.get('/v1/pods?labelSelector=a%20in%20b')
        self.assertEqual((400, ['labelSelector']),
                         (found.status, found.paths))

    def test_queries_that_are_no_text_are_400(self):
        for query in ('name=%ff', '&'.join(['a=1'] * 100)):
            self.assertEqual(400, self.api.get(f'/v1/pods?{query}').status)
