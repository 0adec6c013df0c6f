import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import type { Spool } from '../../agent/outputs/spool.ts';
import { type Collector, startCollector } from '../../collector/main.ts';
import { Bench, bodyOf, range, until } from '../unit/support/delivery.ts';
import { launchBrowser, openPage, type WatchedPage } from './support/browser.ts';

const bench = new Bench();
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(() => bench.end());
afterAll(() => browser.close());

const HOSTILE = 'a\nb\r\u001b[31m<script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp\u200b\u0000"\'&amp;';

interface Shown extends WatchedPage {
  readonly spool: Spool;
  readonly collector: Collector;
  readonly dataDir: string;
  stored(): number;
}

/** A page of a collector that gets what is put into the spool. */
async function show(query = '', before: Parameters<Spool['append']>[0] = []): Promise<Shown> {
  const dataDir = bench.folder();
  const collector = await bench.collector({ dataDir, http: '127.0.0.1:0' });
  const spool = bench.spool();
  const identity = { agentId: 'node-1', hostname: 'node-1', version: 'test' };
  const forwarder = createForwarder({ spool, address: collector.address, ...identity });
  bench.onEnd(() => forwarder.stop());
  const stored = () => forwarder.stats().acknowledged;
  if (before.length > 0) await spool.append(before);
  await until(() => stored() === before.length, 'what is there before is stored');
  const watched = await openPage(browser, `http://${collector.httpAddress}/${query}`);
  bench.onEnd(() => watched.page.close());
  await watched.page.getByText('Live', { exact: true }).waitFor();
  return { ...watched, spool, collector, dataDir, stored };
}

const rows = (page: Page) => page.locator('#alerts > li');

/** Waits for so many rows, and gives their texts, newest first. */
async function texts(page: Page, count: number): Promise<string[]> {
  await expect.poll(() => rows(page).count(), { timeout: 20_000 }).toBe(count);
  return rows(page).allInnerTexts();
}

const numbersIn = (all: readonly string[]): number[] => all.map((text) => Number(/alert (\d+)/.exec(text)?.[1]));

test('what was stored before is there, and new alerts come without a reload, newest first', async () => {
  const { page, spool, faults, elsewhere } = await show('', [bodyOf(1), bodyOf(2)]);
  expect(numbersIn(await texts(page, 2))).toEqual([2, 1]);
  await spool.append([bodyOf(3, { hostname: 'web-7' })]);
  const [newest = ''] = await texts(page, 3);
  expect(newest).toMatch(/Warning\s+web-7\s+Shell in a container\s+alert 3 \(user=root\)/);
  expect([faults, elsewhere]).toEqual([[], []]);
});

test('an alert opens to its evidence', async () => {
  const { page, spool } = await show();
  await spool.append([bodyOf(1, { completeness: ['gap 3'] })]);
  const row = rows(page).first();
  await row.locator('summary').click();
  await row.locator('table').waitFor();
  const [names, values] = [await row.locator('th').allInnerTexts(), await row.locator('td').allInnerTexts()];
  expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toMatchObject({
    time: '2023-11-14T22:13:20.000000001Z',
    node: 'node-1',
    'may lack': 'gap 3',
    matched: 'proc.name = bash',
    'process, parents': '1001 /bin/bash: bash -c id\n1 /sbin/init: init',
    'proc.args': '-c\nid',
    'evt.time': '1700000000000000001',
    'container.id': '<NA>',
  });
  expect(await row.textContent()).toContain('evidence may be incomplete');
});

test('hostile text is text: no markup, no dialog, nothing unseen, no breach of the policy', async () => {
  const { page, spool, faults, dialogs, elsewhere } = await show();
  const context = { 'proc.name': HOSTILE, [HOSTILE]: HOSTILE };
  await spool.append([
    bodyOf(1, { rule: HOSTILE, hostname: HOSTILE, output: HOSTILE, tags: [HOSTILE], context, matched: [HOSTILE] }),
  ]);
  const row = rows(page).first();
  await row.locator('summary').click();
  await row.locator('table').waitFor();
  const found = await row.evaluate((element) => ({
    markup: element.querySelectorAll('script, img, [onerror]').length,
    text: element.textContent ?? '',
  }));
  expect(found.markup).toBe(0);
  expect(found.text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(found.text).toContain(
    'a\\nb\\r\\e[31m<script>alert(1)</script><img src=x onerror=alert(1)>\\u{202e}gnp\\u{200b}\\0',
  );
  expect([faults, dialogs, elsewhere]).toEqual([[], [], []]);
});

test('what breaks the policy would be seen by these tests', async () => {
  const { page, faults } = await show();
  await page.evaluate(`
    const script = document.createElement('script');
    script.textContent = 'document.title = "injected"';
    document.body.append(script);
  `);
  await expect.poll(() => faults.join(), { timeout: 20_000 }).toContain('policy: script-src-elem inline');
  expect(await page.title()).not.toBe('injected');
});

test('a collector that goes away is said to be away, and after its return the page goes on without hole or double', async () => {
  const { page, spool, collector, dataDir } = await show('', [bodyOf(0)]);
  await texts(page, 1);
  await collector.stop();
  await page.getByText(/Not connected since \d\d:\d\d:\d\d; trying again/).waitFor();
  await spool.append(range(1, 40).map((number) => bodyOf(number)));
  const { address, httpAddress } = collector;
  const again = await startCollector({
    dataDir,
    listen: address,
    version: 'test',
    ...(httpAddress === undefined ? {} : { http: httpAddress }),
  });
  bench.onEnd(() => again.stop());
  expect(numbersIn(await texts(page, 40))).toEqual(range(0, 40).reverse());
  await page.getByText('Live', { exact: true }).waitFor();
});

test('a selection shows what it selects, and a wrong one says what is wrong with it and where', async () => {
  const { page } = await show('', [bodyOf(1, { priority: 'Critical' }), bodyOf(2), bodyOf(3)]);
  await texts(page, 3);
  await page.getByLabel('Filter').fill('evt.num >= 2');
  await page.getByRole('button', { name: 'Apply' }).click();
  expect(numbersIn(await texts(page, 2))).toEqual([3, 2]);
  await page.getByLabel('Priority').selectOption('Critical');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('No stored alert is selected.').waitFor();
  await page.getByLabel('Filter').fill('evt.num > 0 and proc.nme = x');
  await page.getByLabel('Filter').press('Enter');
  await page.getByText(/column 17: .*did you mean 'proc\.name'\?/).waitFor();
  await page.getByText('Not live').waitFor();
  await page.getByLabel('Filter').fill('');
  await page.getByRole('button', { name: 'Apply' }).click();
  expect(numbersIn(await texts(page, 1))).toEqual([1]);
});

test('while it is paused nothing moves, and what came meanwhile follows, each once', async () => {
  const { page, spool } = await show('', [bodyOf(0)]);
  await texts(page, 1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await spool.append(range(1, 120).map((number) => bodyOf(number)));
  await page.getByRole('button', { name: 'Resume (119 new)' }).click();
  expect(numbersIn(await texts(page, 120))).toEqual(range(0, 120).reverse());
});

test('what was lost is told among the alerts', async () => {
  const { page, spool } = await show();
  const times = { fromNs: 1_700_000_000_000_000_000n, toNs: 1_700_000_001_000_000_000n };
  await spool.append([
    { type: 'gap', gap: { stage: 'kernel', cause: 'ring-full', lane: 'bulk', cpu: 1, count: 12n, ...times } },
  ]);
  expect((await texts(page, 1))[0]).toMatch(/^node-1 lost 12 events between .* \(kernel, lane bulk: ring-full\)\.$/);
});

test('it can be read on a narrow screen, and used by keyboard alone', async () => {
  const { page, spool } = await show();
  await page.setViewportSize({ width: 320, height: 640 });
  await spool.append([bodyOf(1, { context: { 'proc.cmdline': 'x'.repeat(500) } })]);
  await texts(page, 1);
  await rows(page).first().locator('summary').focus();
  await page.keyboard.press('Enter');
  await rows(page).first().locator('table').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
});
