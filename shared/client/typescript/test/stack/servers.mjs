// The same guarded service on each framework, on loopback: GET /open needs any key,
// GET /tables the permission ViewTables.
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import * as onExpress from '../../dist/express.js';
import * as onFastify from '../../dist/fastify.js';
import * as onHono from '../../dist/hono.js';

const say = (identity) => ({ keyId: identity.keyId, permissions: identity.permissions });
const tables = { permission: 'ViewTables' };

/** The frameworks: each returns the URL of its server and what ends it. */
export const servers = {
  async express(guard) {
    const app = express();
    const reply = (request, response) => response.json(say(request.keyward));
    app.get('/open', onExpress.protect(guard), reply);
    app.get('/tables', onExpress.protect(guard, tables), reply);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${server.address().port}`, end: () => { server.close(); server.closeAllConnections(); } };
  },

  async fastify(guard) {
    const app = Fastify();
    const reply = async (request) => say(request.keyward);
    app.get('/open', { onRequest: onFastify.protect(guard) }, reply);
    app.get('/tables', { onRequest: onFastify.protect(guard, tables) }, reply);
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), end: () => app.close() };
  },

  async hono(guard) {
    const app = new Hono();
    const reply = (context) => context.json(say(context.get('keyward')));
    app.get('/open', onHono.protect(guard), reply);
    app.get('/tables', onHono.protect(guard, tables), reply);
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${server.address().port}`, end: () => { server.close(); server.closeAllConnections(); } };
  },
};
