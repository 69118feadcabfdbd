// The life of a key, from the form that makes it to its restoration.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { api, enter, leave, makeKey, open, signIn, start, stop, unique, until, url } from './stage.mjs';

before(start);
after(stop);

const row = (page, name) => page.getByRole('row').filter({ hasText: name });

const choose = async (page, name, action) => {
  await row(page, name).getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
};

test('a wrong key is refused in words, and a right one shows the first table after one request', async () => {
  const page = await open('/console/keys');
  await page.getByLabel('API key').fill('kw_nonsense');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('This is not a whole key; copy it again.').waitFor();
  const gone = await makeKey('Gone', ['ViewTables']);
  await api('DELETE', `/v1/apikeys/${gone.id}`);
  await page.getByLabel('API key').fill(gone.apiKey);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('This key is not accepted').waitFor();
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const began = Date.now();
  await signIn(page);
  await page.getByRole('row').nth(1).waitFor();
  console.log(`the first table, ${Date.now() - began} ms after the click`);
  assert.deepEqual(asked.filter((path) => path.startsWith('/v1') && !path.includes('/usage')), ['/v1/whoami', '/v1/apikeys']);
  assert.ok(!page.url().includes('kw_'));
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length), 0);
  await leave(page);
});

test('a key is made, copied, and works', async () => {
  const page = await enter('/console/keys');
  const name = unique('Made in a browser');
  await page.getByRole('link', { name: 'New API key' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Description').fill('né');
  await page.getByText(`${Buffer.byteLength(name) + 3} of 191 bytes`).waitFor();
  await page.getByLabel('Search permissions').fill('upload');
  await page.getByRole('checkbox', { name: 'ManageFiles' }).check();
  await page.getByLabel('Addresses').fill('127.0.0.1\n10.0.0.0/8x');
  await page.getByText('10.0.0.0/8x: the length').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Create key' }).isDisabled());
  await page.getByLabel('Addresses').fill('127.0.0.1');
  await page.getByRole('button', { name: 'Create key' }).click();

  const shown = page.getByRole('dialog', { name: 'Your new API key' });
  await shown.waitFor();
  await until('the copy button has the focus', () => page.evaluate(() => document.activeElement?.textContent === 'Copy'));
  assert.equal(await shown.getByLabel('API key').getAttribute('type'), 'password');
  for (const leaveBy of [() => page.keyboard.press('Escape'), () => page.mouse.click(5, 5), () => shown.getByRole('button', { name: 'Close', exact: true }).click(), () => shown.getByRole('button', { name: 'Done' }).click()]) {
    await leaveBy();
    await shown.getByText('Nothing was copied').waitFor();
    assert.ok(await shown.isVisible());
  }
  await page.goBack();
  assert.ok(await shown.isVisible(), 'going back keeps it');
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  assert.equal((await asked).type(), 'beforeunload');
  await (await asked).dismiss();
  await shown.getByRole('button', { name: 'Copy command' }).click();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  const answer = JSON.parse(execFileSync('bash', ['-c', line.replace('curl', 'curl -s')]).toString());
  assert.equal(answer.name, name);
  assert.deepEqual(answer.permissions, ['ManageFiles']);
  await shown.getByRole('button', { name: 'Copy', exact: true }).click();
  await shown.getByRole('status').getByText('The key is copied').waitFor(); // outside of the dialog, it would be inert
  await shown.getByRole('button', { name: 'Done' }).click();
  await shown.waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(line.match(/kw_\w+/)[0]), 'the key is gone from the page');
  await leave(page);
});

test('a clipboard that refuses is said, and the text can be selected', async () => {
  const page = await enter('/console/keys?new=1', { clipboard: false });
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); });
  await page.getByLabel('Name', { exact: true }).fill(unique('Refused'));
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('The browser refused to copy').waitFor();
  await until('the key is selected', () => page.evaluate(() => document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd).startsWith('kw_')));
  await leave(page);
});

test('a key is edited, rotated, disabled, enabled, deleted and restored', async () => {
  const made = await makeKey('Worked on', ['ViewTables'], { recoverable: true });
  const page = await enter(`/console/keys?q=${encodeURIComponent(made.name)}`);
  await choose(page, made.name, 'Edit');
  await page.getByLabel('Description').fill('Changed');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The key is changed').waitFor();
  assert.equal((await api('GET', `/v1/apikeys/${made.id}`)).description, 'Changed');

  await choose(page, made.name, 'Rotate');
  await page.getByLabel('For how long').selectOption('1 hour');
  await page.getByRole('radio', { name: /first use/ }).check();
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByRole('dialog', { name: 'The new secret' }).getByRole('button', { name: 'Copy', exact: true }).click();
  const rotated = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Done' }).click();
  assert.equal((await api('GET', '/v1/whoami', undefined, rotated)).id, made.id);
  assert.equal((await api('GET', '/v1/whoami', undefined, made.apiKey)).id, made.id, 'both work for a while');

  await choose(page, made.name, 'Reveal');
  await page.getByRole('button', { name: 'Reveal', exact: true }).click();
  const revealed = page.getByRole('dialog', { name: 'API key', exact: true });
  await revealed.getByRole('button', { name: 'Show' }).click();
  assert.equal(await revealed.getByLabel('API key').inputValue(), rotated);
  await revealed.getByRole('button', { name: 'Done' }).click();

  await choose(page, made.name, 'Disable');
  await page.getByRole('button', { name: 'Disable', exact: true }).click();
  await row(page, made.name).getByText('Disabled', { exact: true }).waitFor();
  await choose(page, made.name, 'Enable');
  await page.getByRole('button', { name: 'Enable', exact: true }).click();
  await row(page, made.name).getByText('Disabled', { exact: true }).waitFor({ state: 'detached' });

  await choose(page, made.name, 'Delete');
  const confirm = page.getByRole('button', { name: 'Delete key' });
  assert.ok(await confirm.isDisabled());
  await page.getByLabel('Type its name').fill(made.name);
  await confirm.click();
  await page.getByText('No key matches').waitFor();
  await page.getByLabel('Show', { exact: true }).selectOption('Deleted');
  await choose(page, made.name, 'Restore');
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.getByText('The key is restored').waitFor();
  assert.equal((await api('GET', `/v1/apikeys/${made.id}`)).enabled, false);
  await leave(page);
});

test('the console works behind a stage, with and without a slash at its end, and from the URL of any page', async () => {
  const stage = createServer((request, response) => {
    const within = fetch(url + request.url.replace(/^\/prod/, ''), { method: request.method, headers: { ...(request.headers.authorization && { authorization: request.headers.authorization }) } });
    within.then(async (answer) => {
      const headers = Object.fromEntries(['content-type', 'content-security-policy', 'etag'].filter((name) => answer.headers.has(name)).map((name) => [name, answer.headers.get(name)]));
      response.writeHead(request.url.startsWith('/prod/') ? answer.status : 403, headers);
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await new Promise((resolve) => stage.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${stage.address().port}/prod/console`;
  const made = await makeKey('Behind a stage', ['ViewTables']);
  for (const path of ['', '/', '/keys', '/keys/', `/keys/${made.id}`]) {
    const page = await open(path, { at });
    await signIn(page);
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByRole('row').nth(1).waitFor();
    assert.equal(page.url(), `${at}/keys`);
    await leave(page);
  }
  stage.closeAllConnections();
  stage.close();
});
