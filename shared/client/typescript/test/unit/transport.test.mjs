// What a request carries, and how its end is told.
import { createServer } from 'node:http';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Keyward, KeywardError } from '../../dist/index.js';
import { answer, client, key, lost, problem } from './stage.mjs';

test('a request carries its credential, condition and body, and follows no redirect', async () => {
  const { keyward, calls } = client(answer(200, { id: 'a b', name: 'N' }, { ETag: '"2"' }));
  const changed = await keyward.keys.patch('a b', { name: 'N' }, { ifMatch: '"1"', force: true });
  const { url, method, headers, body, redirect } = calls[0];
  assert.deepEqual({ url, method, headers, body, redirect }, {
    url: 'https://api.example.com/v1/apikeys/a%20b?force=true', method: 'PATCH', body: '{"name":"N"}', redirect: 'error',
    headers: { 'Content-Type': 'application/json', 'If-Match': '"1"', Authorization: `Bearer ${key}` },
  });
  assert.equal(changed.etag, '"2"');
  assert.equal(JSON.stringify(changed), '{"id":"a b","name":"N"}', 'the version is no part of it');
});

test('a URL over which a key could be read is refused, without being repeated', () => {
  for (const url of ['http://example.com', 'ftp://127.0.0.1', 'example.com', 'https://me:hidden@example.com', 'https://example.com?hidden', 'http://127.0.0.1.example.com', 'http://localhost.example.com']) {
    assert.throws(() => new Keyward({ url, key }), (error) => error instanceof KeywardError && error.code === 'INSECURE_URL' && !/hidden|\n/.test(error.message), url);
  }
  for (const url of ['http://127.0.0.1:3000', 'http://localhost', 'http://[::1]:3000', 'https://api.example.com/stage/']) new Keyward({ url, key });
});

test('a URL or a key that is missing is told before anything is sent', () => {
  for (const url of [undefined, '']) assert.throws(() => new Keyward({ url, key }), { name: 'TypeError', message: 'The URL is missing.' });
  for (const key of [undefined, '']) assert.throws(() => new Keyward({ url: 'https://a.example', key }), { name: 'TypeError', message: 'The key is missing.' });
  new Keyward({ url: 'https://a.example', authorization: () => 'Bearer t' });
});

test('a token is asked for at each attempt', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  let count = 0;
  const calls = [];
  const answers = [lost, answer(200, {})];
  const keyward = new Keyward({ url: 'https://a.example', authorization: async () => `Bearer t${++count}`, fetch: async (_, init) => { calls.push(init.headers.Authorization); return answers.shift()(); } });
  await keyward.whoami();
  assert.deepEqual(calls, ['Bearer t1', 'Bearer t2']);
});

test('a credential with a line break never gets into an error', async () => {
  const keyward = new Keyward({ url: 'https://a.example', key: 'hidden\n' });
  await assert.rejects(keyward.whoami(), (error) => !inspect(error).includes('hidden'));
  assert.ok(!inspect(new Keyward({ url: 'https://a.example', key: 'hidden' }), { depth: 9, showHidden: true }).includes('hidden'));
});

test('an id that would make it another path is refused', async () => {
  const { keyward, calls } = client(answer(204));
  for (const id of ['', '.', '..', undefined]) await assert.rejects(keyward.keys.delete(id), TypeError);
  assert.equal(calls.length, 0);
});

test('an error has the code, the fields and the request’s id', async () => {
  const { keyward } = client(problem(400, 'INVALID', { 'Retry-After': '3' }));
  const error = await keyward.keys.get('x').catch((caught) => caught);
  assert.ok(error instanceof KeywardError);
  const { status, code, title, detail, requestId, retryAfter, errors } = error;
  assert.deepEqual({ status, code, title, detail, requestId, retryAfter }, { status: 400, code: 'INVALID', title: 'T', detail: 'D.', requestId: 'r-1', retryAfter: 3 });
  assert.equal(errors.length, 1);
  assert.equal(error.field('permissions'), 'no');
  assert.equal(error.message, 'INVALID D. no (request r-1)');
});

test('answers that are not Keyward’s are errors too', async () => {
  for (const text of ['<h1>no</h1>', 'null', '"x"', '']) {
    const { keyward } = client(() => new Response(text, { status: 502 }));
    await assert.rejects(keyward.keys.get('x'), { status: 502, code: '', message: 'HTTP 502' });
  }
});

/** Serves on loopback while work runs. */
async function serving(handler, work) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await work(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('an error whose members are not Keyward’s is told all the same', async () => {
  for (const body of [{ code: 7, detail: {}, errors: 'x' }, { code: 'X', errors: { length: 1 } }, { errors: [null, 'x', {}, { field: 1, detail: 2 }] }, ['x'], null, 'x']) {
    const { keyward } = client(answer(404, body));
    const error = await keyward.whoami().catch((e) => e);
    assert.ok(error instanceof KeywardError, `${error}`);
    assert.deepEqual([error.status, typeof error.code, typeof error.detail, error.field('name')], [404, 'string', 'string', '']);
  }
});

test('no connection, no answer in time, an answer that breaks off and a redirect are told apart', async () => {
  const code = (url, more = {}) => new Keyward({ url, key, retries: 0, ...more }).whoami().then(() => 'none', (error) => `${error.status} ${error.code}`);
  const gone = await serving((_, response) => response.end(), (url) => url);
  assert.equal(await code(gone), '0 NETWORK');
  await serving(() => {}, async (url) => assert.equal(await code(url, { timeout: 20 }), '0 TIMEOUT'));
  await serving((_, response) => { response.writeHead(200, { 'Content-Length': 100 }).write('{"id":"'); setTimeout(() => response.destroy(), 10); }, async (url) => assert.equal(await code(url), '0 CUT_OFF'));
  await serving((_, response) => response.end('{"id":"'), async (url) => assert.equal(await code(url), '0 CUT_OFF'));
  await serving((_, response) => { response.write('{'); }, async (url) => assert.equal(await code(url, { timeout: 200 }), '0 TIMEOUT'));
  let followed = 0;
  await serving((request, response) => { if (request.url === '/x') followed++; response.writeHead(307, { Location: '/x' }).end(); }, async (url) => assert.equal(await code(url), '0 NETWORK'));
  assert.equal(followed, 0);
});

test('an answer is read up to 8 MB, and what is longer is not asked for again', async (t) => {
  // Chromium reports an error of its own for a body that fails.
  const { text } = Response.prototype;
  t.mock.method(Response.prototype, 'text', function () { return text.call(this).catch(() => { throw new TypeError('Failed to fetch'); }); });
  const size = 8 << 20;
  const padded = (length) => () => new Response('{"id":"x"}'.padEnd(length));
  assert.equal((await client(padded(size)).keyward.whoami()).id, 'x');
  for (const status of [200, 400, 503]) {
    let sent = 0, cancelled = false;
    const endless = () => new Response(new ReadableStream({ pull(to) { sent += 65536; to.enqueue(new Uint8Array(65536)); }, cancel() { cancelled = true; } }), { status });
    const { keyward, calls } = client(endless);
    await assert.rejects(keyward.whoami(), { status: 0, code: 'TOO_LARGE' });
    assert.ok(calls.length === 1 && cancelled && sent < 2 * size, `${calls.length} calls, ${sent} bytes`);
  }
});

test('an abort ends a request with its own reason', async () => {
  await serving(() => {}, async (url) => {
    const reason = new Error('enough');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 10);
    await assert.rejects(new Keyward({ url, key }).whoami({ signal: abort.signal }), reason);
    await assert.rejects(new Keyward({ url, key }).whoami({ signal: abort.signal }), reason);
  });
});
