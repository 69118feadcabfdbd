// Sign-in with the issuer, in a window of its own.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { adminKey, issuer, leave, open, start, stop, unique } from './stage.mjs';

before(start);
after(stop);

const withIssuer = (page) => page.getByRole('button', { name: `Sign in with ${new URL(issuer).host}` });

test('one signs in with the issuer, and again without losing what was typed', async () => {
  const page = await open('/console/keys?new=1');
  const windows = [];
  page.context().on('page', (opened) => windows.push(opened));
  await withIssuer(page).click();
  await page.getByText('owner@example.com').first().waitFor();
  assert.equal(windows.length, 1);
  const name = unique('With a token');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.route('**/v1/apikeys', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }) : route.continue()), { times: 1 });
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
  await withIssuer(page).click();
  await page.getByRole('dialog', { name: 'Sign in again' }).waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), name);
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('dialog', { name: 'Your new API key' }).waitFor();
  assert.ok(!page.url().includes('code='));
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length), 0);
  await leave(page);
});

test('an issuer that refuses is told, and a key still works', async () => {
  const page = await open('/console/keys');
  await page.context().route(`${issuer}/authorize**`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    return route.fulfill({ status: 302, headers: { Location: `${query.get('redirect_uri')}?error=access_denied&error_description=not+today&state=${query.get('state')}` } });
  });
  await withIssuer(page).click();
  await page.getByText('The issuer refused: not today').waitFor();
  await page.getByLabel('API key').fill(adminKey);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  await leave(page);
});

// Google and others isolate their page, so that the console cannot see its window.
test('an issuer whose page isolates itself still signs one in', async () => {
  const page = await open('/console/keys');
  let finish;
  await page.context().route(`${issuer}/authorize**`, async (route) => {
    if (finish) return route.continue();
    finish = route.request().url();
    return route.fulfill({ contentType: 'text/html', headers: { 'Cross-Origin-Opener-Policy': 'same-origin' }, body: `<a href="${finish.replaceAll('&', '&amp;')}">Go on</a>` });
  });
  const opened = page.context().waitForEvent('page');
  await withIssuer(page).click();
  const issuers = await opened;
  await issuers.getByRole('link', { name: 'Go on' }).waitFor();
  await page.getByText('seems to be closed').waitFor();
  assert.ok(await withIssuer(page).isEnabled());
  await issuers.getByRole('link', { name: 'Go on' }).click();
  await page.getByText('owner@example.com').first().waitFor();
  await leave(page);
});

test('an account that nobody added is told so, and not that a key is wrong', async () => {
  const page = await open('/console/keys');
  await page.route('**/v1/whoami', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }));
  await withIssuer(page).click();
  await page.getByText('Your account is not accepted').waitFor();
  assert.equal(await page.getByText('This key is not accepted').count(), 0);
  await leave(page);
});
