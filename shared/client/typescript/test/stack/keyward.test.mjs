// The client on the real functions.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Keyward, KeywardError } from '../../dist/index.js';
import { key, keyward, makeKey, unique, until, url } from './stage.mjs';

test('the life of a key', async () => {
  const made = await makeKey('Life', { permissions: ['ViewTables'], recoverable: true });
  assert.ok(!inspect(made, { depth: 9 }).includes(made.apiKey.reveal()));
  assert.equal((await new Keyward({ url, key: made.apiKey }).whoami()).id, made.id);
  const read = await keyward.keys.get(made.id);
  const changed = await keyward.keys.patch(made.id, { description: 'D' }, { ifMatch: read.etag });
  await assert.rejects(keyward.keys.patch(made.id, { description: 'E' }, { ifMatch: read.etag }), { status: 412 });
  const replaced = await keyward.keys.update(made.id, { ...changed, name: unique('Replaced') }, { ifMatch: changed.etag });
  assert.equal(replaced.description, 'D');
  const rotated = await keyward.keys.rotate(made.id, { overlapSeconds: 3600 });
  assert.notEqual(rotated.apiKey.reveal(), made.apiKey.reveal());
  assert.equal((await keyward.keys.reveal(made.id)).reveal(), rotated.apiKey.reveal());
  await keyward.keys.endPrevious(made.id);
  await keyward.keys.delete(made.id);
  await assert.rejects(keyward.keys.get(made.id), (error) => error instanceof KeywardError && error.status === 404 && error.requestId !== '');
  assert.equal((await keyward.keys.restore(made.id)).enabled, false);
  assert.ok(Array.isArray((await keyward.keys.usage(made.id, { by: 'hour' })).items));
  assert.deepEqual((await keyward.keys.permissions(made.id)).unused, ['ViewTables']);
  assert.ok((await keyward.keys.propagation(made.id)).regions.length > 0);
});

test('a creation whose answer is lost makes one key', async () => {
  let lost = 0;
  const client = new Keyward({ url, key, fetch: async (...request) => {
    const response = await fetch(...request);
    if (lost++ === 0) throw new TypeError('lost');
    return response;
  } });
  const name = unique('Lost');
  const made = await client.keys.create({ name, permissions: [] });
  assert.equal((await keyward.keys.list({ name })).items.length, 1);
  assert.match(made.apiKey.reveal(), /_/);
  await keyward.keys.delete(made.id);
});

test('lists are read to their end', async () => {
  const policies = [];
  for (let n = 0; n < 3; n++) policies.push((await keyward.policies.create({ name: unique('Policy'), permissions: ['ViewTables'] })).id);
  const found = new Set();
  for await (const policy of keyward.policies.all({ limit: 1 })) found.add(policy.id);
  for (const id of policies) {
    assert.ok(found.has(id));
    await keyward.policies.delete(id);
  }
});

test('users, services, organization, permissions and the audit trail', async () => {
  const user = await keyward.users.create({ email: `u${process.pid}@example.com`, name: 'U', role: 'MEMBER' });
  const changed = await keyward.users.patch(user.id, { name: 'V' }, { ifMatch: user.etag });
  assert.equal(changed.name, 'V');
  assert.equal((await keyward.users.update(user.id, changed, { ifMatch: changed.etag })).name, 'V'); // changes nothing, and leaves no trace
  await keyward.users.delete(user.id);
  const events = [];
  for await (const event of keyward.auditEvents.all({ target: user.id })) events.push(event.action);
  assert.equal(events.length, 3);

  const id = `ts${process.pid}`;
  const service = { name: 'S', permissions: [{ name: `Ts${process.pid}`, description: 'D' }], apis: [], routes: [{ method: 'GET', path: '/files/{id}', permissions: [`Ts${process.pid}`] }] };
  const put = await keyward.services.put(id, service, { ifNoneMatch: '*' });
  await assert.rejects(keyward.services.put(id, service, { ifNoneMatch: '*' }), { status: 412 });
  assert.equal((await keyward.services.get(id)).etag, put.etag);
  assert.ok((await keyward.permissions.list()).items.some(({ name }) => name === `Ts${process.pid}`));
  const holder = await makeKey('Route', { permissions: [`Ts${process.pid}`] });
  await until('the service is known', async () => (await keyward.verify({ key: holder.apiKey, service: id, method: 'GET', route: '/files/{id}' })).valid);
  assert.equal((await keyward.verify({ key: holder.apiKey, service: id, method: 'GET', path: '/other' })).code, 'ROUTE_NOT_REGISTERED');
  await keyward.keys.delete(holder.id);
  await keyward.services.delete(id, { force: true });

  const organization = await keyward.organization.get();
  assert.equal((await keyward.organization.patch({ name: organization.name }, { ifMatch: organization.etag })).name, organization.name);
  assert.ok(Array.isArray((await keyward.usage()).items));
});

test('questions about one key, many, and in the form of RFC 7662', async () => {
  const made = await makeKey('Asked', { permissions: ['ViewTables'] });
  const yes = await keyward.verify({ key: made.apiKey, permission: 'ViewTables' });
  assert.deepEqual([yes.valid, yes.keyId], [true, made.id]);
  const no = await keyward.verify({ authorization: 'Bearer junk' });
  assert.deepEqual([no.valid, no.code], [false, 'CREDENTIAL_MALFORMED']);
  const all = await keyward.verifyAll({ keys: [made.apiKey, 'junk'], permission: 'ManageFiles', explain: true });
  assert.deepEqual(all.map(({ code }) => code), ['PERMISSION_MISSING', 'CREDENTIAL_MALFORMED']);
  assert.equal((await keyward.introspect(made.apiKey)).active, true);
  assert.equal((await keyward.introspect('junk')).active, false);
  await assert.rejects(keyward.verifyAll({ keys: [] }), { status: 400 });
  await assert.rejects(keyward.keys.create({ name: '', permissions: ['Nothing'] }), (error) => error.status === 400 && error.field('permissions') + error.field('name') !== '');
});
