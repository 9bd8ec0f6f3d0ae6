import unittest

from oslo_context import context as oslo_context

from zun_lite import context

ID = 'req-0f0e0d0c-0b0a-4908-8706-050403020100'


class Context(unittest.TestCase):

    def test_messages_carry_ids_only(self):
        sent = context.RequestContext(
            user_id='ann', project_id='alpha', roles=['admin'],
            auth_token='secret', request_id=ID).to_rpc()
        self.assertEqual({'request_id': ID, 'user_id': 'ann',
                          'project_id': 'alpha', 'global_request_id': None},
                         sent)
        found = context.from_rpc(sent)
        self.assertEqual((ID, 'alpha', []), (
            found.request_id, found.project_id, found.roles))
        self.assertIs(found, oslo_context.get_current())

    def test_queries_are_held_to_the_project_unless_told(self):
        caller = context.RequestContext(project_id='alpha')
        self.assertEqual('alpha', caller.project_filter)
        caller.all_projects = True
        self.assertIsNone(caller.project_filter)

    def test_request_ids(self):
        self.assertTrue(context.valid_request_id(ID))
        for text in ('', 'req-1', ID + '\n', ID + '0', ID.upper(),
                     'x' + ID):
            self.assertFalse(context.valid_request_id(text), text)
