'use strict';
// Registers a service with Keyward, and takes its APIs out again. Other APIs of
// the service, such as those of other regions, stay.
const { SecretsManager } = require('@aws-sdk/client-secrets-manager');

// A failed creation's id: there is nothing to delete.
const NOTHING = 'not-registered';
const RETRIED = [429, 500, 502, 503, 504];

const without = (apis, gone) => apis.filter((a) => !gone.some((b) => a.account === b.account && a.id === b.id));

exports.handler = async (event) => {
  const { StackId, RequestId, LogicalResourceId } = event;
  const answer = {
    StackId, RequestId, LogicalResourceId, Status: 'SUCCESS',
    PhysicalResourceId: event.PhysicalResourceId || `${StackId}/${LogicalResourceId}`,
  };
  try {
    if (answer.PhysicalResourceId !== NOTHING) await follow(event);
  } catch (e) {
    answer.Status = 'FAILED';
    answer.Reason = [e.message, e.cause && e.cause.code].filter(Boolean).join(': ').slice(0, 1500);
    if (event.RequestType === 'Create') answer.PhysicalResourceId = NOTHING;
    console.error(answer.Reason);
  }
  const sent = await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body: JSON.stringify(answer) });
  if (!sent.ok) throw new Error(`CloudFormation answered ${sent.status}`);
};

async function follow({ RequestType, ResourceProperties: { Url, Secret, Service: s }, OldResourceProperties: old }) {
  const ask = await client(Url, Secret);
  if (RequestType === 'Delete') return withdraw(ask, s);
  const before = old ? old.Service : { id: s.id, apis: [] };
  // An API belongs to one service only.
  if (before.id !== s.id) await withdraw(ask, before);
  const { id, gatewayCache: cache, ...parts } = s;
  parts.routes = parts.routes.map((r) => ({ ...r, permissions: r.permissions || [] }));
  // CloudFormation makes every number a text.
  if (cache) parts.gatewayCache = { ...cache, seconds: Number(cache.seconds) };
  await change(ask, id, (now) => ({
    ...parts, apis: [...without(now ? now.apis : [], [...before.apis, ...s.apis]), ...s.apis],
  }));
}

const withdraw = (ask, { id, apis }) => change(ask, id, (now) => {
  const left = now && without(now.apis, apis);
  if (!now || left.length === now.apis.length) return undefined;
  const { name, permissions, routes, unlistedRoutes, gatewayCache } = now;
  return { name, permissions, routes, unlistedRoutes, gatewayCache, apis: left };
});

// Edits a service, again if somebody else did meanwhile.
async function change(ask, id, edit) {
  for (let tries = 5; ; tries--) {
    const now = await ask('GET', id, [404]);
    const next = edit(now.status === 404 ? undefined : now.body);
    if (!next) return;
    const done = await ask('PUT', id, tries > 1 ? [412] : [], next, now.etag);
    if (done.status !== 412) return;
  }
}

async function client(url, secret) {
  const key = ((await new SecretsManager({}).getSecretValue({ SecretId: secret })).SecretString || '').trim();
  // A header that cannot be sent would be quoted in the error.
  if (!/^[\w.~+/=-]+$/.test(key)) throw new Error('The secret holds no API key');
  return async (method, id, expected, body, etag) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    if (etag) headers['if-match'] = etag;
    for (let tries = 4; ; tries--) {
      const answer = await fetch(`${url.replace(/\/+$/, '')}/v1/services/${encodeURIComponent(id)}`, {
        method, headers, body: body && JSON.stringify(body), redirect: 'error', signal: AbortSignal.timeout(10000),
      });
      const { status } = answer;
      const content = await answer.json().catch(() => ({}));
      if (answer.ok || expected.includes(status)) return { status, body: content, etag: answer.headers.get('etag') };
      if (tries === 1 || !RETRIED.includes(status)) {
        const faults = (content.errors || []).map((f) => `${f.field}: ${f.detail}`);
        throw new Error([`${method} ${id}: ${status}`, content.detail, ...faults].filter(Boolean).join('; '));
      }
      await new Promise((done) => setTimeout(done, 1000));
    }
  };
}
