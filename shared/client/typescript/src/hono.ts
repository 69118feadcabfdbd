import type { Context, MiddlewareHandler } from 'hono';
import { addressOf } from './credential.js';
import { checked, type Guard, type Identity, type NeedOf } from './guard.js';

export { Guard, type Identity } from './guard.js';

/** context.get('keyward') says who calls. */
export interface Protected {
  Variables: { keyward: Identity };
}

/** A middleware that lets pass who has such a key. */
export function protect(guard: Guard, need: NeedOf<Context> = {}): MiddlewareHandler<Protected> {
  const { source = socket, ...asked } = checked(need);
  return async (context, next) => {
    const header = context.req.raw.headers.get('Authorization');
    const { identity, refusal } = await guard.check(header === null ? [] : [header], asked, source(context));
    if (refusal) return new Response(refusal.body, refusal);
    context.set('keyward', identity);
    await next();
    return undefined;
  };
}

// What @hono/node-server and Deno.serve pass along with a request.
interface Passed {
  incoming?: { socket?: { remoteAddress?: string } };
  remoteAddr?: { hostname?: string };
}

function socket(context: Context): string | undefined {
  const passed = context.env as Passed | undefined;
  return addressOf(passed?.incoming?.socket?.remoteAddress ?? passed?.remoteAddr?.hostname);
}
