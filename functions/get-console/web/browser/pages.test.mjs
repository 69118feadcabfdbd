// Every page: accessible in light and dark, whole from 360 px, and unmoved by what
// hostile people call things.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { accessible, api, enter, leave, makeKey, open, start, stop, unique, until } from './stage.mjs';

before(start);
after(stop);

const hostile = [
  `<img src=x onerror=window.broken=1> ${process.pid}`, `"><script>window.broken=1</script> ${process.pid}`, `مفتاح עברית ${process.pid}`,
  '🦊'.repeat(44) + process.pid, `{{constructor.constructor('window.broken=1')()}}`, 'x'.repeat(191),
];

/** Makes one of everything, with hostile names, and returns the pages that show it. */
async function scene() {
  const policy = await api('POST', '/v1/policies', { name: unique(hostile[0]), permissions: ['ViewTables', 'ManageFiles'] });
  const user = await api('POST', '/v1/users', { email: `${unique('u').replaceAll(' ', '')}@example.com`, name: '<b onclick=window.broken=1>Ann</b>', role: 'MEMBER' });
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString();
  for (const name of hostile) await api('POST', '/v1/apikeys', { name, permissions: ['ViewTables'], expiresOn: soon }).catch(() => {}); // there since the last time
  await api('POST', '/v1/apikeys', { name: unique('Of a policy'), policyId: policy.id });
  await api('POST', '/v1/apikeys', { name: unique('Personal'), type: 'personal', onBehalfOf: user.id });
  const key = await makeKey('<i>Rotated</i>', ['ViewTables'], { description: 'מפתח', allowIps: ['127.0.0.1', '2001:db8::/32'], expiresOn: new Date(Date.now() + 4 * 86_400_000).toISOString() });
  await fetch(`${process.env.KEYWARD_URL}/v1/policies`, { headers: { Authorization: `Bearer ${key.apiKey}` } });
  await api('POST', `/v1/apikeys/${key.id}/rotate`, { overlapSeconds: 3600 });
  return ['', 'keys', `keys/${key.id}`, 'keys?show=deleted', 'keys?q=nothing-like-it', 'policies', `policies/${policy.id}`, 'users', `users/${user.id}`, 'services', 'services/demo', 'audit', 'organization', `keys/${crypto.randomUUID()}`, 'keys?new=1'];
}

const go = async (page, path) => {
  await page.evaluate((to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }, `/console/${path}`);
  await page.waitForLoadState('networkidle');
  await until(`${path} is there`, () => page.evaluate(() => !document.querySelector('main .ghost, dialog .ghost')));
};

test('every page is accessible in light and dark, and whole from 360 px', async () => {
  const paths = await scene();
  const page = await open('/console');
  const check = async (path) => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${path} in ${colorScheme}`);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await accessible(page, `${path}, narrow`);
    const { wide, broken, title } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth - innerWidth, broken: window.broken, title: document.title }));
    assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    assert.equal(await page.locator('main .card').evaluateAll((cards) => cards.filter((card) => card.scrollWidth > card.clientWidth).length), 0, `${path}: something leaves its card`);
    assert.equal(broken, undefined, path);
    assert.ok(title.endsWith(' · Keyward'), title);
    for (const width of [1080, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await page.locator('main .frame').evaluateAll((frames) => frames.filter((frame) => frame.scrollWidth > frame.clientWidth).length), 0, `${path}: a table is cut off at ${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is too wide`);
  };
  await check('sign-in');
  await page.getByLabel('API key').fill(process.env.KEYWARD_API_KEY);
  await page.keyboard.press('Enter');
  await page.locator('.shell h1').waitFor();
  for (const path of paths) {
    await go(page, path);
    await check(path);
  }
  await leave(page);
});

test('a key is made and deleted with the keyboard alone', async () => {
  const name = unique('By keyboard');
  const page = await enter('/console/keys');
  await page.getByRole('row').nth(1).waitFor();
  const tabTo = async (what, matches) => {
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(matches)) return;
    }
    assert.fail(`${what} is not reached`);
  };
  await page.locator('h1').focus();
  await tabTo('New API key', () => document.activeElement.textContent === 'New API key');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('What it may do').waitFor();
  await until('the name has the focus', () => page.evaluate(() => document.activeElement.labels?.[0]?.textContent === 'Name'));
  await page.keyboard.type(name);
  await tabTo('the search for permissions', () => document.activeElement.placeholder === 'Search permissions');
  await page.keyboard.type('ViewTables');
  await tabTo('the permission', () => document.activeElement.type === 'checkbox');
  await page.keyboard.press('Space');
  await tabTo('Create', () => document.activeElement.textContent === 'Create key');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Your new API key' }).waitFor();
  await page.keyboard.press('Enter'); // Copy has the focus
  await page.getByText('The key is copied').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until('the focus returned', () => page.evaluate(() => document.activeElement !== document.body));

  await page.getByLabel('Search by name').focus();
  await page.keyboard.type(name);
  await until('one row', async () => await page.getByRole('row').count() === 2);
  await tabTo('its actions', () => document.activeElement.getAttribute('aria-haspopup') === 'menu');
  await page.keyboard.press('Enter');
  await until('the menu has the focus', () => page.evaluate(() => document.activeElement.textContent === 'Edit'));
  await page.keyboard.press('End');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-haspopup')), 'menu', 'the focus is where it was');
  await page.keyboard.press('Enter');
  await until('the menu has the focus again', () => page.evaluate(() => document.activeElement.textContent === 'Edit'));
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await until('the name is to be typed', () => page.evaluate(() => document.activeElement.labels?.[0]?.textContent === 'Type its name to confirm'));
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await page.getByText('The key is deleted').waitFor();
  await leave(page);
});

test('a list of 1,000 keys scrolls', async () => {
  const made = await makeKey('One of many', ['ViewTables']);
  delete made.apiKey;
  const page = await open('/console/keys');
  await page.route('**/v1/apikeys?**', (route) => route.fulfill({ json: { items: Array.from({ length: 1000 }, (_, i) => ({ ...made, id: crypto.randomUUID(), name: `Key ${i}` })) } }));
  await page.getByLabel('API key').fill(process.env.KEYWARD_API_KEY);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Key 999' }).waitFor();
  const frames = await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    await frame();
    const took = [];
    for (let y = 0, last = performance.now(); y < document.body.scrollHeight; y += 400) {
      scrollTo(0, y);
      await frame();
      took.push(performance.now() - last);
      last = performance.now();
    }
    return took.sort((a, b) => a - b);
  });
  console.log(`1,000 keys: a frame of a scroll to the end took ${Math.round(frames[frames.length >> 1])} ms, the longest ${Math.round(frames.at(-1))} ms`);
  assert.equal(await page.getByRole('row').count(), 1001);
  await leave(page);
});
