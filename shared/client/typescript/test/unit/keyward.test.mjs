// Lists and secrets.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Secret } from '../../dist/index.js';
import { answer, client } from './stage.mjs';

const three = () => [answer(200, { items: [1, 2], nextCursor: 'a' }), answer(200, { items: [], nextCursor: 'b', damaged: 1 }), answer(200, { items: [3] })];

test('all() reads a list to its end, over an empty page too', async () => {
  const { keyward, calls } = client(...three());
  const items = [];
  for await (const item of keyward.keys.all({ state: 'active' })) items.push(item);
  assert.deepEqual(items, [1, 2, 3]);
  assert.deepEqual(calls.map(({ url }) => new URL(url).search), ['?state=active', '?state=active&cursor=a', '?state=active&cursor=b']);
});

test('all() reads no page before it is needed', async () => {
  const { keyward, calls } = client(...three());
  for await (const item of keyward.users.all()) if (item === 2) break;
  assert.equal(calls.length, 1);
});

test('pages() tells of damaged records', async () => {
  const { keyward } = client(...three());
  const damaged = [];
  for await (const page of keyward.auditEvents.pages()) damaged.push(page.damaged);
  assert.deepEqual(damaged, [undefined, 1, undefined]);
});

test('only reveal() says a secret', () => {
  const secret = new Secret('hidden');
  for (const said of [`${secret}`, secret + '', String(secret), JSON.stringify({ secret }), inspect(secret), inspect({ secret }, { showHidden: true, depth: 9 }), Object.values(secret).join()]) {
    assert.ok(!said.includes('hidden'), said);
  }
  assert.equal(secret.reveal(), 'hidden');
});

test('a key that is made has its text as a secret, and can be put back as it is', async () => {
  const { keyward, calls } = client(answer(201, { id: 'x', name: 'N', apiKey: 'hidden' }, { ETag: '"1"' }));
  const made = await keyward.keys.create({ name: 'N' });
  assert.ok(!inspect(made, { depth: 9 }).includes('hidden'));
  assert.equal(made.apiKey.reveal(), 'hidden');
  await keyward.verify({ key: made.apiKey });
  assert.equal(calls[1].body, '{"key":"hidden"}');
  await keyward.keys.update(made.id, made, { ifMatch: made.etag });
  assert.equal(calls[2].body, '{"id":"x","name":"N","apiKey":"[redacted]"}');
});

test('an answer without the text of a key says so when it is asked for', async () => {
  const { keyward } = client(answer(201, { id: 'x' }));
  const made = await keyward.keys.create({ name: 'N' }, { idempotencyKey: 'old' });
  assert.throws(() => made.apiKey.reveal(), /cannot be had again/);
});

test('an introspection is a form, and a list of questions has answers in its order', async () => {
  const { keyward, calls } = client(answer(200, { active: true }), answer(200, { valid: false, results: [{ valid: true }, { valid: false }] }));
  await keyward.introspect('a b', { service: 'files' });
  assert.equal(calls[0].body, 'token=a+b&service=files');
  assert.equal(calls[0].headers['Content-Type'], 'application/x-www-form-urlencoded');
  assert.deepEqual((await keyward.verifyAll({ keys: ['a', new Secret('b')], permission: 'P' })).map(({ valid }) => valid), [true, false]);
  assert.equal(calls[1].body, '{"permission":"P","keys":["a","b"]}');
});
