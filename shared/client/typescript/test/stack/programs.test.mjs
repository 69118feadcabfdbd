// Other programs that use the package: the README's, as it stands there, and one on Deno.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import assert from 'node:assert/strict';
import { keyward, makeKey, until, url } from './stage.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});

test('the README’s service refuses a key within seconds of its deletion', async () => {
  const [, code] = /```js\n(.*?)```/s.exec(readFileSync(root + 'README.md', 'utf8'));
  const guards = await makeKey('The README', { permissions: ['VerifyApiKeys'] });
  const made = await makeKey('A caller', { permissions: ['ViewTables'] });
  const port = await freePort();
  const service = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: root, stdio: 'inherit', env: { ...process.env, PORT: port, KEYWARD_API_KEY: guards.apiKey.reveal() } });
  try {
    const call = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/tables`, { headers: { Authorization: `Bearer ${made.apiKey.reveal()}` } }).catch(() => undefined);
      return response && { status: response.status, body: await response.json() };
    };
    await until('it serves', async () => (await call()) !== undefined);
    assert.deepEqual(await call(), { status: 200, body: { caller: made.id } });
    await keyward.keys.delete(made.id);
    await until('it refuses', async () => (await call()).status === 401);
  } finally {
    service.kill();
  }
});

test('it works on Deno', async () => {
  const platforms = `${root}node_modules/@deno/`;
  const [platform] = readdirSync(platforms);
  assert.ok(platform, 'the package deno has no binary for this platform');
  const home = mkdtempSync(`${tmpdir()}/keyward-deno-`);
  await promisify(execFile)(`${platforms}${platform}/deno`, ['run', '--no-remote', '--node-modules-dir=manual', '--no-lock', '--allow-net=127.0.0.1', '--allow-env=KEYWARD_URL,KEYWARD_API_KEY', 'test/stack/deno.mjs'], {
    cwd: root, env: { PATH: process.env.PATH, HOME: home, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1', KEYWARD_URL: url, KEYWARD_API_KEY: process.env.KEYWARD_API_KEY },
  }).finally(() => rmSync(home, { recursive: true }));
});
