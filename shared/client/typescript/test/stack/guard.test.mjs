// Real servers, guarded by real keys on the real functions.
import { request as send } from 'node:http';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { Guard } from '../../dist/guard.js';
import { keyward, makeKey, url, key as adminKey, until } from './stage.mjs';
import { servers } from './servers.mjs';

const guards = await makeKey('Guard', { permissions: ['VerifyApiKeys'] });
const settings = { url, key: guards.apiKey };

/** Calls a server with all headers as they are given, and returns its answer. */
const call = (at, headers = []) => new Promise((resolve, reject) => {
  send(at, { headers: ['Host', new URL(at).host, ...headers] }, async (response) => {
    let body = '';
    for await (const part of response) body += part;
    resolve({ status: response.statusCode, headers: response.headers, body: body && JSON.parse(body) });
  }).on('error', reject).end();
});

const bearer = (key) => ['Authorization', `Bearer ${key.reveal()}`];

/** The answers of Keyward's own gateway, which the test's caller knows. */
const gateway = JSON.parse(process.env.KEYWARD_REFUSALS);

/** Fails unless an answer is what the gateway answers in that case. */
function same(answer, kind, code) {
  const want = gateway[kind];
  assert.equal(answer.status, want.Status);
  const { requestId, ...rest } = answer.body;
  const { requestId: _, ...body } = JSON.parse(want.Body.replace('$context.authorizer.code', code));
  assert.deepEqual(rest, body);
  assert.match(requestId, /^[0-9a-f-]{36}$/);
  for (const [name, value] of Object.entries(want.Headers)) {
    if (!name.startsWith('Access-Control-')) assert.equal(answer.headers[name.toLowerCase()], value, name);
  }
}

for (const [name, start] of Object.entries(servers)) {
  test(`${name}: a key passes, and another does not`, async () => {
    const server = await start(new Guard(settings));
    after(server.end);
    const good = await makeKey('Good', { permissions: ['ViewTables'] });
    const plain = await makeKey('Plain', { permissions: [] });
    const passed = await call(server.url + '/tables', bearer(good.apiKey));
    assert.deepEqual([passed.status, passed.body], [200, { keyId: good.id, permissions: ['ViewTables'] }]);
    assert.equal((await call(server.url + '/open', ['authorization', `basic ${btoa(`${plain.apiKey.reveal()}:`)}`])).status, 200);
    same(await call(server.url + '/tables', bearer(plain.apiKey)), 'ACCESS_DENIED', 'PERMISSION_MISSING');
    same(await call(server.url + '/open'), 'UNAUTHORIZED');
    same(await call(server.url + '/open', ['Authorization', 'Bearer junk']), 'UNAUTHORIZED');
    same(await call(server.url + '/open', [...bearer(good.apiKey), ...bearer(good.apiKey)]), 'UNAUTHORIZED');
    same(await call(server.url + '/open', ['X-API-Key', good.apiKey.reveal()]), 'UNAUTHORIZED');
  });

  test(`${name}: the address is the socket's, whatever a header says`, async () => {
    const server = await start(new Guard(settings));
    after(server.end);
    const here = await makeKey('Here', { permissions: [], allowIps: ['127.0.0.1'] });
    const there = await makeKey('There', { permissions: [], allowIps: ['10.0.0.1'] });
    const forwarded = ['X-Forwarded-For', '10.0.0.1', 'Forwarded', 'for=10.0.0.1'];
    assert.equal((await call(server.url + '/open', [...bearer(here.apiKey), ...forwarded])).status, 200);
    same(await call(server.url + '/open', [...bearer(there.apiKey), ...forwarded]), 'ACCESS_DENIED', 'SOURCE_NOT_ALLOWED');
  });

  test(`${name}: a deleted key is refused within the bound`, async () => {
    const server = await start(new Guard(settings));
    after(server.end);
    const made = await makeKey('Deleted', { permissions: ['ViewTables'] });
    assert.equal((await call(server.url + '/tables', bearer(made.apiKey))).status, 200);
    await keyward.keys.delete(made.id);
    const deleted = Date.now();
    let last = 0;
    await until('it is refused', async () => {
      const began = Date.now();
      const { status } = await call(server.url + '/tables', bearer(made.apiKey));
      if (status === 200) last = began;
      return status === 401;
    });
    assert.ok(last - deleted < 10_000, `allowed ${last - deleted} ms after its deletion`);
  });

  test(`${name}: an outage is a 503`, async () => {
    const server = await start(new Guard({ url: 'http://127.0.0.1:9', key: guards.apiKey, retries: 0, onError: () => {} }));
    after(server.end);
    const made = await makeKey('Unlucky', { permissions: ['ViewTables'] });
    same(await call(server.url + '/tables', bearer(made.apiKey)), 'AUTHORIZER_FAILURE');
    same(await call(server.url + '/tables'), 'UNAUTHORIZED');
  });
}

test('a guard whose own key may not ask lets nothing pass, and says why', async () => {
  const errors = [];
  const own = await makeKey('May not ask', { permissions: [] });
  const guard = new Guard({ url, key: own.apiKey, onError: (error) => errors.push(error) });
  const { refusal } = await guard.check([`Bearer ${adminKey}`]);
  assert.equal(refusal.status, 503);
  assert.equal(errors[0].status, 403);
});
