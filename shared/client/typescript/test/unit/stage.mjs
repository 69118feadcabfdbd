// What the unit tests share: an API that answers as it is told, and remembers.
import { crc32 } from 'node:zlib';
import { Keyward } from '../../dist/index.js';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Returns a text with the checksum that makes it a key's. */
export function summed(text) {
  let sum = '';
  for (let rest = crc32(text), n = 0; n < 6; n++, rest = Math.floor(rest / 62)) sum = digits[rest % 62] + sum;
  return text + sum;
}

export const key = summed('kw_' + '4'.repeat(60));

/** Returns an answer as the API gives it. */
export const answer = (status, body, headers = {}) => () => new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

/** Returns a problem answer. */
export const problem = (status, code, headers = {}) => answer(status, { status, code, title: 'T', detail: 'D.', requestId: 'r-1', errors: [{ field: 'permissions[0]', code: 'X', detail: 'no' }] }, headers);

/** An answer that never comes. */
export const lost = () => Promise.reject(new TypeError('fetch failed'));

/** Returns a fetch that gives the answers in turn, the last one for ever. */
export function api(...answers) {
  const calls = [];
  const fetch = async (url, init) => {
    const call = { url, ...init, headers: { ...init.headers } };
    calls.push(call);
    return (answers.length > 1 ? answers.shift() : answers[0])(call);
  };
  return { calls, fetch };
}

/** Returns a client of such an API, and the calls that it made. */
export function client(...answers) {
  const { calls, fetch } = api(...answers);
  return { calls, keyward: new Keyward({ url: 'https://api.example.com/', key, fetch }) };
}

/** Makes waits as short as they can be, and returns their lengths. */
export function waits(t) {
  const lengths = [];
  const real = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (work, length, ...rest) => {
    if (length >= 30_000) return real(work, length, ...rest); // the end of an attempt's time
    lengths.push(length);
    return real(work, 0, ...rest);
  });
  t.mock.method(Math, 'random', () => 1);
  return lengths;
}
