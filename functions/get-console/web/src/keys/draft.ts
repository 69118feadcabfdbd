// What a form says about a key, and what of it is sent.
import type { Schemas } from '../api/schema';
import { addressesIn } from '../rules/addresses';
import type { APIKey } from '../rules/keys';
import { daysFromNow } from '../rules/time';

export type Grant = 'permissions' | 'policy' | 'personal';

export interface Draft {
  name: string;
  description: string;
  grant: Grant;
  permissions: string[];
  policy: string;
  /** The user that a personal key acts as; empty for the caller. */
  user: string;
  /** A number of days, 'date', 'never', or 'keep' for what the key has. */
  expiry: string;
  date: string;
  addresses: string;
  services: string[];
  recoverable: boolean;
}

export const emptyDraft = (grant: Grant): Draft => ({
  name: '', description: '', grant, permissions: [], policy: '', user: '',
  expiry: '90', date: '', addresses: '', services: [], recoverable: false,
});

/** Returns the draft of a key as it is. */
export const draftOf = (key: APIKey): Draft => ({
  name: key.name, description: key.description,
  grant: key.type === 'personal' && !key.policyId && !key.permissions ? 'personal' : key.policyId ? 'policy' : 'permissions',
  permissions: key.permissions ?? [], policy: key.policyId ?? '', user: key.onBehalfOf ?? '',
  expiry: 'keep', date: '', addresses: (key.allowIps ?? []).join('\n'), services: key.services ?? [], recoverable: key.recoverable ?? false,
});

/** Returns when a key expires by its draft; undefined for never. */
export function expiryOf(draft: Draft, now = Date.now()): string | undefined {
  if (draft.expiry === 'never') return undefined;
  // The end of that day where the reader is.
  if (draft.expiry === 'date') return draft.date ? new Date(`${draft.date}T23:59:59`).toISOString() : undefined;
  return daysFromNow(Number(draft.expiry), now).toISOString();
}

type Body = Schemas['KeyBody'];

/** Returns the body that creates the key. */
export function creation(draft: Draft): Body {
  const addresses = addressesIn(draft.addresses);
  return {
    name: draft.name.trim(),
    description: draft.description,
    ...(draft.grant === 'personal' && { type: 'personal' as const, ...(draft.user && { onBehalfOf: draft.user }) }),
    ...(draft.grant === 'policy' && { policyId: draft.policy }),
    ...(draft.grant === 'permissions' && { permissions: draft.permissions }),
    ...(draft.expiry !== 'never' && { expiresOn: expiryOf(draft) }),
    ...(addresses.length > 0 && { allowIps: addresses }),
    ...(draft.services.length > 0 && { services: draft.services }),
    ...(draft.recoverable && { recoverable: true }),
  };
}

/** Returns the body that changes a key: only what differs from before. */
export function change(before: Draft, after: Draft): Schemas['KeyPatch'] {
  const body: Schemas['KeyPatch'] = {};
  if (after.name !== before.name) body.name = after.name.trim();
  if (after.description !== before.description) body.description = after.description;
  if (after.grant !== before.grant || after.policy !== before.policy || !same(after.permissions, before.permissions)) {
    if (after.grant === 'policy') body.policyId = after.policy;
    if (after.grant === 'permissions') Object.assign(body, { permissions: after.permissions }, before.grant === 'policy' && { policyId: null });
    if (after.grant === 'personal') Object.assign(body, before.grant === 'policy' ? { policyId: null } : { permissions: null });
  }
  if (after.expiry !== 'keep') body.expiresOn = expiryOf(after) ?? null;
  if (after.addresses !== before.addresses) body.allowIps = orNull(addressesIn(after.addresses));
  if (!same(after.services, before.services)) body.services = orNull(after.services);
  return body;
}

const orNull = (list: string[]): string[] | null => (list.length > 0 ? list : null);

const same = (a: string[], b: string[]): boolean => a.length === b.length && [...a].sort().every((item, i) => item === [...b].sort()[i]);
