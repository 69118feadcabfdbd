// What is repeated, how long after, and what is not.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { answer, client, lost, problem, waits } from './stage.mjs';

const body = { name: 'N', permissions: [] };
const busy = (headers) => problem(503, 'UNAVAILABLE', headers);

test('a creation and a rotation are repeated under one Idempotency-Key', async (t) => {
  waits(t);
  for (const call of [(keyward) => keyward.keys.create(body), (keyward) => keyward.keys.rotate('x', { overlapSeconds: 60 })]) {
    const { keyward, calls } = client(lost, busy(), answer(201, { id: 'x', apiKey: 'text' }));
    const made = await call(keyward);
    assert.equal(made.apiKey.reveal(), 'text');
    const keys = calls.map(({ headers }) => headers['Idempotency-Key']);
    assert.equal(keys.length, 3);
    assert.match(keys[0], /^[0-9a-f-]{36}$/);
    assert.equal(new Set(keys).size, 1);
    await call(keyward);
    assert.notEqual(calls[3].headers['Idempotency-Key'], keys[0]);
  }
  const { keyward, calls } = client(answer(201, { id: 'x' }));
  await keyward.keys.create(body, { idempotencyKey: 'mine' });
  assert.equal(calls[0].headers['Idempotency-Key'], 'mine');
});

test('what is not safe to repeat is not, unless nothing was done', async (t) => {
  waits(t);
  for (const [what, call, safe] of [
    ['create a policy', (k, o) => k.policies.create(body, o), false],
    ['restore', (k, o) => k.keys.restore('x', o), false],
    ['a change of a version', (k, o) => k.keys.update('x', body, { ...o, ifMatch: '"1"' }), false],
    ['a change', (k, o) => k.keys.update('x', body, o), true],
    ['a list', (k, o) => k.keys.list({}, o), true],
    ['a question', (k, o) => k.verify({ key: 'x' }, o), true],
    ['an introspection', (k, o) => k.introspect('x', {}, o), true],
  ]) {
    for (const failure of [lost, busy()]) {
      const { keyward, calls } = client(failure, answer(200, {}));
      await call(keyward).then(() => assert.ok(safe, what), () => assert.ok(!safe, what));
      assert.equal(calls.length, safe ? 2 : 1, what);
    }
    const { keyward, calls } = client(problem(429, 'THROTTLED'), answer(200, {}));
    await call(keyward);
    assert.equal(calls.length, 2, what);
  }
});

test('nothing else is repeated, and nothing for ever', async (t) => {
  waits(t);
  for (const status of [400, 401, 403, 404, 409, 412, 500, 502, 504]) {
    const { keyward, calls } = client(problem(status, 'X'));
    await assert.rejects(keyward.keys.get('x'), { status });
    assert.equal(calls.length, 1);
  }
  const { keyward, calls } = client(busy());
  await assert.rejects(keyward.keys.get('x'), { status: 503 });
  assert.equal(calls.length, 3);
});

test('waits grow, spread, and are at least what the answer says, as seconds or as a date', async (t) => {
  const lengths = waits(t);
  const date = () => busy({ 'Retry-After': new Date(Date.now() + 3000).toUTCString() })();
  for (const [failure, first, second] of [[busy(), 200, 400], [busy({ 'Retry-After': '2' }), 2200, 2400], [busy({ 'Retry-After': 'soon' }), 200, 400], [lost, 200, 400]]) {
    lengths.length = 0;
    const { keyward } = client(failure);
    await assert.rejects(keyward.keys.get('x'));
    assert.deepEqual(lengths, [first, second]);
  }
  lengths.length = 0;
  await assert.rejects(client(date).keyward.keys.get('x'));
  assert.ok(lengths.length === 2 && lengths.every((length) => length > 2000 && length <= 3600), String(lengths));
});

test('a wait that is too long is left to the caller', async (t) => {
  const lengths = waits(t);
  for (const after of ['21', '99999999999999999999', new Date(Date.now() + 3_600_000).toUTCString()]) {
    const { keyward, calls } = client(busy({ 'Retry-After': after }));
    await assert.rejects(keyward.keys.get('x'), (error) => error.retryAfter > 20);
    assert.equal(calls.length, 1);
  }
  assert.deepEqual(lengths, []);
});

test('an abort ends a wait at once', async () => {
  const abort = new AbortController();
  const { keyward, calls } = client(busy({ 'Retry-After': '20' }));
  const waiting = keyward.keys.get('x', { signal: abort.signal });
  setTimeout(() => abort.abort(), 10);
  const began = Date.now();
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.ok(Date.now() - began < 15_000);
  assert.equal(calls.length, 1);
});

test('a deletion whose answer was lost is done when it is repeated', async (t) => {
  waits(t);
  await client(lost, problem(404, 'API_KEY_NOT_FOUND')).keyward.keys.delete('x');
  await assert.rejects(client(problem(404, 'API_KEY_NOT_FOUND')).keyward.keys.delete('x'), { status: 404 });
  await assert.rejects(client(problem(429, 'THROTTLED'), problem(404, 'API_KEY_NOT_FOUND')).keyward.keys.delete('x'), { status: 404 });
});
