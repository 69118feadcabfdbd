// What the list of keys shows is in the page's URL, and can be shared.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { api, enter, leave, start, stop, unique, until } from './stage.mjs';

before(start);
after(stop);

const names = async (page) => (await page.getByRole('row').locator('td.lead .name').allTextContents());

test('searching, filtering, sorting and paging change the URL, and the URL is the view', async () => {
  const mark = unique('view');
  const made = [];
  for (let i = 10; i < 37; i++) made.push(await api('POST', '/v1/apikeys', { name: `${mark} ${i}`, permissions: [], ...(i === 20 && { enabled: false }) }));
  const page = await enter('/console/keys');
  await page.getByLabel('Search by name').fill(mark);
  await until('27 keys', async () => await page.getByRole('row').count() === 28);
  await page.getByRole('link', { name: 'Name', exact: true }).click();
  await page.getByRole('link', { name: 'Name ↑' }).click();
  await page.locator('th[aria-sort=descending]').waitFor();
  await until('the last first', async () => (await names(page))[0] === `${mark} 36`);
  await page.getByLabel('Keys on a page').selectOption('25');
  await until('a page of 25', async () => (await names(page)).length === 25);
  await page.getByRole('button', { name: 'Next page' }).click();
  await until('the rest', async () => (await names(page)).join() === `${mark} 11,${mark} 10`);
  const shared = new URL(page.url());
  await page.getByRole('link', { name: 'New API key' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Previous page' }).click();
  await until('the first page again', async () => (await names(page)).length === 25);

  const other = await enter(shared.pathname + shared.search);
  await until('the same view', async () => (await names(other)).join() === `${mark} 11,${mark} 10`);
  await other.getByRole('button', { name: 'First page' }).click();
  await until('its first page', async () => (await names(other)).length === 25);
  await other.getByLabel('Show', { exact: true }).selectOption('Disabled');
  await until('the disabled one', async () => (await names(other)).join() === `${mark} 20`);
  await other.getByLabel('Show', { exact: true }).selectOption('Never used');
  await until('those that were never used', async () => (await names(other)).length === 25);
  assert.ok(other.url().includes('show=never'));
  await leave(page);
  await leave(other);
  await Promise.all(made.map((key) => api('DELETE', `/v1/apikeys/${key.id}`)));
});
