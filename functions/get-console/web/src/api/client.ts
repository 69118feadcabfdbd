// The only file that talks to the API. It uses the TypeScript client's transport with
// the credential of the session.
import { pages } from '../../../../../shared/client/typescript/src/collections.js';
import { KeywardError } from '../../../../../shared/client/typescript/src/error.js';
import { type Answer, type Call, type Query, Transport } from '../../../../../shared/client/typescript/src/transport.js';
import { apiURL } from '../base';
import { credential, lost } from '../session';

export { type Answer, KeywardError };

let transport: Transport | undefined;

// Nothing is repeated here: who waits sees at once what failed, with a way to try again.
const connection = (): Transport => transport ??= new Transport({ url: apiURL, retries: 0 });

/** Sends a request, with a credential other than the session's if it has one. It throws
 * a KeywardError for anything but a success; a 401 ends the session. */
export async function send<T>(method: string, path: string, call: Call = {}): Promise<Answer<T>> {
  const authorization = call.authorization ?? credential();
  try {
    return await connection().send<T>(method, path, { ...call, authorization });
  } catch (error) {
    if (error instanceof KeywardError && error.status === 401 && call.authorization === undefined) lost('The API does not accept the credential any more.', authorization);
    throw error;
  }
}

/** Returns the body of an answer, for those who need no version. */
export async function read<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await send<T>('GET', path, { query, signal })).value;
}

/** A list as far as it was read. */
export interface Whole<T> {
  items: T[];
  /** There are more items than were read. */
  more: boolean;
  /** How many records are missing because they cannot be read. */
  damaged: number;
}

/** Reads a list page by page. */
export const pagesOf = <T>(path: string, query: Query, signal?: AbortSignal) => pages<T>({ send }, path, query, { signal });

/** How many items of a list are read if nobody asks for more. */
export const step = 1000;

/** Reads a list to its end, or until it has that many items. */
export async function readAll<T>(path: string, signal?: AbortSignal, most = step): Promise<Whole<T>> {
  const whole: Whole<T> = { items: [], more: false, damaged: 0 };
  for await (const page of pagesOf<T>(path, { limit: 100 }, signal)) {
    whole.items.push(...page.items);
    whole.damaged += page.damaged ?? 0;
    whole.more = page.nextCursor !== undefined;
    if (whole.items.length >= most) break;
  }
  return whole;
}
