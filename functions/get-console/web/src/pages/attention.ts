// What needs somebody's attention, by reason.
import { KeywardError, pagesOf, read } from '../api/client';
import type { Page, Schemas } from '../api/schema';
import type { APIKey } from '../rules/keys';
import { manages } from '../rules/rights';
import { daysFromNow } from '../rules/time';

type KeyList = Page<Schemas['APIKey']>;
type PermissionUse = Schemas['PermissionUse'];

/** How many keys that were reported or refused are enough to show. */
const mostShown = 6;

/** How many keys are looked at one by one before somebody asks for more. */
export const mostChecked = 20;

const list = async (query: Record<string, string | number>, signal: AbortSignal): Promise<KeyList> => read<KeyList>('/v1/apikeys', { limit: 6, ...query }, signal);

/** Returns keys that expire within 30 days, the first to expire first. */
export const expiring = (signal: AbortSignal) => list({ state: 'active', expiresBefore: daysFromNow(30).toISOString(), sort: 'expiresOn', order: 'asc' }, signal);

/** Returns keys that nobody used for 90 days. */
export const unused = (signal: AbortSignal) => list({ unusedSince: daysFromNow(-90).toISOString() }, signal);

/** Returns keys that were reported as leaked and are still there. */
export async function exposed(signal: AbortSignal): Promise<APIKey[]> {
  const found = new Map<string, APIKey | undefined>();
  const exposedKeys = (): APIKey[] => [...found.values()].filter((key) => key?.exposure !== undefined) as APIKey[];
  for await (const page of pagesOf<Schemas['AuditEvent']>('/v1/audit-events', { action: 'apikey.expose', limit: 20 }, signal)) {
    const ids = new Set(page.items.map((event) => event.target).filter((id) => !found.has(id)));
    await Promise.all([...ids].map(async (id) => found.set(id, await keyOrNone(id, signal))));
    if (exposedKeys().length >= mostShown) break;
  }
  return exposedKeys();
}

/** What was found among the keys that were used last. */
export interface OverPrivileged {
  found: { key: APIKey; used: string[]; unused: string[] }[];
  checked: number;
  /** The cursor of the next keys; '' at the end. */
  next: string;
}

/** What to start with, before any key was looked at. */
export const noneChecked: OverPrivileged = { found: [], checked: 0, next: '' };

/** Looks at the next keys, and adds those that use some of their permissions and not
 * others to what was found before. */
export async function overPrivileged(signal: AbortSignal, before = noneChecked): Promise<OverPrivileged> {
  const keys = await read<KeyList>('/v1/apikeys', { neverUsed: false, sort: 'lastUsedOn', order: 'desc', limit: mostChecked, cursor: before.next }, signal);
  const uses = await Promise.all(keys.items.filter(manages).map(async (key) => ({ key, use: await read<PermissionUse>(`/v1/apikeys/${key.id}/permissions`, undefined, signal) })));
  const more = uses
    .map(({ key, use }) => ({ key, used: use.used.map((one) => one.name).filter(Boolean), unused: use.unused }))
    .filter(({ key, used, unused }) => unused.length > 0 && used.length > 0 && (key.permissions ?? key.policyId) !== undefined);
  return {
    found: [...before.found, ...more].sort((a, b) => b.unused.length - a.unused.length),
    checked: before.checked + keys.items.length, next: keys.nextCursor ?? '',
  };
}

/** A key, and how its requests of seven days were answered. */
export interface Refused {
  key: APIKey;
  refused: number;
  allowed: number;
}

/** Returns the keys of which the largest share of requests was refused in seven days,
 * without deleted keys. */
export async function refusedOften(signal: AbortSignal): Promise<Refused[]> {
  const top = await read<Schemas['TopKeys']>('/v1/usage', undefined, signal);
  const share = (one: Schemas['TopKey']): number => one.refused / (one.refused + one.allowed);
  const worst = top.items.filter((one) => one.refused > 0).sort((a, b) => share(b) - share(a) || b.refused - a.refused);
  const found: Refused[] = [];
  for (let at = 0; at < worst.length && found.length < mostShown; at += mostShown) {
    const keys = await Promise.all(worst.slice(at, at + mostShown).map(async (one) => ({ ...one, key: await keyOrNone(one.id, signal) })));
    for (const { key, refused, allowed } of keys) if (key && !key.deletedOn) found.push({ key, refused, allowed });
  }
  return found.slice(0, mostShown);
}

async function keyOrNone(id: string, signal: AbortSignal): Promise<APIKey | undefined> {
  try {
    return await read<APIKey>(`/v1/apikeys/${id}`, undefined, signal);
  } catch (error) {
    if (error instanceof KeywardError && error.status === 404) return undefined;
    throw error;
  }
}
