import { type APIKey, type ChangeOptions, type Collection, collectionAt, type IssueOptions, type Issued, issued, type List, listAt, pathOf, type Policies, type Resource, type Services, servicesOf, type Users, versioned } from './collections.js';
import type { Schemas } from './schema.js';
import { Secret, textOf } from './secret.js';
import { type Call, type CallOptions, type Settings, Transport } from './transport.js';

export type Question = Omit<Schemas['VerifyBody'], 'key' | 'keys' | 'authorizations'> & { key?: string | Secret };

export type Questions = Omit<Schemas['VerifyBody'], 'key' | 'keys' | 'authorization'> & { keys?: (string | Secret)[] };

/** A client of one Keyward, with one credential. Methods throw a KeywardError. */
export class Keyward {
  readonly keys: Keys;
  readonly policies: Policies;
  readonly users: Users;
  readonly services: Services;
  readonly auditEvents: List<Schemas['AuditEvent'], Schemas['list-audit-events']>;
  readonly permissions: { list(options?: CallOptions): Promise<Schemas['PermissionList']> };
  readonly organization: {
    get(options?: CallOptions): Promise<Resource<Schemas['Organization']>>;
    update(body: Schemas['SettingsBody'], options?: Omit<ChangeOptions, 'force'>): Promise<Resource<Schemas['Organization']>>;
    patch(body: Schemas['SettingsPatch'], options?: Omit<ChangeOptions, 'force'>): Promise<Resource<Schemas['Organization']>>;
  };
  readonly #transport: Transport;

  constructor(settings: Settings) {
    const transport = this.#transport = new Transport(settings);
    if (!settings.authorization && !textOf(settings.key ?? '')) throw new TypeError('The key is missing.');
    this.keys = keysOf(transport);
    this.policies = collectionAt(transport, '/v1/policies');
    this.users = collectionAt(transport, '/v1/users');
    this.services = servicesOf(transport);
    this.auditEvents = listAt(transport, '/v1/audit-events');
    this.permissions = { list: (options) => this.#value('GET', '/v1/permissions', options) };
    const organization = async (method: string, call?: Call) => versioned(await transport.send<Schemas['Organization']>(method, '/v1/organization', call));
    this.organization = {
      get: (options) => organization('GET', options),
      update: (body, options) => organization('PUT', { ...options, body }),
      patch: (body, options) => organization('PATCH', { ...options, body }),
    };
  }

  async whoami(options?: CallOptions): Promise<Resource<Schemas['WhoAmI']>> {
    return versioned(await this.#transport.send<Schemas['WhoAmI']>('GET', '/v1/whoami', options));
  }

  /** Returns whether a key may do something; no is no error. */
  verify(question: Question, options?: CallOptions): Promise<Schemas['Verification']> {
    const { key, ...rest } = question;
    return this.#value('POST', '/v1/verify', { ...options, asks: true, body: { ...rest, ...(key !== undefined && { key: textOf(key) }) } });
  }

  /** The same of up to 100 keys, in their order. */
  async verifyAll(questions: Questions, options?: CallOptions): Promise<Schemas['Verification'][]> {
    const { keys, ...rest } = questions;
    const { results } = await this.#value<{ results: Schemas['Verification'][] }>('POST', '/v1/verify', { ...options, asks: true, body: { ...rest, ...(keys && { keys: keys.map(textOf) }) } });
    return results;
  }

  /** RFC 7662. */
  introspect(token: string | Secret, about: { service?: string; source?: string } = {}, options?: CallOptions): Promise<Schemas['Introspected']> {
    return this.#value('POST', '/v1/introspect', { ...options, asks: true, body: new URLSearchParams({ token: textOf(token), ...about }) });
  }

  usage(query?: Schemas['get-usage'], options?: CallOptions): Promise<Schemas['TopKeys']> {
    return this.#value('GET', '/v1/usage', { ...options, query: { ...query } });
  }

  /** Reports a leaked key. */
  async reportExposure(body: Omit<Schemas['ExposureBody'], 'key'> & { key: string | Secret }, options?: CallOptions): Promise<void> {
    await this.#transport.send('POST', '/v1/exposures', { ...options, body: { ...body, key: textOf(body.key) } });
  }

  async #value<T>(method: string, path: string, call?: Call): Promise<T> {
    return (await this.#transport.send<T>(method, path, call)).value;
  }
}

const path = '/v1/apikeys';

type KeyCollection = Collection<APIKey, Schemas['list-apikeys'], Schemas['KeyBody'], Schemas['KeyPutBody'], Schemas['KeyPatch']>;

export interface Keys extends Omit<KeyCollection, 'create'> {
  create(body: Schemas['KeyBody'], options?: IssueOptions): Promise<Resource<Issued>>;
  /** Gives it a new secret. */
  rotate(id: string, body?: Schemas['RotateBody'], options?: IssueOptions & { ifMatch?: string }): Promise<Resource<Issued>>;
  /** Ends the previous secret. */
  endPrevious(id: string, options?: CallOptions & { ifMatch?: string }): Promise<void>;
  /** Brings it back, disabled. */
  restore(id: string, options?: CallOptions): Promise<Resource<APIKey>>;
  reveal(id: string, options?: CallOptions): Promise<Secret>;
  usage(id: string, query?: Schemas['get-apikey-usage'], options?: CallOptions): Promise<Schemas['Usage']>;
  permissions(id: string, options?: CallOptions): Promise<Schemas['PermissionUse']>;
  propagation(id: string, options?: CallOptions): Promise<Schemas['Propagation']>;
}

/** Returns the API keys. */
function keysOf(transport: Transport): Keys {
  const read = async <T>(id: string, rest: string, query: object | undefined, options: CallOptions | undefined): Promise<T> =>
    (await transport.send<T>('GET', pathOf(path, id, rest), { ...options, query: { ...query } })).value;
  const issue = async (at: string, body: unknown, options: IssueOptions & ChangeOptions = {}): Promise<Resource<Issued>> =>
    issued(await transport.send('POST', at, { ...options, body, idempotencyKey: options.idempotencyKey ?? crypto.randomUUID() }));
  return {
    ...(collectionAt(transport, path) as KeyCollection),
    create: (body, options) => issue(path, body, options),
    rotate: async (id, body, options) => issue(pathOf(path, id, '/rotate'), body, options),
    endPrevious: async (id, options) => { await transport.send('DELETE', pathOf(path, id, '/secrets/previous'), options); },
    restore: async (id, options) => versioned(await transport.send<APIKey>('POST', pathOf(path, id, '/restore'), options)),
    reveal: async (id, options) => new Secret((await transport.send<Schemas['RevealedKey']>('POST', pathOf(path, id, '/reveal'), options)).value.apiKey),
    usage: (id, query, options) => read(id, '/usage', query, options),
    permissions: (id, options) => read(id, '/permissions', undefined, options),
    propagation: (id, options) => read(id, '/propagation', undefined, options),
  };
}
