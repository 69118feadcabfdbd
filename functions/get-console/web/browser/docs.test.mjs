// The API reference works without a script, for everybody, wherever it is served.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { accessible, leave, open, start, stop, url } from './stage.mjs';

before(start);
after(stop);

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
const unfold = (page) => page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });

test('the reference and the pages of errors are accessible, in light and dark and on a phone', async () => {
  // The operations of each format have the same template; the smallest are enough.
  for (const path of ['/v1/docs/supermetrics', '/v1/docs/errors', '/v1/docs/errors/INVALID_REQUEST']) {
    for (const view of [{}, { dark: true }, { width: 360, height: 640 }]) {
      const page = await open(path, view);
      await unfold(page);
      const what = `${path} ${JSON.stringify(view)}`;
      await accessible(page, what);
      assert.ok(!await wide(page), `${what} is wider than its window`);
      await leave(page);
    }
  }
  const page = await open('/v1/docs', { width: 360, height: 640 });
  await unfold(page);
  assert.ok(!await wide(page), 'with everything open, it is wider than its window');
  await accessible(page, 'everything open');
  await leave(page);
});

test('an operation is found by its name, shows its fields, and has a link of its own', async () => {
  const page = await open('/v1/docs');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.getByRole('navigation', { name: 'Operations' }).getByRole('link', { name: 'Give an API key a new secret' }).click();
  await page.waitForURL('**/v1/docs#rotate-apikey');
  const rotate = page.getByRole('article', { name: 'Give an API key a new secret' });
  await rotate.getByText('/v1/apikeys/{id}/rotate', { exact: true }).waitFor();
  await rotate.getByText('overlapSeconds', { exact: true }).first().waitFor();
  const field = rotate.getByText('redactedApiKey', { exact: true });
  assert.equal(await field.isVisible(), false);
  await rotate.getByText('Fields of the answer').click();
  assert.equal(await field.isVisible(), true);
  await rotate.getByRole('link', { name: '409' }).click();
  await page.waitForURL('**/v1/docs/errors#status-409');
  await page.getByRole('link', { name: 'PREVIOUS_SECRET_LIVE' }).click();
  await page.getByRole('heading', { name: 'What to do' }).waitFor();
  await page.waitForURL('**/v1/docs/errors/PREVIOUS_SECRET_LIVE');
  await leave(page);
});

test('behind a stage, all links and the style sheet lead to the same place', async () => {
  const target = new URL(url);
  const stage = createServer((from, to) => {
    const path = from.url.replace(/^\/prod/, '');
    if (path === from.url) return to.writeHead(404).end();
    from.pipe(request({ host: target.hostname, port: target.port, path, method: from.method }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    }));
  });
  await new Promise((resolve) => stage.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${stage.address().port}`;
  try {
    const page = await open('/prod/v1/docs/', { at });
    assert.equal(page.url(), `${at}/prod/v1/docs`);
    for (const link of ['Error codes', 'Catena', 'Supermetrics', 'Operations']) {
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: link }).click();
      await page.getByRole('heading', { level: 1, name: { 'Operations': 'API reference' }[link] ?? link }).waitFor();
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).margin), '0px', `${link} has no style`);
    }
    await page.goto(`${at}/prod/v1/docs/errors/LAST_OWNER`);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).margin), '0px');
    await page.getByRole('main').getByRole('link', { name: 'Error codes' }).click();
    await page.getByRole('heading', { name: '409 Conflict' }).waitFor();
    await leave(page);
  } finally {
    stage.closeAllConnections();
    stage.close();
  }
});
