import { expect, test } from 'vitest';
import type { APIKey } from '../rules/keys';
import { change, creation, draftOf, emptyDraft, expiryOf } from './draft';

const key = { id: '1', name: 'a', description: '', permissions: ['P', 'Q'], redactedApiKey: '', createdBy: { username: '', userId: '' }, lastModifiedBy: {}, createdOn: '' } as APIKey;

test('a new key has what was chosen, and nothing else', () => {
  const draft = { ...emptyDraft('permissions'), name: ' a ', permissions: ['P'], expiry: 'never' };
  expect(creation(draft)).toEqual({ name: 'a', description: '', permissions: ['P'] });
  expect(creation({ ...draft, grant: 'policy', policy: '7' })).toEqual({ name: 'a', description: '', policyId: '7' });
  expect(creation({ ...draft, grant: 'personal', user: '8', addresses: '::1', services: ['s'], recoverable: true }))
    .toEqual({ name: 'a', description: '', type: 'personal', onBehalfOf: '8', allowIps: ['::1'], services: ['s'], recoverable: true });
});

test('a change has only what differs, so that it undoes nobody else’s', () => {
  const before = draftOf(key);
  expect(change(before, before)).toEqual({});
  expect(change(before, { ...before, permissions: ['Q', 'P'] })).toEqual({});
  expect(change(before, { ...before, description: 'd', expiry: 'never' })).toEqual({ description: 'd', expiresOn: null });
  expect(change(before, { ...before, grant: 'policy', policy: '7' })).toEqual({ policyId: '7' });
  expect(change({ ...before, addresses: '::1' }, before)).toEqual({ allowIps: null });
  const withPolicy = draftOf({ ...key, permissions: undefined, policyId: '7' });
  expect(change(withPolicy, { ...withPolicy, grant: 'permissions', permissions: ['P'] })).toEqual({ permissions: ['P'], policyId: null });
});

test('an expiry is so many days from now', () => {
  expect(expiryOf({ ...emptyDraft('permissions'), expiry: '7' }, Date.parse('2026-01-01T00:00:00Z'))).toBe('2026-01-08T00:00:00.000Z');
  expect(expiryOf({ ...emptyDraft('permissions'), expiry: 'never' })).toBeUndefined();
});
