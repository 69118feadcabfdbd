// What a guard decides, for how long, and what it keeps.
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Cache, digester, now } from '../../dist/cache.js';
import { authorizationOf, keyIn } from '../../dist/credential.js';
import { checked, Guard } from '../../dist/guard.js';
import { answer, api, key, lost, problem, summed } from './stage.mjs';

const valid = (more = {}) => answer(200, { valid: true, orgId: 'o', keyId: 'k', type: 'service', permissions: ['P'], ttlSeconds: 60, ...more });
const invalid = (code) => answer(200, { valid: false, code, ttlSeconds: 0 });
const bearer = (text = key) => [`Bearer ${text}`];
const other = (n) => summed(`kw_${String(n).padStart(60, '0')}`);

/** Returns a guard, the questions that it asked, and what it told of. */
function guarding(settings, ...answers) {
  const { calls, fetch } = api(...answers);
  const errors = [];
  const guard = new Guard({ url: 'https://api.example.com', key: other(0), fetch, onError: (error) => errors.push(error), ...settings });
  return { guard, calls, errors, status: async (...asked) => (await guard.check(...asked)).refusal?.status ?? 200 };
}

/** Sets the clock and returns what moves it. */
function clock(t) {
  let steady = 0;
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  t.mock.method(performance, 'now', () => steady);
  return (milliseconds, set = 0) => { t.mock.timers.setTime(Date.now() + milliseconds + set); steady += milliseconds; };
}

test('exactly one credential of the known forms is taken', () => {
  const basic = (text) => `Basic ${btoa(text)}`;
  for (const value of [`Bearer ${key}`, `bearer ${key}`, `BASIC ${key}`, basic(`${key}:`)]) assert.equal(keyIn([value]), key, value);
  for (const values of [
    [], [`Bearer ${key}`, `Bearer ${key}`], [`Bearer ${key}, Bearer ${key}`], [''], [key], [`Bearer  ${key}`], [`Bearer ${key} `], [`Bearer ${key}\n`], [`Token ${key}`], [`Bearer ${key.slice(0, -1)}`],
    [`Bearer ${key}0`], [basic(key)], [basic(`${key}:x`)], [`Bearer ${btoa(`${key}:`)}`], [`Basic ${btoa(`${key}:`)} `], [`Basic ${btoa(`${key}:`).slice(0, 8)}\n${btoa(`${key}:`).slice(8)}`], [`Basic ${'A'.repeat(5000)}`], ['Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln'],
  ]) assert.equal(keyIn(values), undefined, String(values));
  assert.deepEqual(authorizationOf(['Host', 'authorization', 'AUTHORIZATION', 'a', 'Accept', '*', 'authorization', 'b']), ['a', 'b']);
});

test('what is wrong with the guard’s own key is not told as a fault of the caller’s', async () => {
  for (const [status, code, want] of [[401, 'UNAUTHENTICATED', 'is not valid: '], [403, 'FORBIDDEN', 'needs the permission VerifyApiKeys: '], [403, 'PERMISSION_MISSING', 'needs the permission VerifyApiKeys: ']]) {
    const { status: decided, errors } = guarding({}, problem(status, code));
    assert.equal(await decided(bearer()), 503);
    assert.equal(errors[0].status, status);
    assert.ok(errors[0].message.startsWith(`The guard's own key ${want}${code}`), errors[0].message);
  }
  assert.throws(() => guarding({ key: '' }), /The key is missing/);
});

test('junk costs no question, even of the right form', async () => {
  const { status, calls } = guarding({}, valid());
  const wrong = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
  for (const values of [[], ['Bearer junk'], [...bearer(), ...bearer()], bearer(wrong), [`Basic ${btoa(`${wrong}:`)}`], bearer('kx' + key.slice(2))]) assert.equal(await status(values), 401, String(values));
  assert.equal(calls.length, 0);
});

test('the keys of every prefix are known by their checksum, as Keyward computes it', () => {
  const vectors = JSON.parse(readFileSync(new URL('../../../../keytext/testdata/vectors.json', import.meta.url), 'utf8'));
  assert.ok(vectors.length >= 5);
  for (const { Text: text } of vectors) {
    assert.equal(keyIn(bearer(text)), text);
    for (let i = 0; i < text.length; i++) assert.equal(keyIn(bearer(text.slice(0, i) + (text[i] === 'x' ? 'y' : 'x') + text.slice(i + 1))), undefined, `${text}, changed at ${i}`);
  }
  for (const prefix of ['k', '_kw', 'kw_', 'k__w', 'a_b_c', 'Kw', '1k', 'abcdefghijklmnopq']) assert.equal(keyIn(bearer(summed(`${prefix}_${'4'.repeat(60)}`))), undefined, prefix);
});

test('a guard asks what it was told to, and says who calls', async () => {
  const { guard, calls } = guarding({}, valid({ userId: 'u' }));
  const { identity } = await guard.check(bearer(), { permission: 'P', service: 's' }, '10.0.0.1');
  assert.deepEqual({ ...identity }, { orgId: 'o', keyId: 'k', keyType: 'service', userId: 'u', userByDefault: false, permissions: ['P'] });
  assert.throws(() => { identity.permissions.push('Q'); }, TypeError, 'it is shared by requests');
  await guard.check(bearer(), { service: 's', route: 'GET /files/{id}' });
  assert.deepEqual(calls.map(({ body }) => JSON.parse(body)), [{ permission: 'P', service: 's', source: '10.0.0.1', key }, { service: 's', method: 'GET', route: '/files/{id}', key }]);
});

test('an answer is kept from the time that its question began', async (t) => {
  const move = clock(t);
  const { status, calls } = guarding({ ttl: 5 }, () => { move(3000); return valid()(); });
  assert.equal(await status(bearer()), 200);
  move(1999);
  assert.equal(await status(bearer()), 200);
  assert.equal(calls.length, 1);
  move(1);
  assert.equal(await status(bearer()), 200);
  assert.equal(calls.length, 2);
});

test('an answer is kept no longer than it allows, also by a clock that is set back', async (t) => {
  const move = clock(t);
  for (const ttlSeconds of [0, -1, null, 'x', 1]) {
    const { status, calls } = guarding({}, valid({ ttlSeconds }));
    await status(bearer());
    move(ttlSeconds === 1 ? 999 : 0);
    await status(bearer());
    assert.equal(calls.length, ttlSeconds === 1 ? 1 : 2, `${ttlSeconds}`);
    move(1, -100_000);
    await status(bearer());
    assert.equal(calls.length, ttlSeconds === 1 ? 2 : 3);
  }
  const { status, calls } = guarding({ ttl: 0 }, valid());
  await Promise.all([status(bearer()), status(bearer())]);
  assert.equal(calls.length, 2, 'with no time, each request asks');
});

test('requests at once share a question, unless it is too old', async (t) => {
  const move = clock(t);
  const open = [];
  const { status, calls } = guarding({}, () => new Promise((resolve) => open.push(() => resolve(valid()()))));
  const settled = async (n) => { while (open.length < n) await new Promise(setImmediate); };
  const first = [status(bearer()), status(bearer()), status(bearer(), { permission: 'Q' }), status(bearer(), {}, '10.0.0.1')];
  await settled(3);
  assert.equal(calls.length, 3);
  move(5000);
  const late = status(bearer());
  await settled(4);
  for (const done of open) done();
  assert.deepEqual(await Promise.all([...first, late]), [200, 200, 200, 200, 200]);
});

test('who joins a question uses its answer no longer than the answer allows', async (t) => {
  const move = clock(t);
  for (const ttlSeconds of [0, 1, 2]) {
    const open = [];
    const { status, calls } = guarding({}, () => new Promise((resolve) => open.push((reply) => resolve(reply()))));
    let answered = false;
    const settled = async (n) => { while (open.length < n && !answered) await new Promise(setImmediate); };
    const first = status(bearer());
    await settled(1);
    move(1000);
    const joined = status(bearer()).finally(() => { answered = true; });
    await new Promise(setImmediate);
    move(500);
    open[0](valid({ ttlSeconds }));
    assert.equal(await first, 200);
    if (ttlSeconds < 2) {
      await settled(2);
      open[1]?.(invalid('KEY_DELETED'));
    }
    assert.equal(await joined, ttlSeconds < 2 ? 401 : 200, `${ttlSeconds}`);
    assert.equal(calls.length, ttlSeconds < 2 ? 2 : 1);
  }
});

test('what is refused is asked again after a second', async (t) => {
  const move = clock(t);
  const { status, calls } = guarding({}, invalid('KEY_DISABLED'), valid());
  assert.equal(await status(bearer()), 401);
  move(999);
  assert.equal(await status(bearer()), 401);
  assert.equal(calls.length, 1);
  move(1);
  assert.equal(await status(bearer()), 200);
});

test('an outage is a 503, never a 401, and nothing passes', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  for (const failure of [lost, problem(503, 'UNAVAILABLE'), problem(500, 'INTERNAL'), problem(401, 'UNAUTHENTICATED'), problem(403, 'FORBIDDEN'), problem(400, 'INVALID'), () => new Response('<h1>'), answer(200, {}), answer(200, []), answer(200, { valid: false }), answer(200, { code: 7 }), answer(200, null), valid({ keyId: undefined })]) {
    const { guard, errors } = guarding({}, failure);
    const { identity, refusal } = await guard.check(bearer());
    assert.equal(identity, undefined);
    assert.equal(errors.length, 1);
    assert.deepEqual([refusal.status, refusal.headers['Retry-After'], JSON.parse(refusal.body).code], [503, '1', 'UNAVAILABLE']);
  }
});

test('a known answer outlives an outage until its end, and no longer', async (t) => {
  const move = clock(t);
  t.mock.method(Math, 'random', () => 0);
  const { status } = guarding({}, valid(), lost);
  assert.equal(await status(bearer()), 200);
  move(4999);
  assert.equal(await status(bearer()), 200);
  move(1);
  assert.equal(await status(bearer()), 503);
});

test('a question takes no longer than its patience', async () => {
  const never = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { status } = guarding({ patience: 20 }, never);
  assert.equal(await status(bearer()), 503);
});

test('only so many questions are open', async () => {
  const open = [];
  const { status, errors } = guarding({ mostQuestions: 2 }, () => new Promise((resolve) => open.push(() => resolve(valid()()))));
  const first = [status(bearer(other(1))), status(bearer(other(2)))];
  while (open.length < 2) await new Promise(setImmediate);
  assert.equal(await status(bearer(other(3))), 503);
  assert.match(errors[0].message, /Too many/);
  for (const done of open) done();
  assert.deepEqual(await Promise.all(first), [200, 200]);
});

test('what is kept is bounded in entries and bytes, and a flood of bad keys moves no good one', async (t) => {
  clock(t);
  const { status, calls } = guarding({ mostEntries: 2 }, valid(), valid(), valid(), invalid('KEY_UNKNOWN'));
  await status(bearer(other(1)));
  await status(bearer(other(2)));
  await status(bearer(other(1)));
  await status(bearer(other(3))); // in the place of 2, which was used least recently
  for (let n = 100; n < 1300; n++) await status(bearer(other(n)));
  const before = calls.length;
  await status(bearer(other(1)));
  await status(bearer(other(3)));
  assert.equal(calls.length, before);
  await status(bearer(other(2)));
  await status(bearer(other(100)));
  assert.equal(calls.length, before + 2);
  const cache = new Cache(100, 1000);
  for (let n = 0; n < 50; n++) cache.set(String(n), n, now(), 1000, 300);
  assert.deepEqual([cache.size, cache.bytes, cache.get('49')], [3, 900, 49]);
  cache.set('big', 1, now(), 1000, 1001);
  assert.equal(cache.get('big'), undefined);
});

test('no key is kept, nor anything that it can be recognized by', async () => {
  const { guard, status } = guarding({}, valid());
  await status(bearer());
  assert.ok(!inspect(guard, { depth: 9, showHidden: true }).includes(key));
  const [one, two] = [digester(), digester()];
  assert.equal(await one(key), await one(key));
  assert.notEqual(await one(key), await two(key), 'each guard has a key of its own');
});

test('a need that is misspelt or not set opens nothing', async () => {
  for (const need of [{ permisson: 'P' }, { permission: undefined }, { permission: '' }, { service: null }, { route: 'GET /x' }, { route: '/x', service: 's' }, { route: 'GET /x', service: 's', permission: 'P' }, { source: '10.0.0.1' }]) {
    assert.throws(() => checked(need), TypeError);
    const { guard, calls } = guarding({}, valid());
    assert.equal((await guard.check(bearer(), need)).refusal.status, 503);
    assert.equal(calls.length, 0);
  }
  for (const ttl of [-1, 301, NaN, 'x']) assert.throws(() => guarding({ ttl }, valid()), RangeError);
});

test('a route that the service does not list is a 403 for whoever has a key', async () => {
  const unlisted = answer(400, { code: 'INVALID_REQUEST', errors: [{ field: 'route', code: 'X', detail: 'D' }] });
  const need = { service: 's', route: 'GET /x' };
  for (const [then, want] of [[valid(), '403 ROUTE_NOT_REGISTERED'], [invalid('KEY_UNKNOWN'), '401 UNAUTHENTICATED'], [problem(500, 'INTERNAL'), '503 UNAVAILABLE']]) {
    const { guard, calls } = guarding({}, unlisted, then);
    const { refusal } = await guard.check(bearer(), need);
    assert.equal(`${refusal.status} ${JSON.parse(refusal.body).code}`, want);
    assert.deepEqual(JSON.parse(calls[1].body), { service: 's', key });
  }
  const { status } = guarding({}, answer(400, { code: 'INVALID_REQUEST', errors: [{ field: 'service', code: 'X', detail: 'D' }] }));
  assert.equal(await status(bearer(), need), 503);
});

test('the codes of a 403 are those of the authorizer', async () => {
  const page = readFileSync(new URL('../../../../../authorizer/README.md', import.meta.url), 'utf8');
  const [table] = /\| `code` of a 403 \|(.|\n)*?\n\n/.exec(page);
  const codes = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code);
  assert.ok(codes.length >= 7);
  for (const code of codes) {
    const { guard } = guarding({}, invalid(code));
    const { refusal } = await guard.check(bearer());
    assert.deepEqual([refusal.status, JSON.parse(refusal.body).code], [403, code]);
  }
  for (const code of ['KEY_UNKNOWN', 'SECRET_WRONG', 'KEY_DISABLED', 'ORGANIZATION_SUSPENDED', 'SOMETHING_NEW']) {
    const { guard } = guarding({}, invalid(code));
    const { refusal } = await guard.check(bearer());
    assert.deepEqual([refusal.status, JSON.parse(refusal.body).code], [401, 'UNAUTHENTICATED']);
  }
});
