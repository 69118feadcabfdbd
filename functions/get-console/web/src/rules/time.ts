const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400], ['month', 30 * 86_400], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

/** Returns a time as people say it, such as '3 hours ago'. */
export function ago(time: Date, now = new Date()): string {
  const seconds = (time.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 0 ? 'in a moment' : 'just now';
}

const exactly = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const shortly = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** Returns a time to the second, in the reader's zone. */
export const exact = (time: Date): string => exactly.format(time);

/** Returns the day of a time, in the reader's zone. */
export const day = (time: Date): string => shortly.format(time);

export const daysFromNow = (days: number, now = Date.now()): Date => new Date(now + days * 86_400_000);

/** Returns a length of time in words, such as '2 hours'. */
export function span(seconds: number): string {
  for (const [unit, size] of units.slice(2)) {
    if (seconds >= size && seconds % size === 0) {
      const n = seconds / size;
      return `${n} ${unit}${n === 1 ? '' : 's'}`;
    }
  }
  return seconds >= 60 ? span(Math.round(seconds / 60) * 60) : `${seconds} s`;
}
