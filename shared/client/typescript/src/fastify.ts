import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, authorizationOf } from './credential.js';
import { checked, type Guard, type Identity, type NeedOf } from './guard.js';

export { Guard, type Identity } from './guard.js';

declare module 'fastify' {
  interface FastifyRequest {
    keyward?: Identity;
  }
}

/** An onRequest hook that lets pass who has such a key, as request.keyward. */
export function protect(guard: Guard, need: NeedOf<FastifyRequest> = {}): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  const { source = (request: FastifyRequest) => addressOf(request.raw.socket.remoteAddress), ...asked } = checked(need);
  return async (request, reply) => {
    const { identity, refusal } = await guard.check(authorizationOf(request.raw.rawHeaders), asked, source(request));
    if (refusal) return reply.code(refusal.status).headers(refusal.headers).send(new TextEncoder().encode(refusal.body)); // to text, Fastify adds a charset
    request.keyward = identity;
    return undefined;
  };
}
