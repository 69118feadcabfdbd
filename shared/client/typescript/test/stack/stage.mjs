// What the tests against a running Keyward share.
import { after } from 'node:test';
import assert from 'node:assert/strict';
import { Keyward } from '../../dist/index.js';

export const url = process.env.KEYWARD_URL;
export const key = process.env.KEYWARD_API_KEY;
export const keyward = new Keyward({ url, key });

let count = 0;

/** Returns a name that no other test uses. */
export const unique = (name) => `${name} ${process.pid}.${++count}`;

/** Creates a key that is deleted after the tests. */
export async function makeKey(name, body) {
  const made = await keyward.keys.create({ name: unique(name), ...body });
  after(() => keyward.keys.delete(made.id).catch((error) => assert.equal(error.status, 404)));
  return made;
}

/** Waits until a condition holds, for at most a minute. */
export async function until(what, holds) {
  const end = Date.now() + 60_000;
  while (!await holds()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
