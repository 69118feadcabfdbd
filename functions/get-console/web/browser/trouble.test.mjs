// What goes wrong is explained, and what was typed is kept.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { adminKey, api, enter, leave, makeKey, open, signIn, start, stop, unique, until } from './stage.mjs';

before(start);
after(stop);

const signInAgain = async (page, key) => {
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.waitFor();
  await dialog.getByLabel('API key').fill(key);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
};

test('a session that ends in the middle of a form costs nothing that was typed', async () => {
  const own = await api('POST', '/v1/apikeys', { name: unique('Session'), type: 'personal' });
  const page = await enter('/console/keys?new=1', { key: own.apiKey });
  const name = unique('Survivor');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('checkbox', { name: 'ManageFiles' }).check();
  await api('PATCH', `/v1/apikeys/${own.id}`, { enabled: false });
  await until('the key is refused', () => api('GET', '/v1/whoami', undefined, own.apiKey).then(() => false, () => true));
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
  assert.ok(await page.getByRole('heading', { name: 'API keys' }).isHidden(), 'the page is out of sight');
  await signInAgain(page, adminKey);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), name);
  assert.ok(await page.getByRole('checkbox', { name: 'ManageFiles' }).isChecked());
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('dialog', { name: 'Your new API key' }).waitFor();
  await leave(page);
});

test('somebody else who signs in sees nothing of what was typed or shown', async () => {
  const own = await makeKey('One', ['ManageApiKeys']);
  const other = await makeKey('Other', ['ManageApiKeys']);
  const page = await enter('/console/keys?new=1', { key: own.apiKey });
  await page.getByLabel('Name', { exact: true }).fill('private');
  await page.route('**/v1/apikeys', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code":"UNAUTHENTICATED"}' }) : route.continue()));
  await page.getByRole('button', { name: 'Create key' }).click();
  await signInAgain(page, other.apiKey);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
  await page.unroute('**/v1/apikeys');

  // The list that is read after the creation ends the session, with the key on show.
  await page.getByLabel('Name', { exact: true }).fill(unique('Of the other'));
  await page.route('**/v1/apikeys?**', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }), { times: 1 });
  await page.getByRole('button', { name: 'Create key' }).click();
  const shown = page.getByRole('dialog', { name: 'Your new API key', includeHidden: true });
  await shown.waitFor({ state: 'attached' });
  await signInAgain(page, own.apiKey);
  assert.equal(await shown.count(), 0);
  await leave(page);
});

test('after 30 minutes without use one must sign in again', async () => {
  const page = await open('/console/keys');
  await page.clock.install();
  await page.reload();
  await signIn(page);
  await page.getByRole('row').nth(1).waitFor();
  await page.clock.fastForward('29:00');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('Shift');
  await page.clock.fastForward('29:00');
  assert.equal(await page.getByRole('dialog').count(), 0, 'it was used meanwhile');
  await page.clock.fastForward('01:30');
  await page.getByText('after 30 minutes without use').waitFor();
  assert.ok(await page.getByRole('table').isHidden());
  await leave(page);
});

const problem = (status, code) => ({ status, contentType: 'application/problem+json', headers: { 'Retry-After': '3' }, body: JSON.stringify({ status, code, title: 'x', detail: 'cause', requestId: 'request-7' }) });

test('answers that fail, are cut off or never come are told apart, and can be tried again', async () => {
  const page = await enter('/console/audit');
  for (const [answer, said] of [
    [(route) => route.fulfill(problem(500, 'INTERNAL')), 'Keyward failed'],
    [(route) => route.fulfill(problem(503, 'UNAVAILABLE')), 'Try again in 3 s'],
    [(route) => route.fulfill(problem(429, 'TOO_MANY_REQUESTS')), 'Too many requests'],
    [(route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>no</h1>' }), 'Keyward failed'],
    [(route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"items":[{"id":"' }), 'The answer broke off'],
    [(route) => route.abort('connectionreset'), 'The API cannot be reached'],
  ]) {
    await page.route('**/v1/apikeys?**', answer);
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByText(said).waitFor();
    await page.unroute('**/v1/apikeys?**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row').nth(1).waitFor();
    await page.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByRole('heading', { name: 'Audit trail' }).waitFor();
  }
  await leave(page);
});

test('use that cannot be read is not shown as none', async () => {
  const made = await makeKey('Used', ['ViewTables']);
  await api('GET', '/v1/whoami', undefined, made.apiKey);
  await until('its use is recorded', async () => (await api('GET', `/v1/apikeys/${made.id}`)).lastUsedOn !== undefined);
  const page = await open(`/console/keys?q=${encodeURIComponent(made.name)}`);
  await page.route('**/usage?**', (route) => route.fulfill(problem(503, 'UNAVAILABLE')));
  await signIn(page);
  await page.getByRole('cell', { name: 'Not known' }).waitFor();
  await leave(page);
});

test('a slow answer shows that something is coming', async () => {
  const page = await enter('/console/audit');
  let go;
  const answered = new Promise((resolve) => { go = resolve; });
  await page.route('**/v1/apikeys?**', async (route) => { await answered; await route.continue(); });
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByText('Loading the keys').waitFor();
  go();
  await page.getByRole('row').nth(1).waitFor();
  await leave(page);
});

test('a creation whose answer is lost makes one key, when it is sent again', async () => {
  const page = await enter('/console/keys?new=1');
  const name = unique('Lost answer');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.route('**/v1/apikeys', async (route) => { await route.fetch(); await route.abort('connectionreset'); }, { times: 1 });
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('The API cannot be reached').waitFor();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('dialog', { name: 'Your new API key' }).waitFor();
  assert.equal((await api('GET', `/v1/apikeys?q=${encodeURIComponent(name)}`)).items.length, 1);
  await leave(page);
});

test('a rotation whose answer is lost rotates once, when it is sent again', async () => {
  const made = await makeKey('Rotated once', ['ViewTables']);
  const page = await enter(`/console/keys/${made.id}`);
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await page.route('**/rotate', async (route) => { await route.fetch(); await route.abort('connectionreset'); }, { times: 1 });
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByText('The API cannot be reached').waitFor();
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByRole('dialog', { name: 'The new secret' }).waitFor();
  assert.equal((await api('GET', `/v1/apikeys/${made.id}`)).secrets.length, 2);
  await leave(page);
});

test('two tabs that edit the same key lose nothing of each other’s', async () => {
  const made = await makeKey('Shared', ['ViewTables']);
  const edit = async () => {
    const page = await enter(`/console/keys/${made.id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Description').waitFor();
    return page;
  };
  const first = await edit(), second = await edit();
  await first.getByLabel('Description').fill('Theirs');
  await first.getByRole('button', { name: 'Save' }).click();
  await first.getByText('The key is changed').waitFor();
  await second.getByRole('checkbox', { name: 'ManageFiles' }).check();
  await second.getByRole('button', { name: 'Save' }).click();
  await second.getByText('Somebody else changed this key').waitFor();
  await second.getByRole('button', { name: 'Put my changes on top' }).click();
  await until('their text is there', async () => await second.getByLabel('Description').inputValue() === 'Theirs');
  await second.getByRole('button', { name: 'Save' }).click();
  await second.getByText('The key is changed').waitFor();
  const now = await api('GET', `/v1/apikeys/${made.id}`);
  assert.deepEqual([now.description, now.permissions.sort()], ['Theirs', ['ManageFiles', 'ViewTables']]);
  await leave(first);
  await leave(second);
});

test('settings that somebody else changed meanwhile lose nothing that was typed', async () => {
  const { staleAfterDays, name } = await api('GET', '/v1/organization');
  const page = await enter('/console/organization');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Days without use').fill('44');
  await api('PATCH', '/v1/organization', { name: 'Theirs' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else changed the settings').waitFor();
  assert.equal(await page.getByLabel('Days without use').inputValue(), '44');
  await page.getByRole('button', { name: 'Put my changes on top' }).click();
  await until('their name is there', async () => await page.getByLabel('Name', { exact: true }).inputValue() === 'Theirs');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('After 44 days without use').waitFor();
  const now = await api('GET', '/v1/organization');
  assert.deepEqual([now.name, now.staleAfterDays], ['Theirs', 44]);
  await api('PATCH', '/v1/organization', { name, staleAfterDays });
  await leave(page);
});

for (const [what, path, body, field] of [
  ['user', '/v1/users', () => ({ email: `${unique('two').replaceAll(' ', '.')}@example.com`, name: 'Two', role: 'MEMBER' }), 'Name'],
  ['policy', '/v1/policies', () => ({ name: unique('Two'), permissions: ['ViewTables'] }), 'Description'],
]) {
  test(`a ${what} that somebody else changed meanwhile loses nothing that was typed`, async () => {
    const made = await api('POST', path, body());
    const page = await enter(`/console${path.slice('/v1'.length)}/${made.id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel(field, { exact: false }).first().fill('Mine');
    await api('PATCH', `${path}/${made.id}`, { permissions: ['ManageFiles'] });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`Somebody else changed this ${what}`).waitFor();
    await page.getByRole('button', { name: 'Put my changes on top' }).click();
    await page.getByText(`Somebody else changed this ${what}`).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`The ${what} is changed`).waitFor();
    const now = await api('GET', `${path}/${made.id}`);
    assert.deepEqual([now[field.toLowerCase()], now.permissions], ['Mine', ['ManageFiles']]);
    await api('DELETE', `${path}/${made.id}`);
    await leave(page);
  });
}

test('least privilege looks at more keys when it is asked to', async () => {
  const key = (n) => ({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, name: `Used ${n}`, type: 'shared', permissions: ['A', 'B'], createdBy: {}, lastModifiedBy: {}, createdOn: '2026-01-01T00:00:00Z' });
  const page = await open('/console/services/demo');
  let begin;
  const begun = new Promise((resolve) => { begin = resolve; });
  await page.route('**/v1/apikeys?**', async (route) => {
    await begun;
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const items = Array.from({ length: 20 }, (_, i) => key(from + i));
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ items, ...(from < 20 && { nextCursor: '20' }) }) });
  });
  await page.route('**/v1/apikeys/*/permissions', (route) => {
    const wide = /(7|23)$/.test(new URL(route.request().url()).pathname.split('/').at(-2));
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ used: [{ name: 'A', requests: 1, lastUsedDay: '2026-01-01', granted: true }], unused: wide ? ['B'] : [] }) });
  });
  await signIn(page);
  await page.getByText('among the 20 keys that were used last').waitFor();
  begin();
  await page.getByRole('link', { name: 'Used 7', exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Used 23' }).count(), 0);
  await page.getByRole('button', { name: 'Look at the next 20' }).click();
  await page.getByRole('link', { name: 'Used 23' }).waitFor();
  await page.getByRole('link', { name: 'Used 7', exact: true }).waitFor();
  await page.getByText('among all keys that were used').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Look at the next' }).count(), 0);
  await leave(page);
});

test('a list that is not shown to its end says so, and shows more', async () => {
  const user = (n) => ({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, email: `u${n}@example.com`, name: 'U', role: 'MEMBER', permissions: [], keyCount: 0, createdBy: { username: 'x', userId: 'x' }, lastModifiedBy: {}, createdOn: '2026-01-01T00:00:00Z' });
  const page = await open('/console/users');
  await page.route('**/v1/users?**', (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const items = Array.from({ length: 600 }, (_, i) => user(from + i));
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ items, ...(from < 1800 && { nextCursor: String(from + 600) }), ...(from === 600 && { damaged: 2 }) }) });
  });
  await signIn(page);
  await page.getByText('These are the first 1,200').waitFor();
  await page.getByText('2 records cannot be read').waitFor();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('u2399@example.com').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
  await leave(page);
});
