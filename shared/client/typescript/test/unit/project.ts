// Somebody else's project, which is only compiled. It holds what types promise.
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { type APIKey, Keyward, KeywardError, type Secret } from '@keyward/client';
import * as onExpress from '@keyward/client/express';
import * as onFastify from '@keyward/client/fastify';
import { Guard } from '@keyward/client/guard';
import * as onHono from '@keyward/client/hono';

const settings = { url: 'https://api.example.com', authorization: async () => 'Bearer token' };
const keyward = new Keyward(settings);
const guard = new Guard({ ...settings, ttl: 1 });

export async function keys(signal: AbortSignal): Promise<Secret> {
  const made = await keyward.keys.create({ name: 'N', permissions: ['P'] }, { signal });
  const read: APIKey & { etag: string } = await keyward.keys.get(made.id);
  // @ts-expect-error: only a creation and a rotation have the text
  read.apiKey;
  // @ts-expect-error: a secret is no string
  const text: string = made.apiKey;
  // @ts-expect-error: a misspelt field
  await keyward.keys.patch(made.id, { enabld: false });
  // @ts-expect-error: no such state
  for await (const key of keyward.keys.all({ state: 'asleep' })) console.log(key.name, text);
  for await (const page of keyward.policies.pages({ limit: 10 })) console.log(page.damaged);
  await keyward.policies.delete('x', { confirm: 'y', ifMatch: read.etag });
  // @ts-expect-error: users have none
  await keyward.users.delete('x', { confirm: 'y' });
  const { valid } = await keyward.verify({ key: made.apiKey, permission: 'P' });
  if (!valid) throw new KeywardError(0, 'X', 'Y');
  await keyward.keys.update(made.id, { ...read, name: 'M' }, { ifMatch: read.etag });
  return made.apiKey;
}

export const app = express().get('/', onExpress.protect(guard, { permission: 'P' }), (request, response) => { response.json(request.keyward?.keyId); });
// @ts-expect-error: a misspelt need
onExpress.protect(guard, { permisson: 'P' });

const fastify = Fastify();
fastify.get('/', { onRequest: onFastify.protect(guard, { source: (request) => request.ip }) }, async (request) => request.keyward?.userId);

export const hono = new Hono().get('/', onHono.protect(guard, { service: 's', route: 'GET /' }), (context) => context.text(context.get('keyward').orgId));
