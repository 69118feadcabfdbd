import { expect, test, vi } from 'vitest';
import { refusedOften } from './attention';

const { keys, uses } = vi.hoisted(() => ({
  keys: new Map<string, { id: string; deletedOn?: string }>(),
  uses: [] as { id: string; refused: number; allowed: number }[],
}));

vi.mock('../api/client', () => {
  class KeywardError extends Error { status = 404; }
  return {
    KeywardError,
    read: async (path: string) => {
      if (path === '/v1/usage') return { items: [...uses] };
      const key = keys.get(path.slice('/v1/apikeys/'.length));
      if (!key) throw new KeywardError();
      return key;
    },
  };
});
vi.mock('../rules/rights', () => ({ manages: () => true }));

test('the keys of which the largest share was refused come first, and no deleted ones', async () => {
  for (let i = 0; i < 10; i++) uses.push({ id: `gone${i}`, refused: 100, allowed: 0 });
  for (let i = 0; i < 8; i++) {
    uses.push({ id: `k${i}`, refused: 1, allowed: 7 - i });
    keys.set(`k${i}`, { id: `k${i}` });
  }
  uses.push({ id: 'many', refused: 500, allowed: 9500 }, { id: 'none', refused: 0, allowed: 5 }, { id: 'restorable', refused: 5, allowed: 0 });
  for (const id of ['many', 'none']) keys.set(id, { id });
  keys.set('restorable', { id: 'restorable', deletedOn: '2030-01-01T00:00:00Z' });
  expect((await refusedOften(new AbortController().signal)).map((one) => one.key.id)).toEqual(['k7', 'k6', 'k5', 'k4', 'k3', 'k2']);
});
