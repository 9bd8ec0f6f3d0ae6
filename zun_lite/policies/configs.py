"""Rules for configs and secrets."""
from oslo_policy import policy

from zun_lite.policies import base


def _rules(noun: str) -> list[policy.RuleDefault]:
    many, one = f'/v1/{noun}s', f'/v1/{noun}s/{{{noun}}}'
    return [
        base.rule(f'{noun}:list', base.READER,
                  f'List {noun}s, without their entries.', f'GET {many}'),
        base.rule(f'{noun}:get', base.READER, f'Show a {noun}.',
                  f'GET {one}'),
        base.rule(f'{noun}:create', base.MEMBER, f'Create a {noun}.',
                  f'POST {many}'),
        base.rule(f'{noun}:update', base.MEMBER, f'Replace a {noun}.',
                  f'PUT {one}'),
        base.rule(f'{noun}:delete', base.MEMBER, f'Delete a {noun}.',
                  f'DELETE {one}')]


RULES = [
    *_rules('config'), *_rules('secret'),
    base.rule('secret:get:values', base.MEMBER,
              'See the entries of a secret. Whoever may create pods can '
              'read them through a pod.', 'GET /v1/secrets/{secret}')]
