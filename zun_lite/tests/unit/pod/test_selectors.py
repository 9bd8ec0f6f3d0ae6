import string
import unittest

import hypothesis
from hypothesis import strategies as st

from zun_lite import exceptions
from zun_lite.pod import selectors
from zun_lite.pod.selectors import Operator
from zun_lite.pod.selectors import Requirement


def fault(text: str) -> str:
    """The message about a selector that is refused."""
    try:
        found = selectors.parse(text)
    except exceptions.Invalid as e:
        (only,) = e.fields
        assert only.path == 'labelSelector'
        return only.message
    raise AssertionError(f'{text!r} was taken as {found}')


class TestParse(unittest.TestCase):

    def one(self, text: str) -> Requirement:
        (found,) = selectors.parse(text)
        return found

    def test_equality(self):
        for text in ('a=b', 'a==b', ' a = b ', 'a in (b)', 'a in(b,b)'):
            with self.subTest(text):
                self.assertEqual(Requirement('a', Operator.IN, ('b',)),
                                 self.one(text))

    def test_inequality(self):
        for text in ('a!=b', ' a != b', 'a notin (b)'):
            with self.subTest(text):
                self.assertEqual(Requirement('a', Operator.NOT_IN, ('b',)),
                                 self.one(text))

    def test_existence(self):
        self.assertEqual(Requirement('a', Operator.EXISTS), self.one('a'))
        for text in ('!a', '! a', ' !a '):
            self.assertEqual(Requirement('a', Operator.ABSENT),
                             self.one(text))

    def test_sets(self):
        self.assertEqual(Requirement('a', Operator.IN, ('b', 'c')),
                         self.one('a in ( c , b )'))
        self.assertEqual(Requirement('a', Operator.NOT_IN, ('', 'b')),
                         self.one('a notin (b,)'))

    def test_empty_values(self):
        for text in ('a=', 'a in ()', 'a in (,)'):
            self.assertEqual(Requirement('a', Operator.IN, ('',)),
                             self.one(text))

    def test_all_of_it(self):
        found = selectors.parse('a=b,c!=d,e in (x, y),f notin (z),g,!h')
        self.assertEqual(list('acefgh'), [r.key for r in found])

    def test_words_of_the_syntax_as_keys_and_values(self):
        self.assertEqual(Requirement('in', Operator.IN, ('notin',)),
                         self.one('in in (notin)'))
        self.assertEqual(Requirement('in', Operator.EXISTS), self.one('in'))
        self.assertEqual(Requirement('a', Operator.IN, ('in',)),
                         self.one('a=in'))

    def test_qualified_keys(self):
        for key in ('example.org/app', 'x/Y_z.1', 'app.kubernetes.io/name'):
            self.assertEqual(key, self.one(key).key)

    def test_nothing_selects_everything(self):
        for text in ('', '  '):
            self.assertEqual((), selectors.parse(text))
        self.assertTrue(selectors.matches((), {}))

    def test_refused(self):
        for text, words in (
                (',', 'key'), ('a,', 'key is missing'), ('!', 'missing'),
                ('a=b=c', "'='"), ('a b', "'b'"), ('a in b', 'parentheses'),
                ('a in (b', "')'"), ('a in b)', 'parentheses'),
                ('a notin', 'parentheses'), ('=b', 'key'), ('(a)', 'key'),
                ('a=b,,c=d', 'key'), ('a>1', "'>'"), ('a<1', "'<'"),
                ('!a=b', "'='"), ('-a', 'label key'), ('a/', 'label key'),
                ('/a', 'label key'), ('a/b/c', 'label key'),
                ('UP/a', 'label key'), ('a=-', 'label value'),
                ('a=b/c', 'label value'), ('a=é', 'label value'),
                ('a=' + 'x' * 64, 'label value'), ('x' * 64, 'label key'),
                ('a.' * 127 + 'a/b', 'label key'), ('a=b\0', 'label value'),
                ('a in (b c)', "')'"), ('a in ((b))', 'label value')):
            with self.subTest(text):
                self.assertIn(words, fault(text))

    def test_bounds(self):
        some = ','.join(f'k{i}' for i in range(selectors.MAX_REQUIREMENTS))
        self.assertEqual(20, len(selectors.parse(some)))
        self.assertIn('more than 20', fault(some + ',one-more'))
        values = ','.join(f'v{i}' for i in range(selectors.MAX_VALUES))
        self.assertEqual(100, len(self.one(f'a in ({values})').values))
        self.assertIn('more than 100', fault(f'a in ({values},x)'))

    def test_a_long_text_is_refused_at_once(self):
        for text in ('a' * 10**6, 'a.' * 10**5, '-a' * 10**5,
                     '!' * 10**5, 'a=' + 'b-' * 10**5):
            fault(text)

    def test_the_path_can_be_chosen(self):
        with self.assertRaises(exceptions.Invalid) as caught:
            selectors.parse('!', 'spec.selector')
        self.assertEqual('spec.selector', caught.exception.fields[0].path)


EDGE = string.ascii_letters + string.digits
NAMES = st.from_regex(r'[a-z0-9A-Z]([-a-zA-Z0-9_.]{0,5}[a-zA-Z0-9])?',
                      fullmatch=True)
KEYS = st.one_of(NAMES, st.builds('{}/{}'.format, st.from_regex(
    r'[a-z]{1,3}(\.[a-z]{1,3})?', fullmatch=True), NAMES))
VALUES = st.one_of(st.just(''), NAMES)
REQUIREMENTS = st.one_of(
    st.builds(Requirement, KEYS,
              st.sampled_from([Operator.EXISTS, Operator.ABSENT])),
    st.builds(Requirement, KEYS,
              st.sampled_from([Operator.IN, Operator.NOT_IN]),
              st.sets(VALUES, min_size=1, max_size=5).map(
                  lambda found: tuple(sorted(found)))))


class TestProperties(unittest.TestCase):

    @hypothesis.given(st.lists(REQUIREMENTS, max_size=10).map(tuple))
    def test_what_is_written_is_read_back(self, selector):
        text = ','.join(map(str, selector))
        self.assertEqual(selector, selectors.parse(text))

    @hypothesis.given(st.text(alphabet='ab=!,() \tin/.-_>\0é'))
    def test_any_text_is_a_selector_or_invalid(self, text):
        try:
            found = selectors.parse(text)
        except exceptions.Invalid as e:
            self.assertEqual(1, len(e.fields))
        else:
            again = selectors.parse(','.join(map(str, found)))
            self.assertEqual(found, again)

    @hypothesis.given(REQUIREMENTS, st.dictionaries(KEYS, VALUES))
    def test_a_requirement_and_its_opposite(self, one, labels):
        opposite = {Operator.IN: Operator.NOT_IN,
                    Operator.NOT_IN: Operator.IN,
                    Operator.EXISTS: Operator.ABSENT,
                    Operator.ABSENT: Operator.EXISTS}[one.operator]
        other = Requirement(one.key, opposite, one.values)
        self.assertNotEqual(one.holds(labels), other.holds(labels))


class TestHolds(unittest.TestCase):

    def test_table(self):
        labels = {'a': 'b', 'e': ''}
        for text, wanted in (
                ('a=b', True), ('a=c', False), ('a!=b', False),
                ('a!=c', True), ('x!=b', True), ('x notin (b)', True),
                ('x=b', False), ('x=', False), ('e=', True), ('a', True),
                ('x', False), ('!a', False), ('!x', True),
                ('a in (b,c),!x,e', True), ('a,x', False)):
            with self.subTest(text):
                self.assertEqual(wanted, selectors.matches(
                    selectors.parse(text), labels))
