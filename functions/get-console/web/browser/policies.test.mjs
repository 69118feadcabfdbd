// A policy and what depends on it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { api, enter, leave, start, stop, unique } from './stage.mjs';

before(start);
after(stop);

test('a change of a policy shows which keys it reaches, and its deletion takes them along', async () => {
  const name = unique('Policy');
  const page = await enter('/console/policies');
  await page.getByRole('button', { name: 'New policy' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('checkbox', { name: 'ManageFiles' }).check();
  await page.getByRole('checkbox', { name: 'ViewTables' }).check();
  await page.getByRole('button', { name: 'Create policy' }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const key = await api('POST', '/v1/apikeys', { name: unique('Of the policy'), policyId: id });
  await page.getByRole('link', { name: 'Policies' }).click();
  await page.getByRole('link', { name }).click();
  await page.getByRole('link', { name: key.name }).waitFor();

  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('checkbox', { name: 'ManageFiles' }).uncheck();
  await page.getByText('One key changes').waitFor();
  await page.getByText('It loses').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The policy is changed').waitFor();
  assert.deepEqual((await api('GET', '/v1/whoami', undefined, key.apiKey)).permissions, ['ViewTables']);

  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Its one key is deleted').waitFor();
  await dialog.getByText(key.name).waitFor();
  await dialog.getByLabel('Type its name').fill(name);
  await dialog.getByRole('button', { name: 'Delete the policy and its keys' }).click();
  await page.getByText('The policy is deleted').waitFor();
  await assert.rejects(api('GET', `/v1/apikeys/${key.id}`), /404/);
  await leave(page);
});

test('a user is created, changed and removed, and the organization changed', async () => {
  const email = `${unique('person').replaceAll(' ', '.')}@example.com`;
  const page = await enter('/console/users');
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Name', { exact: true }).fill('Person');
  await page.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('heading', { name: email, level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Role').selectOption('MANAGER');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The user is changed').waitFor();
  await page.getByText('Manages keys').waitFor();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByLabel('Type its name').fill(email);
  await page.getByRole('button', { name: 'Remove user' }).click();
  await page.getByText('The user is removed').waitFor();

  await page.getByRole('link', { name: 'Organization' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Days without use').fill('45');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('After 45 days without use').waitFor();
  await api('PATCH', '/v1/organization', { staleAfterDays: 90 });
  await leave(page);
});

test('the audit trail is filtered, and exported so that no spreadsheet runs it', async () => {
  const name = `=HYPERLINK("x") ${process.pid}`;
  const made = await api('POST', '/v1/apikeys', { name, permissions: [] });
  const page = await enter(`/console/audit?target=${made.id}`);
  await page.getByRole('cell', { name: 'API key created' }).waitFor();
  assert.equal(await page.getByRole('link', { name: made.id }).getAttribute('href'), `/console/keys/${made.id}`);
  assert.equal(await page.getByRole('row').count(), 2);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as CSV' }).click()]);
  const text = await new Response(await download.createReadStream()).text();
  const lines = text.replace('\ufeff', '').split('\r\n');
  assert.ok(lines[0].startsWith('"time","action"') && lines[1].includes('"apikey.create"'));
  assert.ok(!/(^|,)"?[=+@-]/.test(lines.slice(1).join('\n').replaceAll(/\n/g, ' ')), 'no cell begins like a formula');
  await leave(page);
});
