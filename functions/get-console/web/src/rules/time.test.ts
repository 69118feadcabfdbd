import { expect, test } from 'vitest';
import { ago, span } from './time';

test('times are said as people say them', () => {
  const now = new Date('2026-01-10T12:00:00Z');
  const at = (text: string): string => ago(new Date(text), now);
  expect(at('2026-01-10T11:59:40Z')).toBe('just now');
  expect(at('2026-01-10T12:00:20Z')).toBe('in a moment');
  expect(at('2026-01-10T09:00:00Z')).toBe('3 hours ago');
  expect(at('2026-01-13T13:00:00Z')).toBe('in 3 days');
  expect(at('2025-12-01T12:00:00Z')).toBe('last month');
});

test('lengths of time have their largest unit', () => {
  expect([60, 900, 3600, 7 * 86_400, 90, 30].map(span)).toEqual(['1 minute', '15 minutes', '1 hour', '7 days', '2 minutes', '30 s']);
});
