// Runs on Deno: the client, and a Hono service behind its guard.
import { Hono } from 'hono';
import { Keyward } from '../../dist/index.js';
import { Guard, protect } from '../../dist/hono.js';

const [url, key] = [Deno.env.get('KEYWARD_URL'), Deno.env.get('KEYWARD_API_KEY')];
const keyward = new Keyward({ url, key });
const expect = (what, got, want) => { if (got !== want) throw new Error(`${what}: ${got}, want ${want}`); };

const made = await keyward.keys.create({ name: `Deno ${Deno.pid}`, permissions: ['ViewTables'], allowIps: ['127.0.0.1'] });
try {
  expect('a secret', Deno.inspect(made.apiKey) + Deno.inspect({ made }, { depth: 9 }).includes(made.apiKey.reveal()), '[redacted]false');
  const app = new Hono().get('/', protect(new Guard({ url, key }), { permission: 'ViewTables' }), (context) => context.text(context.get('keyward').keyId));
  const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: () => {} }, app.fetch);
  const call = async (headers) => {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, { headers });
    return `${response.status} ${response.headers.get('Content-Type').split(';')[0]} ${(await response.text()).slice(0, 36)}`;
  };
  expect('a key passes from its address', await call({ Authorization: `Bearer ${made.apiKey.reveal()}` }), `200 text/plain ${made.id}`);
  expect('nobody does not', (await call({})).slice(0, 28), '401 application/problem+json');
  await server.shutdown();
  let count = 0;
  for await (const _ of keyward.keys.all({ limit: 1 })) if (++count === 2) break;
  expect('keys', count, 2);
  await keyward.whoami({ signal: AbortSignal.abort() }).then(() => expect('an abort', 'none', 'one'), (error) => expect('an abort', error.name, 'AbortError'));
  const code = await new Keyward({ url: 'http://127.0.0.1:9', key, retries: 0 }).whoami().catch((error) => error.code);
  expect('no connection', code, 'NETWORK');
} finally {
  await keyward.keys.delete(made.id);
}
