import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Where distributions put it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launchBrowser(): Promise<Browser> {
  const found = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no chromium in ${PLACES.join(', ')}; npm run test:all installs it`);
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'];
  return chromium.launch({ executablePath: found, args });
}

/** A page, and everything that it should not have done. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, and what breaks the content security policy. */
  readonly faults: readonly string[];
  /** Dialogs that opened. */
  readonly dialogs: readonly string[];
  /** Requests that left the page's own origin. */
  readonly elsewhere: readonly string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await browser.newPage(options);
  const [faults, dialogs, elsewhere]: string[][] = [[], [], []];
  page.on('pageerror', (error) => faults?.push(error.message));
  page.on('console', (message) => {
    // A collector that is away or refuses is told as an error to load.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults?.push(message.text());
  });
  page.on('dialog', (dialog) => {
    dialogs?.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) elsewhere?.push(request.url());
  });
  await page.addInitScript(`
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error('policy: ' + violatedDirective + ' ' + blockedURI);
    });
  `);
  await page.goto(url);
  return { page, faults: faults ?? [], dialogs: dialogs ?? [], elsewhere: elsewhere ?? [] };
}
