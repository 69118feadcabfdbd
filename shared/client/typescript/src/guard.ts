import { age, Cache, digester, type Moment, now } from './cache.js';
import { keyIn } from './credential.js';
import { KeywardError } from './error.js';
import { Keyward } from './keyward.js';
import type { Schemas } from './schema.js';
import type { Settings } from './transport.js';

/** Its own key needs the permission VerifyApiKeys. */
export interface GuardSettings extends Settings {
  /** Seconds, 0 to 300, for which an answer is used again. Default: 5. */
  ttl?: number;
  /** Milliseconds for a question, with its repetitions. Default: 5,000. */
  patience?: number;
  /** Answers that are kept, in at most 8 MB. Default: 10,000. */
  mostEntries?: number;
  /** Questions at once; above it is 503. Default: 256. */
  mostQuestions?: number;
  /** Gets why a key could not be checked. Default: console.error, at times. */
  onError?: (error: unknown) => void;
}

/** What a request needs; nothing: any key of the organization. */
export interface Need {
  permission?: string;
  /** The id of the guarded service. Keys that are limited to services need it. */
  service?: string;
  /** Instead of permission: a route of service, such as "GET /files/{id}". */
  route?: string;
}

/** What protect takes. */
export interface NeedOf<Request> extends Need {
  /** The caller's address. Default: the socket's, never a header's. */
  source?: (request: Request) => string | undefined;
}

export interface Identity {
  readonly orgId: string;
  readonly keyId: string;
  readonly keyType: 'service' | 'personal' | 'shared';
  /** Of a shared key, a label and no proof. */
  readonly userId: string | undefined;
  /** userId only represents the organization: decide nothing by it. */
  readonly userByDefault: boolean;
  readonly permissions: readonly string[];
}

/** An answer as the authorizer gives it. */
export interface Refusal {
  status: 401 | 403 | 503;
  headers: Record<string, string>;
  body: string;
}

export type Verdict = { identity: Identity; refusal?: never } | { identity?: never; refusal: Refusal };

type Answer = Schemas['Verification'] & { userByDefault?: boolean };

// The codes of a valid key that may not do something (authorizer/README.md). Any other
// means that there is no valid key.
const forbiddenCodes = new Set(['PERMISSION_MISSING', 'SOURCE_NOT_ALLOWED', 'SERVICE_NOT_ALLOWED', 'SERVICE_NOT_REGISTERED', 'ROUTE_NOT_REGISTERED', 'ORGANIZATION_NOT_SERVED', 'GATEWAY_CACHE']);

const refusalTTL = 1000;
const errorInterval = 10_000;

/** Decides who may pass. What cannot be checked does not. */
export class Guard {
  readonly #client: Keyward;
  readonly #settings: Required<Pick<GuardSettings, 'ttl' | 'patience' | 'mostQuestions' | 'onError'>>;
  readonly #digest = digester();
  readonly #identities: Cache<Identity>;
  // A flood of bad keys does not push out the good ones.
  readonly #codes = new Cache<string>(1000, 1_000_000);
  readonly #open = new Map<string, { from: Moment; answer: Promise<Answer> }>();
  #questions = 0;

  constructor(settings: GuardSettings) {
    const { ttl = 5, patience = 5000, mostEntries = 10_000, mostQuestions = 256, onError = sometimes() } = settings;
    if (!(ttl >= 0 && ttl <= 300)) throw new RangeError('ttl must be 0 to 300 seconds.');
    this.#client = new Keyward({ retries: 1, timeout: patience, ...settings });
    this.#settings = { ttl: ttl * 1000, patience, mostQuestions, onError };
    this.#identities = new Cache(mostEntries, 8_000_000);
  }

  /** Takes all values of the Authorization header and the socket's address; never throws. */
  async check(authorization: readonly string[], need: Need = {}, source?: string): Promise<Verdict> {
    const key = keyIn(authorization);
    if (key === undefined) return { refusal: unauthenticated() };
    try {
      const asked = { ...questionOf(checked(need)), source };
      const id = await this.#digest(JSON.stringify([key, asked]));
      const identity = this.#identities.get(id);
      if (identity) return { identity };
      const code = this.#codes.get(id);
      return code === undefined ? await this.#ask(id, { key, ...asked }) : { refusal: refusalOf(code) };
    } catch (error) {
      this.#settings.onError(error);
      return { refusal: unavailable() };
    }
  }

  async #ask(id: string, question: Schemas['VerifyBody']): Promise<Verdict> {
    const { ttl } = this.#settings;
    const [, arrived] = now();
    for (;;) {
      let open = this.#open.get(id);
      // An answer that is too old for the cache is too old for whoever joins its question.
      if (!open || !(age(open.from) < ttl)) {
        open = { from: now(), answer: this.#send(question) };
        this.#open.set(id, open);
      }
      const { from } = open;
      try {
        const answer = await open.answer;
        const verdict = this.#keep(id, answer, from);
        // Of a question from before this request, the answer may have ended meanwhile.
        if (from[1] >= arrived || age(from) < this.#lifeOf(answer)) return verdict;
      } finally {
        if (this.#open.get(id) === open) this.#open.delete(id);
      }
    }
  }

  async #send(question: Schemas['VerifyBody']): Promise<Answer> {
    if (this.#questions >= this.#settings.mostQuestions) throw new Error('Too many questions are open.');
    this.#questions++;
    try {
      const options = { signal: AbortSignal.timeout(this.#settings.patience) };
      const ask = (asked: Schemas['VerifyBody']): Promise<Answer> => this.#client.verify(asked as object, options);
      return await ask(question).catch(async (error: unknown) => {
        const unlisted = error instanceof KeywardError && error.status === 400 && error.errors.length > 0 && error.errors.every(({ field }) => field === 'route');
        if (!unlisted) throw explained(error);
        // Only who has a valid key learns that the service does not list the route.
        const answer = await ask({ ...question, method: undefined, route: undefined });
        return answer.valid ? { valid: false, code: 'ROUTE_NOT_REGISTERED', ttlSeconds: 0 } : answer;
      });
    } finally {
      this.#questions--;
    }
  }

  #keep(id: string, answer: Answer, from: Moment): Verdict {
    const life = this.#lifeOf(answer);
    if (answer.valid !== true) {
      const { code } = answer;
      if (typeof code !== 'string' || code === '') throw new Error('The answer does not say whether the key is valid.');
      this.#codes.set(id, code, from, life, 200 + code.length * 2);
      return { refusal: refusalOf(code) };
    }
    const identity = identityOf(answer);
    const bytes = 400 + 2 * identity.permissions.reduce((sum, name) => sum + name.length + 16, 0);
    this.#identities.set(id, identity, from, life, bytes);
    return { identity };
  }

  /** Returns for how many milliseconds from its question on an answer may be used. */
  #lifeOf({ valid, ttlSeconds }: Answer): number {
    return Math.min(this.#settings.ttl, valid === true ? (Number(ttlSeconds) || 0) * 1000 : refusalTTL);
  }
}

/** Returns an error that names the guard's own key, where that is at fault. */
function explained(error: unknown): unknown {
  if (!(error instanceof KeywardError)) return error;
  const { code } = error;
  const fault = code === 'UNAUTHENTICATED' ? 'is not valid' : code === 'FORBIDDEN' || code === 'PERMISSION_MISSING' ? 'needs the permission VerifyApiKeys' : '';
  if (fault) error.message = `The guard's own key ${fault}: ${error.message}`;
  return error;
}

function identityOf({ orgId, keyId, type, userId, userByDefault, permissions = [] }: Answer): Identity {
  if (!orgId || !keyId || !type) throw new Error('The answer does not say whose the key is.');
  return Object.freeze({ orgId, keyId, keyType: type, userId, userByDefault: userByDefault === true, permissions: Object.freeze([...permissions]) });
}

const refusalOf = (code: string): Refusal => (forbiddenCodes.has(code) ? forbidden(code) : unauthenticated());

function questionOf({ permission, service, route }: Need): Schemas['VerifyBody'] {
  const [method, template] = route?.split(' ') ?? [];
  return { permission, service, method, route: template };
}

/** Returns what a request needs, or throws: what is misspelt or not set, such as a
 * missing variable of the environment, must not open a route to every key.
 * @internal */
export function checked<N extends Need & { source?: unknown }>(need: N): N {
  const { permission, service, route, source, ...unknown } = need;
  const wrong = Object.keys(unknown)[0] ?? (['permission', 'service', 'route'] as const).find((name) => name in need && !(typeof need[name] === 'string' && need[name] !== ''));
  if (wrong !== undefined) throw new TypeError(`${wrong}: set only permission, service or route, to a text.`);
  if (source !== undefined && typeof source !== 'function') throw new TypeError('source must be a function of the request.');
  if (route !== undefined && (!/^[A-Z]+ \/\S*$/.test(route) || service === undefined || permission !== undefined)) {
    throw new TypeError('route needs service, no permission, and the form "GET /files/{id}".');
  }
  return need;
}

function sometimes(): (error: unknown) => void {
  let next = 0;
  return (error) => {
    if (Date.now() < next) return;
    next = Date.now() + errorInterval;
    console.error('keyward: a key could not be checked:', error instanceof Error ? error.message : error);
  };
}

const challenge = 'Bearer realm="keyward", Basic realm="keyward", charset="UTF-8"';

/** Refuses whoever has no valid key, whatever is wrong with it. */
const unauthenticated = (): Refusal => refuse(401, 'Unauthorized', 'UNAUTHENTICATED',
  'A valid API key is required. Send it in the header Authorization: Bearer KEY; other headers, such as X-API-Key, are not read.', { 'WWW-Authenticate': challenge });

/** Refuses a valid key. */
const forbidden = (code: string): Refusal => refuse(403, 'Forbidden', code, 'The API key is valid but may not do this; code says why.');

/** Refuses while it cannot be known whether a key is valid. */
const unavailable = (): Refusal => refuse(503, 'Service Unavailable', 'UNAVAILABLE', 'The API key could not be checked. Try again.', { 'Retry-After': '1' });

function refuse(status: Refusal['status'], title: string, code: string, detail: string, more: Record<string, string> = {}): Refusal {
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...more },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, code, requestId: crypto.randomUUID() }),
  };
}
