/** An answer as the authorizer gives it. */
export interface Refusal {
  status: 401 | 403 | 503;
  headers: Record<string, string>;
  body: string;
}

const challenge = 'Bearer realm="keyward", Basic realm="keyward", charset="UTF-8"';

/** Refuses whoever has no valid key, whatever is wrong with it.
 * @internal */
export const unauthenticated = (): Refusal => refuse(401, 'Unauthorized', 'UNAUTHENTICATED',
  'A valid API key is required. Send it in the header Authorization: Bearer KEY; other headers, such as X-API-Key, are not read.', { 'WWW-Authenticate': challenge });

/** Refuses a valid key.
 * @internal */
export const forbidden = (code: string): Refusal => refuse(403, 'Forbidden', code, 'The API key is valid but may not do this.');

/** Refuses while it cannot be known whether a key is valid.
 * @internal */
export const unavailable = (): Refusal => refuse(503, 'Service Unavailable', 'UNAVAILABLE', 'The API key could not be checked. Try again.', { 'Retry-After': '1' });

function refuse(status: Refusal['status'], title: string, code: string, detail: string, more: Record<string, string> = {}): Refusal {
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...more },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, code, requestId: crypto.randomUUID() }),
  };
}
