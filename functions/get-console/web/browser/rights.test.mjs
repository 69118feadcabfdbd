// Who may do less sees less, and is told why.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { api, enter, leave, makeKey, open, start, stop, unique } from './stage.mjs';

before(start);
after(stop);

const visible = (page) => page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link').allTextContents();

test('a caller with ManageApiKeys alone grants what it holds, and works on keys that it made', async () => {
  const manager = await makeKey('Manager', ['ManageApiKeys', 'ViewTables']);
  const others = await makeKey('Not its own', ['ManageFiles']);
  const page = await enter('/console', { key: manager.apiKey });
  await page.getByText('No key expires soon').or(page.getByRole('heading', { name: 'Expiring' })).first().waitFor();
  assert.deepEqual(await visible(page), ['Home', 'API keys', 'Policies', 'Organization']);
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('Search by name').fill(others.name);
  await page.getByText(others.name).waitFor();
  assert.equal(await page.getByRole('button', { name: `Actions for ${others.name}` }).count(), 0);

  await page.getByRole('link', { name: 'New API key' }).click();
  const name = unique('By a manager');
  await page.getByLabel('Name', { exact: true }).fill(name);
  const lacking = page.getByRole('checkbox', { name: /ManageFiles/ });
  assert.ok(await lacking.isDisabled());
  await page.getByText('ManageFiles').locator('..').getByText('you do not hold it').waitFor();
  await page.getByRole('checkbox', { name: /ViewTables/ }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByLabel('Search by name').fill(name);
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  assert.ok((await page.getByRole('menuitem').allTextContents()).includes('Delete'));
  await leave(page);
});

test('a member has personal keys, and nothing else', async () => {
  const email = `${unique('member').replaceAll(' ', '.')}@example.com`;
  const user = await api('POST', '/v1/users', { email, name: 'Member', role: 'MEMBER' });
  const key = await api('POST', '/v1/apikeys', { name: unique('Laptop'), type: 'personal', onBehalfOf: user.id });
  const page = await enter('/console/keys', { key: key.apiKey });
  await page.getByRole('link', { name: key.name }).waitFor();
  assert.deepEqual(await visible(page), ['Home', 'API keys']);
  assert.equal(await page.getByRole('row').count(), 2, 'no others’ keys');
  await page.getByRole('link', { name: 'New API key' }).click();
  await page.getByText(`It acts as you, ${email}`).waitFor();
  assert.equal(await page.getByRole('radio').count(), 0);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByText('You hold: no permissions').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.evaluate((path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }, '/console/audit');
  await page.getByText('You may not do this').waitFor();
  await leave(page);
});

test('a key that may not call Keyward at all is told so', async () => {
  const limited = await makeKey('Limited', ['ViewTables'], { services: ['demo'] });
  const page = await open('/console');
  await page.getByLabel('API key').fill(limited.apiKey);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('This key may not call Keyward').waitFor();
  await leave(page);
});
