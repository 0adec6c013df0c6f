import type { MatchContext } from './context.ts';
import { type Field, processField } from './define.ts';

/** Falco's text for an id that has no name: a value, not absence. */
const UNNAMED = '<NA>';
const NEVER_SET = 0xffff_ffff;

function userName(uid: number, { accounts }: MatchContext): string {
  return accounts.user(uid)?.name ?? (uid === 0 ? 'root' : UNNAMED);
}

/** Who runs the process. */
export const USER_FIELDS: readonly Field[] = [
  processField('user.uid', 'UINT32', 'Effective user id on the host.', (p) => p.uid),
  processField(
    'user.name',
    'CHARBUF',
    'Name of user.uid where the process lives, on the host or in its container; the text <NA> when it has none.',
    (p, c) => userName(p.uid, c),
  ),
  processField(
    'user.homedir',
    'CHARBUF',
    'Home directory of the user; the text <NA> when unknown.',
    (p, { accounts }) => accounts.user(p.uid)?.homeDirectory ?? (p.uid === 0 ? '/root' : UNNAMED),
  ),
  processField(
    'user.shell',
    'CHARBUF',
    'Login shell of the user; the text <NA> when unknown.',
    (p, { accounts }) => accounts.user(p.uid)?.shell ?? UNNAMED,
  ),
  processField(
    'user.loginuid',
    'INT64',
    'User id of the login, kept through su and sudo; -1 when there was none.',
    (p) => (p.loginuid === NEVER_SET ? -1 : p.loginuid),
  ),
  processField('user.loginname', 'CHARBUF', 'Name of user.loginuid; the text <NA> when there is none.', (p, c) =>
    p.loginuid === NEVER_SET ? UNNAMED : userName(p.loginuid, c),
  ),
  processField('group.gid', 'UINT32', 'Effective group id on the host.', (p) => p.gid),
  processField(
    'group.name',
    'CHARBUF',
    'Name of group.gid where the process lives; the text <NA> when it has none.',
    (p, { accounts }) => accounts.group(p.gid) ?? UNNAMED,
  ),
];
