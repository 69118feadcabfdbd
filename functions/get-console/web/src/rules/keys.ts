import type { Schemas } from '../api/schema';
import type { Tone } from '../parts/Badge';

export type APIKey = Schemas['APIKey'];

const soon = 7 * 86_400_000;

/** Returns a key's states in words, the gravest first. There is at least one. */
export function states(key: APIKey, now = Date.now()): { tone: Tone; text: string }[] {
  const found: { tone: Tone; text: string }[] = [];
  if (key.deletedOn) found.push({ tone: 'off', text: 'Deleted' });
  if (key.exposure) found.push({ tone: 'bad', text: 'Leaked' });
  if (key.enabled === false) found.push({ tone: 'off', text: 'Disabled' });
  if (expired(key, now)) found.push({ tone: 'bad', text: 'Expired' });
  if (key.notBefore && Date.parse(key.notBefore) > now) found.push({ tone: 'wait', text: 'Not yet valid' });
  if (found.length === 0) found.push({ tone: 'good', text: 'Active' });
  if (overlap(key, now)) found.push({ tone: 'wait', text: 'Two secrets' });
  return found;
}

export const expired = (key: APIKey, now = Date.now()): boolean => Boolean(key.expiresOn) && Date.parse(key.expiresOn ?? '') <= now;

/** Reports whether a key expires within seven days. */
export function expiresSoon(key: APIKey, now = Date.now()): boolean {
  return Boolean(key.expiresOn) && !expired(key, now) && Date.parse(key.expiresOn ?? '') - now < soon;
}

/** Returns the previous secret while it still works. */
export function overlap(key: APIKey, now = Date.now()) {
  const previous = key.secrets?.[1];
  return previous?.endsOn && Date.parse(previous.endsOn) > now ? previous : undefined;
}

/** Returns what a key may do, in a few words. */
export function grant(key: APIKey): string {
  if (key.policyName ?? key.policyId) return key.policyName ?? 'A policy';
  if (key.permissions === undefined) return key.type === 'personal' ? 'All of its user’s' : 'No permissions';
  return key.permissions.length === 0 ? 'No permissions' : key.permissions.length === 1 ? '1 permission' : `${key.permissions.length} permissions`;
}

/** Returns what a key is called, also where it has no name. */
export const called = (key: { name?: string; redactedApiKey?: string }): string => key.name || key.redactedApiKey || 'A key without a name';
