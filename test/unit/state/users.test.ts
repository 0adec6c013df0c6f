import { expect, test } from 'vitest';
import { parseServices } from '../../../agent/state/services.ts';
import { createAccounts, parseGroup, parsePasswd } from '../../../agent/state/users.ts';

test('reads users by id, the first of two alike, and leaves out what is none', () => {
  const text =
    'root:x:0:0:root:/root:/bin/bash\n#off:x:1:1::/:\nnonsense\ntoor:x:0:0::/other:/bin/sh\nbad:x:-1:0::/:/x\n\xe9t\xe9:x:7:7::/h:\n';
  expect([...parsePasswd(text)]).toEqual([
    [0, { name: 'root', homeDirectory: '/root', shell: '/bin/bash' }],
    [7, { name: '\xe9t\xe9', homeDirectory: '/h', shell: '' }],
  ]);
  expect([...parseGroup('root:x:0:\nadm:x:4:syslog\n')]).toEqual([
    [0, 'root'],
    [4, 'adm'],
  ]);
});

test('reads a file again only when it has changed, and lives without it', () => {
  const files = new Map([['/etc/passwd', 'a:x:1:1::/a:/sh\n']]);
  const versions = new Map([['/etc/passwd', '1']]);
  let reads = 0;
  const accounts = createAccounts({
    version: (path) => versions.get(path),
    read: (path) => {
      reads++;
      return files.get(path);
    },
  });
  expect([accounts.user(1)?.name, accounts.group(1)]).toEqual(['a', undefined]);
  expect(accounts.refresh()).toBe(false);
  files.set('/etc/passwd', 'b:x:1:1::/a:/sh\n');
  expect(accounts.user(1)?.name).toBe('a');
  versions.set('/etc/passwd', '2');
  expect(accounts.refresh()).toBe(true);
  expect(accounts.user(1)?.name).toBe('b');
  versions.delete('/etc/passwd');
  expect(accounts.refresh()).toBe(true);
  expect(accounts.user(1)).toBeUndefined();
  expect(reads).toBe(2);
});

test('names ports, by TCP where the protocols differ', () => {
  const text =
    '# services\nssh 22/tcp\nhttp\t80/tcp www # web\nlogin 513/tcp\nwho 513/udp whod\nntp 123/udp\nbad x/tcp\n';
  expect([...parseServices(text)]).toEqual([
    [22, 'ssh'],
    [80, 'http'],
    [513, 'login'],
    [123, 'ntp'],
  ]);
});
