// Who is signed in. The credential is in this module's memory alone: in no
// storage, URL, cookie or log. A reload of the page forgets it.
import { computed, signal } from '@preact/signals';
import type { Schemas } from './api/schema';

export type WhoAmI = Schemas['WhoAmI'];

interface Session {
  authorization: string;
  me: WhoAmI;
}

const current = signal<Session | null>(null);

/** Counts the times that somebody signed in, so that pages read again. */
export const generation = signal(0);

/** Why the last session ended; '' before the first. */
export const reason = signal('');

/** Who is or was last signed in. */
export const me = signal<WhoAmI | null>(null);

/** Who somebody is, whichever credential they show. */
export const identity = (): string => (me.value === null ? '' : `${me.value.orgId}/${me.value.user?.id ?? me.value.id}`);

export const signedIn = computed(() => current.value !== null);

export const credential = (): string => current.value?.authorization ?? '';

/** Begins a session. */
export function begin(authorization: string, who: WhoAmI): void {
  current.value = { authorization, me: who };
  me.value = who;
  reason.value = '';
  generation.value++;
  used();
}

/** Ends the session, and forgets everything. */
export function signOut(): void {
  current.value = null;
  me.value = null;
  reason.value = '';
}

/** Ends the session, but keeps the page as it is for who signs in again. A late
 * answer to an earlier session's request ends nothing. */
export function lost(why: string, authorization = credential()): void {
  if (current.value === null || authorization !== current.value.authorization) return;
  current.value = null;
  reason.value = why;
}

/** Reports whether the caller holds any one of these permissions. */
export const holds = (...names: string[]): boolean => names.some((name) => me.value?.permissions.includes(name));

/** Reports whether the caller may manage keys besides its own. */
export const managesKeys = (): boolean => holds('AdministerApiKeys', 'ManageApiKeys');

export const idleLimit = 30 * 60_000;

let lastUse = Date.now();

const used = (): void => { lastUse = Date.now(); };

/** Ends the session after half an hour without use. The clock decides and not a
 * timer, which a sleeping machine stops. */
export function watchIdleness(): void {
  const check = (): void => {
    if (Date.now() - lastUse >= idleLimit) lost('You were signed out after 30 minutes without use.');
  };
  const note = (): void => { check(); used(); };
  for (const event of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    addEventListener(event, note, { capture: true, passive: true });
  }
  document.addEventListener('visibilitychange', check);
  setInterval(check, 15_000);
}
