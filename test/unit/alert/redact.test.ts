import { expect, test } from 'vitest';
import { createRedactor } from '../../../agent/alert/redact.ts';

const mysql = { exe: '/usr/bin/mysql', comm: 'mysql', args: ['-uroot', '-phunter2', 'shop'] };

test('a secret is masked in each alert that has it, not only in the first', () => {
  const redactor = createRedactor({ enabled: true, names: ['shop-pin'] });
  for (let alert = 0; alert < 3; alert++) {
    const mask = redactor.forAlert([mysql]);
    expect(mask.text('mysql -uroot -phunter2 shop')).toBe('mysql -uroot -p*** shop');
    expect(mask.text('curl https://bob:s3cret@shop.example/')).toBe('curl https://bob:***@shop.example/');
    expect(mask.value(['DB_PASSWORD=abc', 'SHOP_PIN=1234', 'PORT=80'])).toEqual([
      'DB_PASSWORD=***',
      'SHOP_PIN=***',
      'PORT=80',
    ]);
  }
});

test('a word that is a secret for one process is shown for another', () => {
  const redactor = createRedactor({ enabled: true, names: [] });
  const text = 'deploy --password shop';
  const withSecret = redactor.forAlert([{ exe: '/bin/deploy', comm: 'deploy', args: ['--password', 'shop'] }]);
  expect(withSecret.text(text)).toBe('deploy --password ***');
  expect(withSecret.text('ls shop')).toBe('ls shop');
  expect(redactor.forAlert([]).text('ls shop')).toBe('ls shop');
});

test('nothing is masked where that is switched off', () => {
  expect(createRedactor({ enabled: false, names: [] }).forAlert([mysql]).text('PASSWORD=a')).toBe('PASSWORD=a');
});
