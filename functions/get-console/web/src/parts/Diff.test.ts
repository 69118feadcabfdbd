import { expect, test } from 'vitest';
import { readable } from './Diff';

test('what a rotation with an overlap records is said in words', () => {
  const recorded = '1 kw_123456...abcdef until 2030-01-02T03:04:05Z or ';
  expect(readable(`${recorded}0s after its successor is used`)).toBe(`${recorded}at the first use of the new secret`);
  expect(readable(`${recorded}1h0m0s after its successor is used`)).toBe(`${recorded}1h0m0s after the first use of the new secret`);
});
