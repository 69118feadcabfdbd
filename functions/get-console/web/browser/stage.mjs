// What the tests in a browser share: a stack's API, and pages that are signed in.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

export const url = process.env.KEYWARD_URL;
export const adminKey = process.env.KEYWARD_API_KEY;
export const issuer = process.env.CONSOLE_ISSUER;

// A loaded machine is slow, and no test is about that.
const patience = 60_000;

/** Calls the API, with the first admin's key if no other is given. */
export async function api(method, path, body, key = adminKey) {
  const response = await fetch(url + path, {
    method, headers: { Authorization: `Bearer ${key}`, ...(body && { 'Content-Type': 'application/json' }) }, body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

let count = 0;

/** Returns a name that no other test uses. */
export const unique = (name) => `${name} ${process.pid}.${++count}`;

/** Creates a key with those permissions, and more of a body. */
export const makeKey = (name, permissions, more = {}) => api('POST', '/v1/apikeys', { name: unique(name), permissions, ...more });

let browser;

/** Starts the browser, with a new profile. The organization gets room for keys. */
export async function start() {
  await api('PATCH', '/v1/organization', { maxKeys: 5000 });
  browser = await chromium.launch({
    executablePath: process.env.CONSOLE_BROWSER,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export const stop = () => browser.close();

/** Opens a page and collects what must not happen on it: an error of the script, a
 * breach of its policy, or a request to anybody else. */
export async function open(path, { dark = false, width = 1280, height = 900, clipboard = true, at = url } = {}) {
  const within = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', locale: 'en-GB', reducedMotion: 'reduce', timezoneId: 'Europe/Berlin' });
  if (clipboard) await within.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  const page = await within.newPage();
  page.setDefaultTimeout(patience);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => { if (/Content Security Policy|Trusted/i.test(message.text())) page.faults.push(message.text()); });
  page.on('request', (request) => { if (!request.url().startsWith(new URL(at).origin) && !(issuer && request.url().startsWith(issuer))) page.faults.push(`a request to ${request.url()}`); });
  await page.goto(at + path);
  return page;
}

/** Signs in on a page that asks for it. */
export async function signIn(page, key = adminKey) {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.shell h1').waitFor();
}

/** Opens a page and signs in. */
export async function enter(path, options = {}) {
  const page = await open(path, options);
  await signIn(page, options.key);
  return page;
}

/** Closes a page's context, and fails if anything happened that must not. */
export async function leave(page) {
  const { faults } = page;
  await page.context().close();
  assert.deepEqual(faults, []);
}

/** Waits until a condition holds. */
export async function until(what, holds) {
  const end = Date.now() + patience;
  while (!await holds()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails if axe finds a breach of WCAG 2.2 AA on the page as it is. */
export async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(found.violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`), []);
}
