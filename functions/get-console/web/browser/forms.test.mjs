// What was typed is lost only by whoever wants to lose it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { api, enter, leave, makeKey, start, stop, unique, until } from './stage.mjs';

before(start);
after(stop);

test('a form in which one typed asks before it is closed from outside, and its own edge closes nothing', async () => {
  const made = await makeKey('Half typed', ['ViewTables']);
  const page = await enter(`/console/keys/${made.id}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Description').fill('Half');
  // The scroll bar of a dialog is a part of it.
  await dialog.evaluate((box) => { const { right, top } = box.getBoundingClientRect(); box.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, clientX: right - 4, clientY: top + 60 })); });
  assert.equal(await dialog.getByText('Discard what you typed?').count(), 0);
  for (const away of [() => page.keyboard.press('Escape'), () => page.mouse.click(5, 5), () => dialog.getByRole('button', { name: 'Close', exact: true }).click()]) {
    await away();
    await dialog.getByText('Discard what you typed?').waitFor();
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await until('the question is gone', async () => await dialog.getByText('Discard what you typed?').count() === 0);
    assert.equal(await page.getByLabel('Description').inputValue(), 'Half');
  }
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Discard', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Description').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await leave(page);
});

test('a name is confirmed as one reads it, whatever its spaces are', async () => {
  const made = await api('POST', '/v1/apikeys', { name: `two  spaces ${unique('é')}`.normalize('NFD'), permissions: [] });
  const page = await enter(`/console/keys/${made.id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByLabel('Type its name').fill(made.name.replace('  ', ' ').normalize('NFC'));
  await page.getByRole('button', { name: 'Delete key' }).click();
  await page.getByText('The key is deleted').waitFor();
  await leave(page);
});

test('a search that was begun pulls nobody back to the list', async () => {
  const page = await enter('/console/keys');
  await page.clock.install();
  await page.getByLabel('Search by name').fill('begun');
  await page.getByRole('link', { name: 'Policies' }).click();
  await page.getByRole('heading', { name: 'Policies', level: 1 }).waitFor();
  await page.clock.fastForward('00:02');
  assert.equal(new URL(page.url()).pathname, '/console/policies');
  await leave(page);
});
