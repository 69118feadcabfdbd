import type { Request, RequestHandler } from 'express';
import { addressOf, authorizationOf } from './credential.js';
import { checked, type Guard, type Identity, type NeedOf } from './guard.js';

export { Guard, type Identity } from './guard.js';

declare global {
  namespace Express {
    interface Request {
      keyward?: Identity;
    }
  }
}

/** A middleware that lets pass who has such a key, as request.keyward. */
export function protect(guard: Guard, need: NeedOf<Request> = {}): RequestHandler {
  const { source = (request: Request) => addressOf(request.socket.remoteAddress), ...asked } = checked(need);
  return async (request, response, next) => {
    const { identity, refusal } = await guard.check(authorizationOf(request.rawHeaders), asked, source(request));
    if (refusal) {
      response.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return;
    }
    request.keyward = identity;
    next();
  };
}
