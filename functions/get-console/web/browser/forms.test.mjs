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
  let load;
  const loading = new Promise((resolve) => { load = resolve; });
  await page.route('**/assets/Policies-*.js', async (route) => { await loading; await route.continue(); });
  await page.getByLabel('Search by name').fill('begun');
  await page.getByRole('link', { name: 'Policies' }).click();
  await page.clock.fastForward('00:02'); // while the list is still there
  await page.getByLabel('Show', { exact: true }).selectOption('active');
  assert.equal(new URL(page.url()).pathname, '/console/policies');
  load();
  await page.getByRole('heading', { name: 'Policies', level: 1 }).waitFor();
  await page.clock.fastForward('00:02');
  assert.equal(new URL(page.url()).pathname, '/console/policies');
  await leave(page);
});

test('a long name stays within its dialog', async () => {
  const name = `${'w'.repeat(180)}${process.pid}`;
  const made = await api('POST', '/v1/apikeys', { name, permissions: [], recoverable: true });
  const page = await enter(`/console/keys/${made.id}`);
  const dialog = page.getByRole('dialog');
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    for (const action of ['Reveal', 'Disable', 'Delete']) {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: action }).click();
      await dialog.waitFor();
      assert.equal(await dialog.evaluate((box) => box.scrollWidth - box.clientWidth), 0, `${action} at ${width}`);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    }
  }
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Reveal' }).click();
  await dialog.getByRole('button', { name: 'Reveal' }).click();
  const copy = await dialog.getByRole('button', { name: 'Copy', exact: true }).boundingBox();
  assert.ok(copy.height < 40, 'a button has one line');
  await api('DELETE', `/v1/apikeys/${made.id}`);
  await leave(page);
});

test('nothing of one key is shown under the address of another', async () => {
  const one = await makeKey('The one', ['ViewTables']);
  const page = await enter(`/console/keys/${one.id}`);
  await page.getByRole('heading', { name: one.name, level: 1 }).waitFor();
  await page.evaluate((path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }, `/console/keys/${crypto.randomUUID()}`);
  await page.getByText('There is no such key').waitFor();
  assert.equal(await page.getByText(one.name).count(), 0);
  await leave(page);
});

test('a view that the API refuses names what is wrong with it', async () => {
  const page = await enter('/console/keys?cursor=nonsense');
  await page.getByRole('alert').getByText('cursor must be').waitFor();
  await leave(page);
});
