import { useEffect, useRef, useState } from 'preact/hooks';
import { read } from '../api/client';
import type { Schemas } from '../api/schema';
import { Bars } from '../parts/Bars';

type Usage = Schemas['Usage'];

const hours = 36;

// At most this many are read at a time, so that the list itself never waits.
let free = 4;
const waiting: (() => void)[] = [];

async function turn<T>(work: () => Promise<T>): Promise<T> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free--;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }
}

/** A key's requests in the last 36 hours. It is read when it comes into view, and
 * not at all for a key that was not used in that time. */
export function Recent({ id, used }: { id: string; used: string | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const [counts, setCounts] = useState<number[] | 'unknown'>();
  const idle = !used || Date.parse(used) < Date.now() - hours * 3_600_000;
  useEffect(() => {
    if (idle || !place.current) return;
    const abort = new AbortController();
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      turn(() => readHours(id, abort.signal)).then(setCounts, () => { if (!abort.signal.aborted) setCounts('unknown'); }); // the table is whole without it
    });
    observer.observe(place.current);
    return () => { observer.disconnect(); abort.abort(); };
  }, [id, idle]);
  if (idle) return <span class="soft">None</span>;
  if (counts === 'unknown') return <span class="soft">Not known</span>;
  return <div ref={place}><Bars counts={counts ?? Array<number>(hours).fill(0)} label={counts ? describe(counts) : 'Loading'} /></div>;
}

async function readHours(id: string, signal: AbortSignal): Promise<number[]> {
  signal.throwIfAborted();
  const end = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const from = end - hours * 3_600_000;
  const usage = await read<Usage>(`/v1/apikeys/${id}/usage`, { by: 'hour', from: new Date(from).toISOString() }, signal);
  const counts = Array<number>(hours).fill(0);
  for (const row of usage.items) {
    const at = Math.floor((Date.parse(row.start) - from) / 3_600_000);
    if (at >= 0 && at < hours) counts[at] = row.allowed + row.refused;
  }
  return counts;
}

function describe(counts: number[]): string {
  const all = counts.reduce((sum, n) => sum + n, 0);
  return `${all} ${all === 1 ? 'request' : 'requests'} in the last 36 hours, at most ${Math.max(...counts)} in an hour`;
}
